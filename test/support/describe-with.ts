import { describe, it } from '@jest/globals';
import { leftOutNotice, type Needed } from './left-out-notice.js';

/** Where it is not there, the tests are left out, with a line that says so. */
export function describeWith(needed: Needed, name: string, block: () => void): void {
  const notice = leftOutNotice(process.env, needed, `left out is "${name}"`);
  if (notice === undefined) {
    describe(name, block);
    return;
  }
  process.stderr.write(`${notice}\n`);
  // Shown as skipped in the summary, besides the line above.
  describe.skip(name, () => it(`is left out: ${needed.what} not found`, () => undefined));
}
