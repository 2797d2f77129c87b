import type { RequestContext } from '../request-context.js';
import type { Loaders } from './loaders.js';

/** Reads and writes the cookie that GraphQL uses: the refresh value of a session. */
export interface SessionCookie {
  /** Undefined without a cookie, or when the request comes from an origin that is not allowed. */
  read(): string | undefined;
  /** That of a session of the pages of `/oauth/authorize`, likewise. */
  readPages(): string | undefined;
  write(value: string, expiresAt: Date): void;
  clear(): void;
}

/** What every resolver gets; made anew for each request. */
export interface GraphQLContext extends RequestContext {
  readonly loaders: Loaders;
  readonly sessionCookie: SessionCookie;
}
