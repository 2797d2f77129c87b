import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ReplicaIdentity } from '../../src/app/replica-identity.js';
import { newId } from '../../src/ids.js';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hub-replica-'));
  folder = join(root, 'spool');
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** As a copied volume is found by another replica. */
function copied(): string {
  const copy = join(root, 'copy');
  cpSync(folder, copy, { recursive: true });
  return copy;
}

describe('ReplicaIdentity', () => {
  it('is the same after a restart', () => {
    const { id } = ReplicaIdentity.open(folder);

    expect(ReplicaIdentity.open(folder)).toMatchObject({ id, former: [] });
  });

  it('is a new one in a copy of the folder, which knows of the other, and the original keeps its own', () => {
    const { id } = ReplicaIdentity.open(folder);
    const copy = copied();

    const other = ReplicaIdentity.open(copy);

    expect(other.id).not.toBe(id);
    expect(other.former).toEqual([id]);
    expect(ReplicaIdentity.open(folder)).toMatchObject({ id, former: [] });
  });

  it('knows of its former lives until nothing is left of them, over a restart too', () => {
    const first = ReplicaIdentity.open(folder, 'one machine').id;
    const second = ReplicaIdentity.open(folder, 'the same machine, started again').id;
    const third = ReplicaIdentity.open(folder, 'another machine');
    expect(ReplicaIdentity.open(folder, 'another machine')).toMatchObject({ id: third.id, former: [first, second] });

    third.forgetFormer();

    expect(ReplicaIdentity.open(folder, 'another machine')).toMatchObject({ id: third.id, former: [] });
  });

  it('is kept where an earlier release has not written down its place', () => {
    const id = newId('replica');
    writeFileSync(join(folder, 'replica-id'), `${id}\n`);

    expect(ReplicaIdentity.open(folder).id).toBe(id);
    expect(ReplicaIdentity.open(copied()).id).not.toBe(id);
  });

  it('is a new one where its file is damaged', () => {
    writeFileSync(join(folder, 'replica-id'), 'rep_half\n');

    const { former, id } = ReplicaIdentity.open(folder);

    expect(former).toEqual([]);
    expect(ReplicaIdentity.open(folder).id).toBe(id);
  });
});
