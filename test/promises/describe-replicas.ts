import { afterAll, beforeAll } from '@jest/globals';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { Replicas } from './replicas.js';

/** Runs `block` with so many replicas on a MariaDB of its own; where none is installed, says that it is left out. */
export function describeReplicas(name: string, count: number, block: (replicas: () => Replicas) => void): void {
  describeWithMariaDb(name, () => {
    let replicas: Replicas;
    beforeAll(async () => {
      replicas = await Replicas.start(count);
    });
    afterAll(() => replicas.stop());
    block(() => replicas);
  });
}
