import { connect, type Socket } from 'node:net';

export interface LoadRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** What stands in the answer. */
  expected: string;
}

const AT_ONCE = 64;
const END_OF_HEADERS = '\r\n\r\n';
/** Of HTTP/1.1 200. */
const STATUS_AT = 9;
const STATUS_2XX = '2'.charCodeAt(0);

/** A request as it is sent, and how long its answer is, once there was one. */
interface Sent {
  text: string;
  expected: string;
  answerLength: number;
}

/**
 * How many answers a second a server gives to the same forms over and over, on connections that stay open, each with one
 * request at a time. They walk through the forms, so that at no moment two connections send the same one where there are
 * enough. Over bare sockets: whoever asks must cost less than whoever answers.
 *
 * @throws Error for an answer with another status than 200, or without what is expected
 */
export async function answersPerSecond(requests: readonly LoadRequest[], forMs: number): Promise<number> {
  const sent = requests.map((each) => ({ text: textOf(each), expected: each.expected, answerLength: 0 }));
  const { hostname, port } = new URL(requests[0]?.url ?? '');
  const endsAt = performance.now() + forMs;
  const beganAt = performance.now();
  const counts = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, index) => askUntil(connect(Number(port), hostname), sent, index, endsAt)),
  );
  return counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - beganAt) / 1000);
}

function askUntil(socket: Socket, requests: readonly Sent[], first: number, endsAt: number): Promise<number> {
  let answered = 0;
  const next = () => requests[(first + answered * AT_ONCE) % requests.length] as Sent;
  return new Promise((done, failed) => {
    socket
      .setNoDelay()
      .on('error', failed)
      .on('connect', () => socket.write(next().text));
    const isWhole = answerReader();
    socket.on('data', (chunk) => {
      try {
        if (!isWhole(chunk, next())) return;
      } catch (error) {
        return void socket.destroy(error as Error);
      }
      answered += 1;
      if (performance.now() < endsAt) socket.write(next().text);
      else socket.end(() => done(answered));
    });
  });
}

/**
 * Tells with which chunk an answer is whole. All to one request are as long as the first one, so only that one is read: of
 * the others the bytes are counted, and the status is looked at.
 */
function answerReader(): (chunk: Buffer, to: Sent) => boolean {
  let read = '';
  let received = 0;
  return (chunk, to) => {
    if (received === 0 && chunk[STATUS_AT] !== STATUS_2XX) throw new Error(chunk.toString('latin1'));
    received += chunk.length;
    if (to.answerLength === 0 || read !== '') {
      read += chunk.toString('latin1');
      if (!isWhole(read)) return false;
      if (!read.includes(to.expected)) throw new Error(`An answer is without ${to.expected}: ${read}`);
      to.answerLength ||= received;
      read = '';
    }
    if (received > to.answerLength) throw new Error(`An answer is longer than the first: ${chunk.toString('latin1')}`);
    if (received < to.answerLength) return false;
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
