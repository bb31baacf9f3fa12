import type { OrderFact } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';
import { minor } from '@qingfen/money';
import { OrderExplanations, type BookedRefund } from './entry.view.js';
import { orderColumns, orderOfRow, type OrderRow } from './order-fact.js';
import type { PlanShelf } from './plan-shelf.js';
import { itemsOf, type RefundRows } from './refund.store.js';

/** An order as it was kept, and all that was refunded of it. */
export interface KnownOrder {
  readonly order: OrderFact;
  readonly planVersion: number | null;
  readonly windowEndsAt: Date | null;
  readonly refunds: readonly RefundView[];
  readonly explanations: OrderExplanations;
}

export interface RefundView {
  readonly refund_id: string;
  readonly order_id: string;
  readonly refunded_at: Date;
  readonly items: RefundRows;
  readonly state: 'waiting' | 'applied' | 'refused' | 'reversed';
  readonly applied_batch: bigint | null;
  readonly reversed_batch: bigint | null;
}

type KnownRow = OrderRow & {
  readonly plan_version: number | null;
  readonly window_ends_at: Date | null;
};

/** Orders by their ids, with what derivations of their entries need. */
export async function knownOrders(
  tx: Tx,
  plans: PlanShelf,
  shopId: string,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, KnownOrder>> {
  const rows = await tx.query<KnownRow>(
    `SELECT ${orderColumns}, plan_version, window_ends_at FROM completed_order
      WHERE shop_id = $1 AND order_id = ANY($2)`,
    [shopId, orderIds],
  );
  const refunds = await tx.query<RefundView>(
    `SELECT r.refund_id, r.order_id, r.refunded_at, r.items, r.state,
            min(b.batch_id) FILTER (WHERE b.cause = 'refund') AS applied_batch,
            min(b.batch_id) FILTER (WHERE b.cause = 'refund-reversal') AS reversed_batch
       FROM refund r LEFT JOIN refund_booking b USING (shop_id, order_id, refund_id)
      WHERE r.shop_id = $1 AND r.order_id = ANY($2)
      GROUP BY r.shop_id, r.order_id, r.refund_id ORDER BY r.sequence`,
    [shopId, orderIds],
  );
  const versions = (await plans.versionsOf(tx, [shopId])).get(shopId) ?? [];
  const planOf = new Map(versions.map(({ version, plan }) => [version, plan]));
  return new Map(
    rows.map((row) => {
      const order = orderOfRow(row);
      const own = refunds.filter((refund) => refund.order_id === row.order_id);
      const known: KnownOrder = {
        order,
        planVersion: row.plan_version,
        windowEndsAt: row.window_ends_at,
        refunds: own,
        explanations: new OrderExplanations(order, planOf, row.plan_version, own.flatMap(booked)),
      };
      return [row.order_id, known];
    }),
  );
}

function booked({
  items,
  applied_batch: applied,
  reversed_batch: reversed,
}: RefundView): BookedRefund[] {
  const taken = itemsOf(items);
  const steps: BookedRefund[] = [];
  if (applied !== null) steps.push({ items: taken, batchId: applied });
  if (reversed !== null) {
    const back = taken.map(({ itemId, amountMinor, subsidyMinor }) => ({
      itemId,
      amountMinor: minor(-amountMinor),
      subsidyMinor: minor(-subsidyMinor),
    }));
    steps.push({ items: back, batchId: reversed });
  }
  return steps;
}
