/** Lets few in at a time and keeps few waiting: checking a password costs memory and time. */
export class Turnstile {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly insideMax: number,
    private readonly waitingMax: number,
  ) {}

  /** Runs `work` when there is room; null when too many wait already. */
  async pass<T>(work: () => Promise<T>): Promise<{ readonly result: T } | null> {
    if (this.inside >= this.insideMax) {
      if (this.waiting.length >= this.waitingMax) return null;
      await new Promise<void>((enter) => this.waiting.push(enter));
    } else {
      this.inside += 1;
    }
    try {
      return { result: await work() };
    } finally {
      const next = this.waiting.shift();
      // The place is handed over rather than given up, so that nobody slips in between.
      if (next === undefined) this.inside -= 1;
      else next();
    }
  }
}
