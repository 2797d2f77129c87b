import { AsyncLocalStorage } from 'node:async_hooks';

/** For tests alone: from its first use on it costs time for each promise of the process. */
let running: AsyncLocalStorage<true> | undefined;

/** From now on a unit of work inside of another is refused. */
export function watchNesting(): void {
  running ??= new AsyncLocalStorage();
}

/** Runs what may hold no other unit of work. */
export function withoutNesting<T>(work: () => Promise<T>): Promise<T> {
  refuseNesting();
  return running ? running.run(true, work) : work();
}

/** @throws TypeError inside of a unit of work: on SQLite another one would wait for it, and it for that */
export function refuseNesting(): void {
  if (running?.getStore()) throw new TypeError('A unit of work is already open here: pass its transaction on');
}
