import { lookup } from 'node:dns/promises';

/** Finds the addresses of a host name. */
export interface Resolver {
  /** Every address in canonical text form, preferred ones first; rejects when the name has none. */
  resolve(hostname: string): Promise<readonly string[]>;
}

/** Asks the operating system, so `/etc/hosts` counts like for any other program of the machine. */
export class SystemResolver implements Resolver {
  async resolve(hostname: string): Promise<readonly string[]> {
    const found = await lookup(hostname, { all: true, order: 'verbatim' });
    return found.map(({ address }) => address);
  }
}
