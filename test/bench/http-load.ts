import { connect, type Socket } from 'node:net';

export interface LoadRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export const AT_ONCE = 64;
const END_OF_HEADERS = '\r\n\r\n';
/** Of HTTP/1.1 200. */
const STATUS_AT = 9;
const STATUS_2XX = '2'.charCodeAt(0);

/**
 * How many answers a second a server gives to the same forms over and over, on connections that stay open, each with one
 * of them and one request at a time. Over bare sockets: whoever asks must cost less than whoever answers.
 *
 * @throws Error for an answer with another status than 200
 */
export async function answersPerSecond(requests: readonly LoadRequest[], forMs: number): Promise<number> {
  const texts = requests.map(textOf);
  const { hostname, port } = new URL(requests[0]?.url ?? '');
  const endsAt = performance.now() + forMs;
  const beganAt = performance.now();
  const counts = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, index) =>
      askUntil(connect(Number(port), hostname), texts[index % texts.length] ?? '', endsAt),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - beganAt) / 1000);
}

function askUntil(socket: Socket, request: string, endsAt: number): Promise<number> {
  let answered = 0;
  return new Promise((done, failed) => {
    socket
      .setNoDelay()
      .on('error', failed)
      .on('connect', () => socket.write(request));
    const isWhole = answerReader();
    socket.on('data', (chunk) => {
      try {
        if (!isWhole(chunk)) return;
      } catch (error) {
        return failed(error as Error);
      }
      answered += 1;
      if (performance.now() < endsAt) socket.write(request);
      else socket.end(() => done(answered));
    });
  });
}

/**
 * Tells with which chunk an answer is whole. All are as long as the first one, so only that one is read: of the others
 * the bytes are counted, and the status is looked at.
 */
function answerReader(): (chunk: Buffer) => boolean {
  let first = '';
  let length = 0;
  let received = 0;
  return (chunk) => {
    if (received === 0 && chunk[STATUS_AT] !== STATUS_2XX) throw new Error(chunk.toString('latin1'));
    received += chunk.length;
    if (length === 0) {
      first += chunk.toString('latin1');
      if (!isWhole(first)) return false;
      length = received;
    }
    if (received > length) throw new Error(`An answer is not as long as the first one: ${chunk.toString('latin1')}`);
    if (received < length) return false;
    received = 0;
    return true;
  };
}

function isWhole(received: string): boolean {
  const headersEnd = received.indexOf(END_OF_HEADERS);
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(received) ?? [];
  return headersEnd !== -1 && received.length === headersEnd + END_OF_HEADERS.length + Number(length);
}

function textOf({ body, headers, url }: LoadRequest): string {
  const { host, pathname } = new URL(url);
  const all = { host, 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${pathname} HTTP/1.1`, ...lines, '', body].join('\r\n');
}
