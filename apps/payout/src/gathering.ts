import type { BatchGroup } from './batch.store.js';

interface Seen {
  readonly count: number;
  /** Since when it has had so many, and since when it is there; on `performance.now()`. */
  readonly sinceMs: number;
  readonly firstMs: number;
}

/** How often the quiet time it waits at most, however many more come. */
const patience = 10;

/**
 * Lets payouts come together before a batch is made of them: a run says them one after the other, and a
 * payer wants to confirm few batches. Only a matter of taste: nothing is lost with a process.
 */
export class Gathering {
  private seen = new Map<string, Seen>();

  constructor(
    /** Real milliseconds without another one after which a group is as large as it gets. */
    private readonly quietMs: number,
    private readonly realMs: () => number = () => performance.now(),
  ) {}

  /** The groups of which a batch may be made now, and those of a batch that is there. */
  ready(groups: readonly BatchGroup[], membersMax: number): BatchGroup[] {
    const nowMs = this.realMs();
    const seen = new Map<string, Seen>();
    const ready = groups.filter((group) => {
      if (group.batchNo !== null) return true;
      const { shopId, kind, currency, count } = group;
      const key = `${shopId}|${kind}|${currency}`;
      const before = this.seen.get(key);
      const sinceMs = before?.count === count ? before.sinceMs : nowMs;
      const firstMs = before?.firstMs ?? nowMs;
      seen.set(key, { count, sinceMs, firstMs });
      const isQuiet = nowMs - sinceMs >= this.quietMs;
      return isQuiet || count >= membersMax || nowMs - firstMs >= this.quietMs * patience;
    });
    this.seen = seen;
    return ready;
  }
}
