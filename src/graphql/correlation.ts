import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/** Runs the work of one request, so that whatever fails in it can name the request. */
export function withCorrelationId<T>(requestId: string, work: () => T): T {
  return current.run(requestId, work);
}

/** The request that is being served: what a masked error tells the caller and what stands in the log. */
export function correlationId(): string | undefined {
  return current.getStore();
}
