/** So many pieces of work at a time. The others wait for their turn, in the order in which they came. */
export class Lane {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(readonly width: number) {
    this.free = width;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((begin) => this.waiting.push(begin));
    try {
      return await work();
    } finally {
      const begin = this.waiting.shift();
      if (begin) begin();
      else this.free += 1;
    }
  }
}
