import { Controller, Get, Inject, Param } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import { problem, type Order } from '@qingfen/contracts';
import { Database, type Tx } from '@qingfen/database';
import { Permit, ProblemError } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { entriesOfOrder, OrderExplanations, viewOfEntry } from './entry.view.js';
import { orderOfDocument, type OrderDocument } from './order-fact.js';
import { PlanShelf } from './plan-shelf.js';
import { shopOf } from './shop.store.js';

interface OrderRow {
  readonly currency: string;
  readonly document: OrderDocument;
  readonly plan_version: number | null;
  readonly window_ends_at: Date | null;
}

/** An order as settlement sees it: its lines, and who is owed what and why. */
@Controller('internal/shops/:shopId/orders')
@Permit('viewer', 'operator', 'approver', 'admin', 'auditor')
export class OrderController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get(':orderId')
  order(@Param('shopId') shopId: string, @Param('orderId') orderId: string): Promise<Order> {
    return this.database.transaction((tx) => this.read(tx, shopId, orderId));
  }

  private async read(tx: Tx, shopId: string, orderId: string): Promise<Order> {
    const [row] = await tx.query<OrderRow>(
      `SELECT currency, document, plan_version, window_ends_at FROM completed_order
        WHERE shop_id = $1 AND order_id = $2`,
      [shopId, orderId],
    );
    if (row === undefined) {
      throw new ProblemError(problem('not-found', 404, 'Not found', 'No such order is completed.'));
    }
    const order = orderOfDocument({ shopId, orderId, currency: row.currency }, row.document);
    const timezone = (await shopOf(tx, shopId))?.timezone ?? 'Asia/Shanghai';
    const versions = (await this.plans.versionsOf(tx, [shopId])).get(shopId);
    const plan = versions?.find(({ version }) => version === row.plan_version)?.plan;
    const explanations = plan === undefined ? null : new OrderExplanations(order, plan);
    const now = this.clock.now();
    const entries = await entriesOfOrder(tx, shopId, orderId);
    return {
      shopId,
      orderId,
      state: row.plan_version === null ? 'no-plan' : 'settling',
      currency: row.currency,
      paidAt: formatInstant(order.paidAt, timezone),
      completedAt: formatInstant(order.completedAt, timezone),
      windowClosesAt:
        row.window_ends_at === null ? null : formatInstant(row.window_ends_at, timezone),
      planVersion: row.plan_version,
      items: order.items.map((item) => {
        const paid = formatAmount(minor(item.amountMinor + item.subsidyMinor), row.currency);
        return {
          itemId: item.itemId,
          supplierId: item.supplierId,
          kind: item.kind,
          paid,
          refunded: formatAmount(minor(0n), row.currency),
          base: paid,
        };
      }),
      refunds: [],
      disputes: [],
      entries: entries.map((entry) =>
        viewOfEntry(entry, { timezone, now, how: explanations?.of(entry) ?? null }),
      ),
    };
  }
}
