import type { ServiceStatus } from '@qingfen/contracts';

/** What one room of a service adds to the service's status. */
export interface Contribution {
  /** Runs due and not finished. */
  readonly runsDue: number;
  readonly payouts: ServiceStatus['payouts'];
  /** The next instant, after the clock's now, at which something is scheduled: a stop of a move. */
  readonly nextDueAt: Date | null;
  /** In words, what keeps this service from being idle. */
  readonly holdingUp: readonly string[];
}

/** Rooms tell here what is due in them; the gateway decides from it whether the system is idle. */
export class StatusBoard {
  private readonly parts: (() => Promise<Partial<Contribution>>)[] = [];

  contribute(part: () => Promise<Partial<Contribution>>): void {
    this.parts.push(part);
  }

  async read(): Promise<Contribution> {
    const read = await Promise.all(this.parts.map((part) => part()));
    const due = read.flatMap(({ nextDueAt }) => (nextDueAt ? [nextDueAt.getTime()] : []));
    return {
      runsDue: read.reduce((sum, { runsDue }) => sum + (runsDue ?? 0), 0),
      payouts: read.find(({ payouts }) => payouts !== undefined)?.payouts,
      nextDueAt: due.length === 0 ? null : new Date(Math.min(...due)),
      holdingUp: read.flatMap(({ holdingUp }) => holdingUp ?? []),
    };
  }
}
