/** One piece of work for each key at a time in this process; who comes meanwhile shares its result. */
export class Flights<T> {
  private readonly underWay = new Map<string, Promise<T>>();

  /** The work goes on when a caller gives up waiting. */
  join(key: string, start: () => Promise<T>): Promise<T> {
    const running = this.underWay.get(key);
    if (running) return running;
    const flight = start().finally(() => this.underWay.delete(key));
    this.underWay.set(key, flight);
    return flight;
  }

  /** Resolves when all that is under way has ended, well or not. */
  async landed(): Promise<void> {
    await Promise.allSettled(this.underWay.values());
  }
}
