import { loadOrCreateMasterKeyFile } from '../../src/vault/master-keys.js';

/* Waits for a line on standard input, so that several start at once; then prints the key file's text. Argument: path. */
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  process.stdout.write(loadOrCreateMasterKeyFile(process.argv[2] ?? ''));
  process.stdin.destroy();
});
