import { setTimeout as pause } from 'node:timers/promises';
import type { Database, Tx } from '@qingfen/database';
import { giveBack, takeTurns, type RatedApi } from './call-rate.store.js';

/**
 * Calls keep a little more apart than the rate asks for, so that some that the network delays do not
 * arrive as one too many in anybody's second.
 */
const slack = 0.97;

/** How fast Alipay may be called, by settings; absent: as fast as can be. */
export interface CallRates {
  readonly transfer?: number;
  readonly query?: number;
}

/** Real milliseconds between two calls; null where they need not keep apart. */
export function gapMsOf(rates: CallRates, api: RatedApi): number | null {
  const perSecond = rates[api];
  return perSecond === undefined ? null : 1_000 / (perSecond * slack);
}

/** Turns to call Alipay that one transaction takes, some for each application. */
export class Turns {
  private readonly left = new Map<string, number[]>();

  private constructor(
    private readonly api: RatedApi,
    private readonly gapMs: number | null,
  ) {}

  /** Takes as many as are wanted of each application and come soon enough. */
  static async take(
    tx: Tx,
    wish: {
      readonly api: RatedApi;
      readonly rates: CallRates;
      /** By application. */
      readonly wanted: ReadonlyMap<string, number>;
      readonly horizonMs: number;
    },
  ): Promise<Turns> {
    const { api, rates, horizonMs } = wish;
    const gapMs = gapMsOf(rates, api);
    const turns = new Turns(api, gapMs);
    if (gapMs === null) return turns;
    // One order for everybody who takes of several.
    for (const [appId, wanted] of [...wish.wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const waits = await takeTurns(tx, { appId, api, wanted, gapMs, horizonMs });
      const nowMs = performance.now();
      turns.left.set(
        appId,
        waits.map((waitMs) => nowMs + waitMs),
      );
    }
    return turns;
  }

  has(appId: string): boolean {
    return this.gapMs === null || (this.left.get(appId)?.length ?? 0) > 0;
  }

  /** The next turn of an application, on `performance.now()`. */
  next(appId: string): number {
    return this.left.get(appId)?.shift() ?? performance.now();
  }

  /** Gives back what was not used, while the transaction that took it lasts. */
  async giveBackUnused(tx: Tx): Promise<void> {
    if (this.gapMs === null) return;
    for (const [appId, unused] of this.left) {
      await giveBack(tx, { appId, api: this.api, gapMs: this.gapMs }, unused.length);
    }
  }
}

/** Applications whose last start is remembered; nobody calls so many within one gap. */
const spacedMax = 10_000;

/**
 * Keeps the starts of this process apart. Where a slow commit has let several turns pass they would all go
 * at once, and with those that follow on time be too many for a second.
 */
export class Spacing {
  private readonly freeAtMs = new Map<string, number>();

  /** `gapMs` is null where calls need not keep apart. */
  constructor(private readonly gapMs: number | null) {}

  /** When a call whose turn is at `turnMs` may start, and no other within a gap; as `nowMs`, of one clock. */
  startOf(appId: string, turnMs: number, nowMs: number): number {
    if (this.gapMs === null) return turnMs;
    const startMs = Math.max(turnMs, nowMs, this.freeAtMs.get(appId) ?? nowMs);
    if (this.freeAtMs.size >= spacedMax) this.freeAtMs.clear();
    this.freeAtMs.set(appId, startMs + this.gapMs);
    return startMs;
  }
}

/** Takes one turn of an application and waits for it. Answers false where none comes soon enough. */
export async function turnComes(
  database: Pick<Database, 'transaction'>,
  wish: {
    readonly api: RatedApi;
    readonly rates: CallRates;
    readonly appId: string;
    readonly horizonMs: number;
  },
): Promise<boolean> {
  const { api, rates, appId, horizonMs } = wish;
  if (gapMsOf(rates, api) === null) return true;
  const wanted = new Map([[appId, 1]]);
  const turns = await database.transaction((tx) => {
    return Turns.take(tx, { api, rates, wanted, horizonMs });
  });
  if (!turns.has(appId)) return false;
  await comes(turns.next(appId));
  return true;
}

/** Resolves when an instant of `performance.now()` has come. */
export async function comes(atMs: number): Promise<void> {
  const leftMs = atMs - performance.now();
  if (leftMs > 0) await pause(leftMs);
}
