import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../sha256.js';
import { decodeHeader, EMPTY_HEADER, encodeHeader, HEADER_BYTES, type SlotHeader } from './slot-header.js';
import { DamagedSlotError, SpoolUnavailableError } from './spool-error.js';
import { syncFolder } from './spool-folder.js';

/** Whole size of a slot. A longer answer makes its file grow, for which the disk then needs space. */
export const SLOT_BYTES = 2 * 1024 * 1024;
/** The sealed text begins on a page of its own, so that no write of it touches the header. */
const TEXT_OFFSET = 4096;
const ZEROS = new Uint8Array(128 * 1024);

const SLOT_NAME = /^spool-[0-9a-f]{16}\.slot$/;
const DRAFT_NAME = /^spool-[0-9a-f]{16}\.slot\.new$/;

/** What a name in the spool folder stands for; other names belong to somebody else. */
export function kindOfFile(name: string): 'slot' | 'draft' | undefined {
  if (SLOT_NAME.test(name)) return 'slot';
  return DRAFT_NAME.test(name) ? 'draft' : undefined;
}

export interface SpooledAnswer {
  header: SlotHeader;
  sealed: string;
}

/**
 * An open file of the spool: a header and a sealed text.
 *
 * Its name stays the same whether it holds an answer or not, as a new name would have to be synced: the header tells.
 */
export class SlotFile {
  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** A new one that takes up its space on the disk already. It has its name when all of it is synced. */
  static async create(folder: string): Promise<SlotFile> {
    const path = join(folder, `spool-${randomBytes(8).toString('hex')}.slot`);
    const draft = `${path}.new`;
    const file = await open(draft, 'wx+', 0o600);
    try {
      await fill(file, 0, SLOT_BYTES);
      await file.sync();
      await rename(draft, path);
      await syncFolder(folder);
      return new SlotFile(path, file);
    } catch (error) {
      await file.close();
      await Promise.allSettled([rm(draft, { force: true }), rm(path, { force: true })]);
      throw error;
    }
  }

  /** Open for writing, so this fails on a disk that has become read-only. */
  static async open(path: string): Promise<SlotFile> {
    return new SlotFile(path, await open(path, 'r+'));
  }

  /**
   * Durable when it resolves. The header comes last, after the text is synced: until then the slot counts as empty.
   *
   * @throws SpoolUnavailableError when somebody removed the file meanwhile
   */
  async write(attemptId: string, sealed: string): Promise<SlotHeader> {
    const text = Buffer.from(sealed, 'utf8');
    const header = { attemptId, writtenAt: Date.now(), bytes: text.length, sha256: sha256(text) };
    const block = encodeHeader(header);
    await writeAll(this.file, text, TEXT_OFFSET);
    await this.file.datasync();
    await writeAll(this.file, block, 0);
    await this.file.datasync();
    if ((await this.file.stat()).nlink === 0) {
      throw new SpoolUnavailableError(`The slot ${this.path} was removed while it was in use.`);
    }
    return header;
  }

  /**
   * @returns undefined when it holds nothing
   * @throws DamagedSlotError
   */
  async read(): Promise<SpooledAnswer | undefined> {
    const { size } = await this.file.stat();
    const header = decodeHeader(await readUpTo(this.file, 0, HEADER_BYTES));
    if (size < SLOT_BYTES) throw new DamagedSlotError('The file was cut off.', header?.attemptId);
    if (!header) return undefined;
    const text = await readUpTo(this.file, TEXT_OFFSET, header.bytes);
    if (sha256(text) !== header.sha256) {
      throw new DamagedSlotError('The answer does not match its checksum.', header.attemptId);
    }
    return { header, sealed: text.toString('utf8') };
  }

  /** Empty when it resolves, and stays so. */
  async clearHeader(): Promise<void> {
    await writeAll(this.file, EMPTY_HEADER, 0);
    await this.file.datasync();
  }

  /** After the header, so that a kill in between leaves nothing that looks damaged. Not synced. */
  async clearText(bytes: number): Promise<void> {
    const end = TEXT_OFFSET + bytes;
    if (end > SLOT_BYTES) await this.file.truncate(SLOT_BYTES);
    await fill(this.file, TEXT_OFFSET, Math.min(end, SLOT_BYTES));
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

async function fill(file: FileHandle, from: number, to: number): Promise<void> {
  for (let position = from; position < to; position += ZEROS.length) {
    await writeAll(file, ZEROS.subarray(0, to - position), position);
  }
}

/** One write may take a part only, as on a disk that is nearly full. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Fewer bytes than asked for when the file ends before. */
async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
