import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { addDays, localMonth, parseInstant } from '@qingfen/calendar';
import type { Plan } from '@qingfen/core-plan';
import {
  factsWanted,
  levelValue,
  monthBefore,
  paidVolumes,
  rateFactKey,
  refundedVolumes,
  refundRate,
  usesMonthFacts,
  type OrderFact,
  type RefundItem,
  type WantedFact,
} from '@qingfen/core-settlement';
import { advisoryLock } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { entriesLock } from './entry-book.js';
import { orderOfRow } from './order-fact.js';
import { PlanShelf } from './plan-shelf.js';
import {
  addVolumes,
  bookedSince,
  keepRateFacts,
  levelsOf,
  monthKeyText,
  volumeParts,
  volumesOf,
  type MonthKey,
  type VolumeChange,
} from './rate-fact.store.js';
import { itemsOf, refundsOf } from './refund.store.js';
import { timezoneOf } from './shop.store.js';

/** Orders that are counted together when counting begins. */
const ordersAtOnce = 1_000;

/** An order and the plan that prices it. */
export interface PricedOrder {
  readonly order: OrderFact;
  readonly plan: Plan;
}

/** A refund of an order, or (negative) its reversal. */
export interface RefundedOrder extends PricedOrder {
  readonly items: readonly RefundItem[];
}

/** Facts that dynamic rates follow (R-RUL-6): read once, when an order comes, and kept with it. */
@Injectable()
export class RateFactService {
  constructor(@Inject(PlanShelf) private readonly plans: PlanShelf) {}

  /**
   * Reads what the orders' rates follow, as it is now, and keeps it with them.
   * @returns the facts of those orders that follow any, by {@link orderKey}
   */
  async read(
    unit: Unit,
    orders: readonly PricedOrder[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, bigint>>> {
    const wanting = orders
      .map(({ order, plan }) => ({ order, wanted: unknownFacts(order, plan) }))
      .filter(({ wanted }) => wanted.length > 0);
    if (wanting.length === 0) return new Map();
    const valueOf = await this.valuesOf(unit, wanting);
    const found = wanting.map(({ order, wanted }) => {
      const facts = wanted.map((fact): [string, bigint] => {
        return [rateFactKey(fact.by, fact.payeeId), valueOf(order, fact)];
      });
      return { order, facts: new Map(facts) };
    });
    await keepRateFacts(
      unit.tx,
      found.map(({ order: { shopId, orderId }, facts }) => {
        const texts = [...facts].map(([key, value]) => [key, value.toString()]);
        return { shopId, orderId, facts: Object.fromEntries(texts) };
      }),
    );
    return new Map(
      found.map(({ order, facts }) => [
        orderKey(order),
        new Map([...(order.rateFacts ?? []), ...facts]),
      ]),
    );
  }

  /** Counts what orders add to their payees' months, in shops that have a rate by it. */
  async noteOrders(unit: Unit, orders: readonly PricedOrder[]): Promise<void> {
    const counting = await this.counting(unit, orders);
    const volumes = ({ order, plan }: PricedOrder): VolumeChange[] =>
      paidVolumes(order, plan).map(({ payeeId, amountMinor: paidMinor }) => {
        return { ...counting.monthOf(order, payeeId), paidMinor, refundedMinor: 0n };
      });
    await addVolumes(unit.tx, counting.orders.flatMap(volumes), randomInt(volumeParts));
  }

  /** Counts what refunds take of the same months. */
  async noteRefunds(unit: Unit, refunds: readonly RefundedOrder[]): Promise<void> {
    const counting = await this.counting(unit, refunds);
    const volumes = ({ order, plan, items }: RefundedOrder): VolumeChange[] =>
      refundedVolumes(order, plan, items).map(({ payeeId, amountMinor: refundedMinor }) => {
        return { ...counting.monthOf(order, payeeId), paidMinor: 0n, refundedMinor };
      });
    await addVolumes(unit.tx, counting.orders.flatMap(volumes), randomInt(volumeParts));
  }

  /**
   * A shop's first version with a rate by months has come: counts what was booked since the month before
   * it takes effect. To be called while no completion is half-way; refunds wait until this commits.
   */
  async begin(unit: Unit, shopId: string, effectiveFrom: Date): Promise<void> {
    await advisoryLock(unit.tx, entriesLock(shopId), 'exclusive');
    const month = monthBefore(localMonth(effectiveFrom, await timezoneOf(unit.tx, shopId)));
    // A day earlier than UTC has it: no zone is further ahead, and what is too early counts for nobody.
    const since = addDays(parseInstant(`${month}-01T00:00:00Z`), -1);
    const versions = (await this.plans.versionsOf(unit.tx, [shopId])).get(shopId) ?? [];
    const planOf = new Map(versions.map(({ version, plan }) => [version, plan]));
    for (let after = ''; ;) {
      const rows = await bookedSince(unit.tx, { shopId, since, after, limit: ordersAtOnce });
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.order_id;
      const orders = rows.flatMap((row): PricedOrder[] => {
        const plan = planOf.get(row.plan_version);
        return plan === undefined ? [] : [{ order: orderOfRow(row), plan }];
      });
      await this.noteOrders(unit, orders);
      const byKey = new Map(orders.map((one) => [orderKey(one.order), one]));
      const refunds = await refundsOf(
        unit.tx,
        orders.map(({ order }) => order),
      );
      await this.noteRefunds(
        unit,
        refunds.flatMap((refund) => {
          const shopId = refund.shop_id;
          const one = byKey.get(orderKey({ shopId, orderId: refund.order_id }));
          if (refund.state !== 'applied' || one === undefined) return [];
          return [{ ...one, items: itemsOf(refund.items) }];
        }),
      );
    }
  }

  /** Moves what orders count for from the payees of one version to those of another. */
  async noteRebindings(
    unit: Unit,
    rebound: readonly {
      readonly order: OrderFact;
      readonly from: Plan;
      readonly to: Plan | undefined;
      readonly items: readonly RefundItem[];
    }[],
  ): Promise<void> {
    const asked = rebound.map((one) => ({ ...one, plan: one.from }));
    const counting = await this.counting(unit, asked);
    const changes = counting.orders.flatMap(({ order, from, to, items }) => {
      const of = (plan: Plan | undefined, sign: bigint): VolumeChange[] => {
        if (plan === undefined) return [];
        const paid = paidVolumes(order, plan).map(({ payeeId, amountMinor }) => {
          const month = counting.monthOf(order, payeeId);
          return { ...month, paidMinor: sign * amountMinor, refundedMinor: 0n };
        });
        const refunded = refundedVolumes(order, plan, items).map(({ payeeId, amountMinor }) => {
          const month = counting.monthOf(order, payeeId);
          return { ...month, paidMinor: 0n, refundedMinor: sign * amountMinor };
        });
        return [...paid, ...refunded];
      };
      return [...of(from, -1n), ...of(to, 1n)];
    });
    await addVolumes(unit.tx, changes, randomInt(volumeParts));
  }

  /** Those of the orders whose shop counts months, and which month of whom each is of. */
  private async counting<O extends PricedOrder>(
    unit: Unit,
    orders: readonly O[],
  ): Promise<{
    readonly orders: readonly O[];
    readonly monthOf: (order: OrderFact, payeeId: string) => MonthKey;
  }> {
    const shopIds = [...new Set(orders.map(({ order }) => order.shopId))];
    const versions = await this.plans.versionsOf(unit.tx, shopIds);
    const zones = new Map<string, string>();
    for (const shopId of shopIds) {
      if (versions.get(shopId)?.some(({ plan }) => usesMonthFacts(plan)) !== true) continue;
      zones.set(shopId, await timezoneOf(unit.tx, shopId));
    }
    return {
      orders: orders.filter(({ order }) => zones.has(order.shopId)),
      monthOf: ({ shopId, currency, completedAt }, payeeId) => {
        return {
          shopId,
          payeeId,
          currency,
          month: localMonth(completedAt, zones.get(shopId) ?? ''),
        };
      },
    };
  }

  private async valuesOf(
    unit: Unit,
    wanting: readonly { readonly order: OrderFact; readonly wanted: readonly WantedFact[] }[],
  ): Promise<(order: OrderFact, fact: WantedFact) => bigint> {
    const zones = new Map<string, string>();
    for (const { shopId } of wanting.map(({ order }) => order)) {
      if (!zones.has(shopId)) zones.set(shopId, await timezoneOf(unit.tx, shopId));
    }
    const keyOf = ({ shopId, currency, paidAt }: OrderFact, { payeeId }: WantedFact): MonthKey => {
      const month = monthBefore(localMonth(paidAt, zones.get(shopId) ?? ''));
      return { shopId, payeeId, currency, month };
    };
    const all = wanting.flatMap(({ order, wanted }) => wanted.map((fact) => ({ order, fact })));
    const [byLevel, byMonth] = [
      all.filter(({ fact }) => fact.by === 'payee-level'),
      all.filter(({ fact }) => fact.by !== 'payee-level'),
    ];
    const levels = await levelsOf(
      unit.tx,
      byLevel.map(({ order: { shopId }, fact: { payeeId } }) => ({ shopId, payeeId })),
    );
    const volumes = await volumesOf(
      unit.tx,
      byMonth.map(({ order, fact }) => keyOf(order, fact)),
    );
    return (order, fact) => {
      if (fact.by === 'payee-level') {
        return levelValue(levels.get(`${order.shopId} ${fact.payeeId}`) ?? null);
      }
      const volume = volumes.get(monthKeyText(keyOf(order, fact)));
      const { paidMinor, refundedMinor } = volume ?? { paidMinor: 0n, refundedMinor: 0n };
      return fact.by === 'payee-month-volume' ? paidMinor : refundRate(refundedMinor, paidMinor);
    };
  }
}

/** What was read once is not read again: an order that is bound anew keeps the facts that it has. */
function unknownFacts(order: OrderFact, plan: Plan): readonly WantedFact[] {
  return factsWanted(order, plan).filter(
    ({ by, payeeId }) => order.rateFacts?.has(rateFactKey(by, payeeId)) !== true,
  );
}

export function orderKey({ shopId, orderId }: Pick<OrderFact, 'shopId' | 'orderId'>): string {
  return `${shopId} ${orderId}`;
}
