import { z } from 'zod';
import { sha256 } from '../sha256.js';
import { DamagedSlotError } from './spool-error.js';

/** One sector: disks write it whole or not at all. */
export const HEADER_BYTES = 512;

const slotHeaderSchema = z.object({
  format: z.literal('hub-spool-1'),
  attemptId: z.string(),
  /** Milliseconds by the clock of this machine; for the order only. */
  writtenAt: z.number(),
  /** Length of the sealed text in UTF-8. */
  bytes: z.number().int().nonnegative(),
  /** Of the sealed text. */
  sha256: z.string(),
});
export type SlotHeader = Omit<z.infer<typeof slotHeaderSchema>, 'format'>;

/** The header of a slot that holds nothing. */
export const EMPTY_HEADER: Uint8Array = new Uint8Array(HEADER_BYTES);

/** A line of JSON, which `head -1` shows, and a line with its checksum; the rest is zeros. */
export function encodeHeader(header: SlotHeader): Buffer {
  const line = JSON.stringify({ format: 'hub-spool-1', ...header });
  const text = `${line}\n${sha256(line)}\n`;
  if (Buffer.byteLength(text) > HEADER_BYTES) throw new TypeError('An attempt id of this length fits in no slot');
  const block = Buffer.alloc(HEADER_BYTES);
  block.write(text);
  return block;
}

/**
 * @returns undefined when the slot holds nothing
 * @throws DamagedSlotError
 */
export function decodeHeader(block: Uint8Array): SlotHeader | undefined {
  const bytes = Buffer.from(block);
  if (bytes.length < HEADER_BYTES) throw new DamagedSlotError('The file ends within its header.');
  if (bytes.equals(EMPTY_HEADER)) return undefined;
  const [line = '', checksum] = bytes.toString('utf8').split('\n', 2);
  if (sha256(line) !== checksum) throw new DamagedSlotError('The header does not match its checksum.');
  const parsed = slotHeaderSchema.safeParse(JSON.parse(line));
  if (!parsed.success) throw new DamagedSlotError('The header has a form that this release does not know.');
  return parsed.data;
}
