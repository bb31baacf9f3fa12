import {
  coveredCount,
  decideResume,
  paidWithoutUs,
  recheckAtFor,
  waitReasons,
  type Payout,
  type WaitReason,
} from '@qingfen/core-payout';
import { isInfrastructureError, type Database, type Tx } from '@qingfen/database';
import type { Unit, Units } from '@qingfen/messaging';
import type { Logger, WorkCounter } from '@qingfen/telemetry';
import { askBatchesSoon } from './batch.store.js';
import { credentialSummaries } from './credential.store.js';
import { recordVerdicts } from './decision-book.js';
import { isStopped, readStops } from './emergency-stop.store.js';
import type { Merchants } from './merchants.js';
import { payeeKey, type PayeeStore } from './payee.store.js';
import type { HeldPayout } from './payout.store.js';
import {
  fundsQueue,
  isAnyBlockOver,
  lockWaiting,
  openReasons,
  putOff,
  refusedHeads,
  shopsShortOfFunds,
  spokenForMinor,
  type WaitFilter,
} from './wait.store.js';

/** What the waiting room needs. */
export interface WaitingRoomParts {
  readonly database: Database;
  readonly units: Units;
  readonly payees: PayeeStore;
  readonly merchants: Merchants;
  readonly work: WorkCounter;
  readonly logger: Logger;
}

/** What is looked at: what is due by an instant, or everything. */
export interface Look {
  readonly dueBy: Date;
  /** Everything that waits, due or not: somebody asked for it now. */
  readonly everything: boolean;
  /** A step of the virtual clock: everything but waits for a date is looked at, due or not. */
  readonly isStep: boolean;
}

/** Ends waits: looks again at what is due, and resumes what the shop's events make possible. */
export class WaitingRoom {
  constructor(private readonly parts: WaitingRoomParts) {}

  /** Looks at what is due. Answers whether anything was resumed. */
  async round(look: Look): Promise<boolean> {
    const isBroad = look.everything || look.isStep;
    const open = await openReasons(this.parts.database, isBroad ? null : look.dueBy);
    const isBlockOver = await isAnyBlockOver(this.parts.database, look.dueBy);
    if (open.size === 0 && !isBlockOver) return false;
    this.parts.work.begin();
    let resumed = 0;
    if (isBlockOver) {
      const over = { state: 'blocked', dueBy: look.dueBy, isPatient: false } as const;
      resumed += await this.parts.units.run((unit) => resumeWaiting(unit, over, 'the block ended'));
    }
    for (const reason of waitReasons) {
      if (reason === 'funds' || !open.has(reason)) continue;
      resumed += await this.parts.units.run((unit) => this.recheck(unit, reason, look));
    }
    resumed += await this.recheckAllFunds(isBroad ? {} : { dueBy: look.dueBy });
    return resumed > 0;
  }

  /**
   * Payouts of these shops have ended: what waits for funds behind them may go on, and what waits since
   * Alipay refused the shop. Where Alipay does not tell the balance, that is how the next one is tried.
   */
  async noteEnded(shopIds: readonly string[]): Promise<boolean> {
    const funded = await this.recheckAllFunds({ shopIds });
    return (await this.resumeRefused(shopIds)) + funded > 0;
  }

  /** Alipay takes the requests of these shops again. */
  private async resumeRefused(shopIds: readonly string[]): Promise<number> {
    let resumed = 0;
    for (const shopId of (await refusedHeads(this.parts.database, shopIds)).keys()) {
      const filter = { reason: 'credentials', shopId } as const;
      resumed += await this.parts.units.run((unit) =>
        resumeWaiting(unit, filter, 'Alipay takes requests of the shop again'),
      );
    }
    return resumed;
  }

  private async recheckAllFunds(which: Parameters<typeof shopsShortOfFunds>[1]): Promise<number> {
    let resumed = 0;
    for (const shopId of await shopsShortOfFunds(this.parts.database, which)) {
      resumed += await this.recheckFunds(shopId);
    }
    return resumed;
  }

  private async recheck(unit: Unit, reason: WaitReason, look: Look): Promise<number> {
    const isDated = reason === 'limit' || reason === 'cooling-off';
    const isAll = look.everything || (look.isStep && !isDated);
    const filter: WaitFilter = isAll ? { reason } : { reason, dueBy: look.dueBy };
    const waiting = await lockWaiting(unit.tx, filter);
    if (waiting.length === 0) return 0;
    if (reason === paidWithoutUs) return this.askAbout(unit, waiting);
    const ready = await this.readyOf(unit.tx, reason, waiting);
    const others = waiting.filter((held) => !ready.includes(held));
    const next = recheckAtFor(reason, unit.now);
    if (others.length > 0 && next !== null) await putOff(unit.tx, others, next);
    if (reason === 'limit') endLimitAlerts(unit, ready);
    await resume(unit, ready, 'looked at again');
    return ready.length;
  }

  /** What waits for its payer at Alipay does not go on by itself: Alipay is asked what became of it. */
  private async askAbout(unit: Unit, waiting: readonly HeldPayout[]): Promise<number> {
    const next = recheckAtFor(paidWithoutUs, unit.now);
    if (next !== null) await putOff(unit.tx, waiting, next);
    const batches = waiting.flatMap(({ payout: { shopId, batchNo } }) => {
      return batchNo === null ? [] : [{ shopId, batchNo }];
    });
    await askBatchesSoon(unit.tx, batches);
    return waiting.length;
  }

  private async readyOf(
    tx: Tx,
    reason: WaitReason,
    waiting: readonly HeldPayout[],
  ): Promise<readonly HeldPayout[]> {
    const payouts = waiting.map(({ payout }) => payout);
    switch (reason) {
      case 'stop': {
        const stops = await readStops(tx);
        return waiting.filter(({ payout }) => !isStopped(stops, payout.shopId));
      }
      case 'credentials': {
        const shopIds = [...new Set(payouts.map(({ shopId }) => shopId))];
        const known = await credentialSummaries(tx, shopIds);
        const heads = await refusedHeads(tx, shopIds);
        // Of a shop that Alipay refuses only the oldest is tried; the others go on behind it.
        return waiting.filter(({ payout }) => {
          const head = heads.get(payout.shopId);
          return known.has(payout.shopId) && (head === undefined || head === payout.payoutId);
        });
      }
      case 'payee': {
        const known = await this.parts.payees.load(tx, payouts);
        // A stored request names its account already; Alipay is the judge of that one.
        return waiting.filter(
          ({ payout }) =>
            payout.appId !== null || (known.get(payeeKey(payout))?.account ?? null) !== null,
        );
      }
      default:
        return waiting;
    }
  }

  private async recheckFunds(shopId: string): Promise<number> {
    const { database, units, logger } = this.parts;
    const queue = await fundsQueue(database, shopId);
    const payouts = queue.map(({ payout }) => payout);
    const [first] = payouts;
    if (first === undefined) return 0;
    // Before the balance is asked for: what is paid meanwhile is then missing there and not here.
    const spokenMinor = await spokenForMinor(database, first);
    const covered = coveredBy(await this.balanceOf(shopId), spokenMinor, payouts);
    logger.info({ shopId, waiting: queue.length, covered }, 'payouts that wait for funds');
    return units.run(async (unit) => {
      const locked = await lockWaiting(unit.tx, { reason: 'funds', shopId });
      // Only a prefix of the queue may go, whoever holds one of its rows meanwhile.
      let same = 0;
      while (same < covered && isSame(locked[same], queue[same])) same += 1;
      const resumed = locked.slice(0, same);
      const others = locked.slice(same);
      const next = recheckAtFor('funds', unit.now);
      if (others.length > 0 && next !== null) await putOff(unit.tx, others, next);
      await resume(unit, resumed, 'the balance covers it');
      if (others.length === 0)
        unit.resolveAlert('payout-funds', { type: 'shop', id: shopId }, shopId);
      return resumed.length;
    });
  }

  private async balanceOf(shopId: string): Promise<bigint | null> {
    try {
      const merchant = await this.parts.merchants.of(shopId);
      return (await merchant?.balanceMinor()) ?? null;
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.parts.logger.error({ err: error, shopId }, "a shop's Alipay keys cannot be used");
      return null;
    }
  }
}

/** Ends the waits of these payouts: each goes back to `requested`. */
export async function resume(
  unit: Unit,
  waiting: readonly HeldPayout[],
  why: string,
): Promise<void> {
  const verdicts = waiting.map((held) => ({
    held,
    decision: decideResume(held.payout, why, unit.now),
  }));
  await recordVerdicts(unit, verdicts);
}

/** Ends waits of one reason at once, since what they waited for has come. */
export async function resumeWaiting(unit: Unit, filter: WaitFilter, why: string): Promise<number> {
  const waiting = await lockWaiting(unit.tx, { limit: 100_000, isPatient: true, ...filter });
  await resume(unit, waiting, why);
  return waiting.length;
}

/** They are judged anew, and what must wait longer raises it anew. */
function endLimitAlerts(unit: Unit, waiting: readonly HeldPayout[]): void {
  for (const shopId of new Set(waiting.map(({ payout }) => payout.shopId))) {
    unit.resolveAlert('payout-limit', { type: 'shop', id: shopId }, shopId);
  }
}

/** What limits and lists hold up of a shop is judged anew. */
export async function resumeHeldUp(unit: Unit, shopId: string, why: string): Promise<void> {
  const resumed = await resumeWaiting(unit, { reason: 'limit', shopId }, why);
  if (resumed > 0) unit.resolveAlert('payout-limit', { type: 'shop', id: shopId }, shopId);
  await resumeWaiting(unit, { reason: 'cooling-off', shopId }, why);
  await resumeWaiting(unit, { state: 'blocked', shopId }, why);
}

/** How many may go: one after the other where the balance is not told. */
function coveredBy(
  balanceMinor: bigint | null,
  spokenMinor: bigint,
  payouts: readonly Payout[],
): number {
  if (balanceMinor === null) return spokenMinor === 0n ? 1 : 0;
  return coveredCount(payouts, balanceMinor - spokenMinor);
}

function isSame(locked: HeldPayout | undefined, seen: HeldPayout | undefined): boolean {
  return locked !== undefined && locked.payout.payoutId === seen?.payout.payoutId;
}
