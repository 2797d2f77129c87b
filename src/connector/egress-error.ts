import { HubError } from '../errors.js';

/**
 * Why an outbound request brought no answer:
 * - `REFUSED`: the egress policy forbids it; nothing left the hub.
 * - `DNS`, `CONNECT`, `TLS`: no connection came about.
 * - `TIMEOUT`: one of the time limits ended it, at any stage.
 * - `RESET`: the connection ended before a whole, readable HTTP answer had arrived.
 * - `TOO_LARGE`: the answer exceeds the size limit.
 * - `ABORTED`: the caller gave up.
 */
export type EgressErrorKind = 'REFUSED' | 'DNS' | 'CONNECT' | 'TLS' | 'TIMEOUT' | 'RESET' | 'TOO_LARGE' | 'ABORTED';

const PERMANENT_KINDS: ReadonlySet<EgressErrorKind> = new Set(['REFUSED', 'TOO_LARGE', 'ABORTED']);

/** An outbound request that brought no answer. The message names the host, never the query, a credential or a body. */
export class EgressError extends HubError {
  readonly code = 'EGRESS';
  /**
   * Whether the remote side may have seen any byte of the request. False is certain, true is also said when in doubt:
   * who spends a one-time credential may send it again only after false.
   */
  readonly requestSent: boolean;

  constructor(
    readonly kind: EgressErrorKind,
    message: string,
    options: { requestSent?: boolean; cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.requestSent = options.requestSent ?? false;
  }

  /** True when the same request may succeed later without anybody changing anything. */
  get transient(): boolean {
    return !PERMANENT_KINDS.has(this.kind);
  }
}
