import { localDate, localMidnight } from '@qingfen/calendar';
import type { Clock } from '@qingfen/clock';
import { judgeBrake, type BrakeFacts, type BrakeRule, type BrakeVerdict } from '@qingfen/core-risk';
import { isInfrastructureError, type Database } from '@qingfen/database';
import { audit } from '@qingfen/hosting';
import type { Units } from '@qingfen/messaging';
import { minor } from '@qingfen/money';
import type { Logger } from '@qingfen/telemetry';
import {
  askedSince,
  brakeMarks,
  foreseenOn,
  markStopped,
  sentLately,
  type BrakeMark,
} from './brake.store.js';
import { findStop, isStopped, putStop, readStops } from './emergency-stop.store.js';
import type { Merchants } from './merchants.js';
import type { RiskBook, ShopRisk } from './risk-book.js';
import { closeSendGate } from './send-gate.js';

/** Real milliseconds for which a balance that was asked for is taken as it is. */
const balanceFreshMs = 5_000;
const keptMax = 1_000;

/** What the brake needs. */
export interface BrakeParts {
  readonly database: Database;
  readonly units: Units;
  readonly clock: Clock;
  readonly merchants: Merchants;
  readonly risks: RiskBook;
  readonly logger: Logger;
}

/**
 * Sets the emergency stop of a shop by itself when too much fails, when more is to be paid than was foreseen,
 * or when its account is nearly empty. It never lifts one: a human does (R-OPS-2).
 */
export class Brake {
  private readonly balances = new Map<string, { readonly atMs: number; readonly minor: bigint }>();

  constructor(private readonly parts: BrakeParts) {}

  /** Judges shops of which something is to be sent, before any of it is. */
  async check(shopIds: readonly string[]): Promise<void> {
    const { database, risks } = this.parts;
    const shops = await risks.of(database, shopIds);
    const braked = [...shops].filter(([, { settings }]) => hasBrake(settings.brake));
    if (braked.length === 0) return;
    const stops = await readStops(database);
    for (const [shopId, shop] of braked) {
      if (isStopped(stops, shopId)) continue;
      const verdict = judgeBrake(await this.factsOf(shopId, shop));
      if (verdict !== null) await this.stop(shopId, verdict);
    }
  }

  private async factsOf(shopId: string, shop: ShopRisk): Promise<BrakeFacts> {
    const { database, clock } = this.parts;
    const { brake } = shop.settings;
    const now = clock.now();
    const today = localMidnight(now, shop.timezone);
    const marks = await brakeMarks(database, shopId);
    const after = marks.find(({ rule }) => rule === 'failures')?.liftedAt ?? null;
    const of = brake.failures?.of ?? 0;
    const lately =
      of === 0 ? { sent: 0, failed: 0 } : await sentLately(database, { shopId, after, of });
    const day = localDate(now, shop.timezone);
    const foreseen = brake.total === null ? null : await foreseenOn(database, shopId, day);
    const asked = foreseen === null ? 0n : await askedSince(database, shopId, today);
    const balance = brake.balanceMinMinor === null ? null : await this.balanceOf(shopId);
    return {
      settings: brake,
      lately,
      dayMinor: minor(asked),
      foreseenMinor: foreseen === null ? null : minor(foreseen),
      balanceMinor: balance === null ? null : minor(balance),
      passed: passedSince(marks, today),
    };
  }

  private async balanceOf(shopId: string): Promise<bigint | null> {
    const known = this.balances.get(shopId);
    const nowMs = performance.now();
    if (known !== undefined && nowMs - known.atMs < balanceFreshMs) return known.minor;
    try {
      const merchant = await this.parts.merchants.of(shopId);
      const found = (await merchant?.balanceMinor()) ?? null;
      if (this.balances.size >= keptMax) this.balances.clear();
      if (found === null) this.balances.delete(shopId);
      else this.balances.set(shopId, { atMs: nowMs, minor: found });
      return found;
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      this.parts.logger.error({ err: error, shopId }, "a shop's Alipay keys cannot be used");
      return null;
    }
  }

  /** Every send that was let in before, by any replica, has started when this resolves; none does after. */
  private async stop(shopId: string, { rule, words, wordsZh }: BrakeVerdict): Promise<void> {
    const { units, logger } = this.parts;
    const reason = `brake: ${words}`;
    const by = 'payout';
    await units.run(async (unit) => {
      await closeSendGate(unit.tx);
      const before = await findStop(unit.tx, shopId);
      if (before.stopped) return;
      await putStop(unit.tx, { shopId, stopped: true, reason, by, at: unit.now });
      await markStopped(unit.tx, { shopId, rule, at: unit.now });
      unit.alert({
        class: 'payout-brake',
        severity: 'critical',
        shopId,
        subject: { type: 'shop', id: shopId },
        message: `The shop's payouts have stopped by themselves: ${words}.`,
        messageZh: `店铺付款已自动停止: ${wordsZh}.`,
      });
      await audit(unit.tx, {
        caller: { issuer: by, subject: by, roles: [], requestId: `brake:${rule}` },
        action: 'payouts.stop',
        subject: { type: 'emergency-stop', id: shopId },
        shopId,
        before: { stopped: false },
        after: { stopped: true },
        reason,
        at: unit.now,
      });
    });
    logger.error({ shopId, rule, words }, 'the brake has stopped the payouts of a shop');
  }
}

function hasBrake({ failures, total, balanceMinMinor }: ShopRisk['settings']['brake']): boolean {
  return failures !== null || total !== null || balanceMinMinor !== null;
}

/** What somebody let pass today is not judged again today; failures are counted anew from then on. */
function passedSince(marks: readonly BrakeMark[], today: Date): ReadonlySet<BrakeRule> {
  const passed = marks.filter(({ rule, liftedAt }) => {
    return rule !== 'failures' && liftedAt !== null && liftedAt >= today;
  });
  return new Set(passed.map(({ rule }) => rule));
}
