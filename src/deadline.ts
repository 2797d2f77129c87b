/**
 * An instant that is some time away, by the monotonic clock and by that of the wall: while a machine sleeps, the former
 * stands still.
 */
export class Deadline {
  private readonly began = instants();

  constructor(private readonly ms: number) {}

  /** Milliseconds by the clock by which less is left; negative once it is over. */
  get leftMs(): number {
    return this.ms - Math.max(...instants().map((instant, index) => instant - (this.began[index] ?? 0)));
  }
}

function instants(): [number, number] {
  return [performance.now(), Date.now()];
}
