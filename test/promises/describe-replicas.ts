import { afterAll, beforeAll } from '@jest/globals';
import { describeWithMariaDb } from '../support/with-mariadb.js';
import { type EnvOf, Replicas } from './replicas.js';

/** Runs `block` with so many replicas on a MariaDB of its own; where none is installed, says that it is left out. */
export function describeReplicas(
  name: string,
  count: number,
  block: (replicas: () => Replicas) => void,
  envOf?: EnvOf,
): void {
  describeWithMariaDb(name, () => {
    let replicas: Replicas;
    beforeAll(async () => {
      replicas = await Replicas.start(count, envOf);
    });
    afterAll(() => replicas.stop());
    block(() => replicas);
  });
}
