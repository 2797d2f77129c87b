import type { IncomingHttpHeaders } from 'node:http';

/** A whole HTTP answer, redirects and errors included: whoever asked decides what the status means. */
export class EgressResponse {
  constructor(
    readonly status: number,
    readonly headers: Readonly<IncomingHttpHeaders>,
    /** Decoded from any `content-encoding`. */
    readonly body: Buffer,
    /** From the call until the last byte. */
    readonly durationMs: number,
  ) {}

  /** The first value of a header. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  }

  /** The body read as UTF-8, without a byte order mark; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    return new TextDecoder().decode(this.body);
  }
}
