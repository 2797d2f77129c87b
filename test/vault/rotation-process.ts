import 'reflect-metadata';
import { InterruptedValuesRepository } from './interrupted-values.repository.js';
import { VaultReplicas } from './vault-replicas.js';

/*
 * A hub that rotates its keys and stands still at the step it was told, until it is killed.
 * Arguments: step (`page` or `value`) and its number; environment: ROTATION_URL, ROTATION_MASTER_KEY.
 */
const [step = '', count = ''] = process.argv.slice(2);
const { ROTATION_URL: url = '', ROTATION_MASTER_KEY: masterKey = '' } = process.env;

async function standStill(): Promise<void> {
  process.stdout.write('standing still\n');
  return new Promise(() => setInterval(() => undefined, 60_000));
}

const { rotation } = await new VaultReplicas(url).start(masterKey, {
  values: (database) => new InterruptedValuesRepository(database, { step, count: Number(count) }, standStill),
});
await rotation.rotate();
process.stdout.write('finished\n');
process.exit();
