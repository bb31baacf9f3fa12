import { Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { readPlan } from '@qingfen/core-plan';
import { advisoryLock } from '@qingfen/database';
import { Metrics } from '@qingfen/telemetry';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import {
  keepShops,
  keepVersions,
  versionsOf,
  type ToldShop,
  type ToldVersion,
} from './plan.store.js';
import { byShop, reignsOf } from './reign.js';
import { rebindWindows } from './window.store.js';

/** Held shared while orders are bound, exclusively while the versions change that they are bound by. */
export const planLock = 'order:plans';

/** Every plan that rules has published is readable, whatever an installation allows today. */
const levelsMax = 20;

/** Keeps copies of shops and plan versions, and binds orders anew when the dates say so. */
@Injectable()
export class PlanService {
  private readonly reboundCount;

  constructor(metrics: Metrics) {
    this.reboundCount = metrics.counter(
      'order_windows_rebound_total',
      'Return windows that a version published or withdrawn later has bound anew',
    );
  }

  /** Applies versions and withdrawals; safe to call twice and in any order. */
  async applyPlans(
    unit: Unit,
    events: readonly IncomingEvent<'settlement-plan-published'>[],
  ): Promise<void> {
    const told = distinctVersions(unit, events);
    if (told.length === 0) return;
    await advisoryLock(unit.tx, planLock, 'exclusive');
    await keepVersions(unit.tx, told);
    const earliest = earliestByShop(told);
    const versions = byShop(await versionsOf(unit.tx, [...earliest.keys()]));
    for (const [shopId, paidFrom] of earliest) {
      const reigns = reignsOf(versions.get(shopId) ?? []);
      this.reboundCount.inc(await rebindWindows(unit.tx, { shopId, paidFrom, reigns }));
    }
  }

  /** Keeps what a shop is now; of several in one batch the latest `updatedAt`. */
  async applyShops(unit: Unit, events: readonly IncomingEvent<'shop-upserted'>[]): Promise<void> {
    const shops = new Map<string, ToldShop>();
    for (const { data } of events) {
      const told = { ...data, updatedAt: parseInstant(data.updatedAt) };
      const known = shops.get(told.shopId);
      if (known === undefined || known.updatedAt <= told.updatedAt) shops.set(told.shopId, told);
    }
    if (shops.size > 0) await keepShops(unit.tx, [...shops.values()]);
  }
}

/** Each version once, its withdrawal included; an unreadable plan is its owner's to dead-letter. */
function distinctVersions(
  unit: Unit,
  events: readonly IncomingEvent<'settlement-plan-published'>[],
): readonly ToldVersion[] {
  const versions = new Map<string, ToldVersion>();
  for (const event of events) {
    const { data } = event;
    const reading = readPlan(data.plan, { levelsMax });
    if (reading.kind === 'refused') {
      unit.refuse(
        event,
        'invalid-data',
        `data.plan${reading.problems[0]?.pointer ?? ''} is refused`,
      );
      continue;
    }
    const key = `${data.shopId} ${data.version}`;
    const known = versions.get(key);
    if (known !== undefined && known.hash !== data.hash) continue; // immutable: the first one stands
    const withdrawnAt = data.withdrawnAt === undefined ? null : parseInstant(data.withdrawnAt);
    versions.set(key, {
      shopId: data.shopId,
      version: data.version,
      hash: data.hash,
      returnWindowDays: reading.plan.returnWindowDays,
      publishedAt: parseInstant(data.publishedAt),
      effectiveFrom: parseInstant(data.effectiveFrom),
      withdrawnAt: known?.withdrawnAt ?? withdrawnAt,
    });
  }
  return [...versions.values()];
}

/** A version can only change what was paid from its `effectiveFrom` on. */
function earliestByShop(told: readonly ToldVersion[]): ReadonlyMap<string, Date> {
  const earliest = new Map<string, Date>();
  for (const { shopId, effectiveFrom } of told) {
    const known = earliest.get(shopId);
    if (known === undefined || effectiveFrom < known) earliest.set(shopId, effectiveFrom);
  }
  return earliest;
}
