import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/**
 * Undoes a `content-encoding`. The hub asks for none, but an answer that comes compressed all the same may hold a
 * credential that exists nowhere else.
 *
 * @throws RangeError with code `ERR_BUFFER_TOO_LARGE` when the result exceeds `maxBytes`; no more than that is ever held
 * @see RFC 9110 §8.4
 */
export async function decodeContent(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity' || body.length === 0) return body;
  const decode = DECODERS.get(name);
  if (!decode) throw new Error('The content-encoding is not known.');
  return decode(body, { maxOutputLength: maxBytes });
}
