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
  type WantedFact,
} from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import { orderOfRow } from './order-fact.js';
import type { StoredVersion } from './plan-shelf.js';
import { levelsOf } from './rate-fact.store.js';
import { itemsOf, refundsOf } from './refund.store.js';
import { ordersCompletedIn, type OrderSpan } from './simulation.store.js';

/** What a draft is tried on. */
export interface SimulatedShop {
  readonly shopId: string;
  readonly timezone: string;
  readonly versions: readonly StoredVersion[];
}

interface Volume {
  paidMinor: bigint;
  refundedMinor: bigint;
}

const pageSize = 1_000;

/**
 * The facts that a draft's rates follow. What an order has kept of them counts, as it does for its refunds and
 * replays; of others the payee's level as it is now, and of months what the orders themselves come to now.
 */
export class SimulationFacts {
  private readonly levels = new Map<string, bigint>();
  private readonly volumes = new Map<string, Volume>();

  constructor(
    private readonly tx: Tx,
    private readonly shop: SimulatedShop,
    private readonly draft: Plan,
  ) {}

  /** Adds up the months that the rates of orders paid in a span look back on, if any rate does. */
  async prepare({ from, to }: Omit<OrderSpan, 'shopId'>): Promise<void> {
    if (!usesMonthFacts(this.draft)) return;
    const { shopId, timezone, versions } = this.shop;
    const last = new Date(Math.max(to.getTime() - 1, from.getTime()));
    const firstMonth = monthBefore(localMonth(from, timezone));
    const lastMonth = monthBefore(localMonth(last, timezone));
    // A day more on both sides: no zone is further from UTC, and each order's own month decides.
    const span = {
      shopId,
      currency: this.draft.currency,
      from: addDays(parseInstant(`${firstMonth}-01T00:00:00Z`), -1),
      to: addDays(parseInstant(`${lastMonth}-01T00:00:00Z`), 33),
    };
    const planOf = new Map(versions.map(({ version, plan }) => [version, plan]));
    for await (const rows of ordersCompletedIn(this.tx, span, pageSize)) {
      const sold = rows.flatMap((row) => {
        const plan = planOf.get(row.plan_version);
        return plan === undefined ? [] : [{ order: orderOfRow(row), plan }];
      });
      await this.addUp(sold);
    }
  }

  /** Orders with the facts that the draft's rates want of them. */
  async withFacts(orders: readonly OrderFact[]): Promise<readonly OrderFact[]> {
    const wanting = orders.map((order) => {
      const wanted = factsWanted(order, this.draft).filter(
        ({ by, payeeId }) => order.rateFacts?.has(rateFactKey(by, payeeId)) !== true,
      );
      return { order, wanted };
    });
    await this.readLevels(wanting.flatMap(({ wanted }) => wanted));
    return wanting.map(({ order, wanted }) => {
      if (wanted.length === 0) return order;
      const found = wanted.map((fact): [string, bigint] => {
        return [rateFactKey(fact.by, fact.payeeId), this.valueOf(order, fact)];
      });
      return { ...order, rateFacts: new Map([...(order.rateFacts ?? []), ...found]) };
    });
  }

  private async addUp(
    sold: readonly { readonly order: OrderFact; readonly plan: Plan }[],
  ): Promise<void> {
    const byId = new Map(sold.map((one) => [one.order.orderId, one]));
    for (const { order, plan } of sold) {
      const month = localMonth(order.completedAt, this.shop.timezone);
      for (const { payeeId, amountMinor } of paidVolumes(order, plan)) {
        this.volumeOf(month, payeeId).paidMinor += amountMinor;
      }
    }
    const refunds = await refundsOf(
      this.tx,
      sold.map(({ order }) => order),
    );
    for (const { order_id: orderId, state, items } of refunds) {
      const one = byId.get(orderId);
      if (state !== 'applied' || one === undefined) continue;
      const month = localMonth(one.order.completedAt, this.shop.timezone);
      for (const { payeeId, amountMinor } of refundedVolumes(one.order, one.plan, itemsOf(items))) {
        this.volumeOf(month, payeeId).refundedMinor += amountMinor;
      }
    }
  }

  private volumeOf(month: string, payeeId: string): Volume {
    const key = `${month} ${payeeId}`;
    const known = this.volumes.get(key);
    if (known !== undefined) return known;
    const made = { paidMinor: 0n, refundedMinor: 0n };
    this.volumes.set(key, made);
    return made;
  }

  private async readLevels(wanted: readonly WantedFact[]): Promise<void> {
    const { shopId } = this.shop;
    const unknown = new Set(
      wanted
        .filter(({ by, payeeId }) => by === 'payee-level' && !this.levels.has(payeeId))
        .map(({ payeeId }) => payeeId),
    );
    const payees = [...unknown].map((payeeId) => ({ shopId, payeeId }));
    const levels = await levelsOf(this.tx, payees);
    for (const payeeId of unknown) {
      this.levels.set(payeeId, levelValue(levels.get(`${shopId} ${payeeId}`) ?? null));
    }
  }

  private valueOf({ paidAt }: OrderFact, { by, payeeId }: WantedFact): bigint {
    if (by === 'payee-level') return this.levels.get(payeeId) ?? 0n;
    const month = monthBefore(localMonth(paidAt, this.shop.timezone));
    const volume = this.volumes.get(`${month} ${payeeId}`);
    const { paidMinor, refundedMinor } = volume ?? { paidMinor: 0n, refundedMinor: 0n };
    return by === 'payee-month-volume' ? paidMinor : refundRate(refundedMinor, paidMinor);
  }
}
