import { Body, Controller, Get, Inject, Param } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import { bindBody, type Order } from '@qingfen/contracts';
import { requiredTasks } from '@qingfen/core-plan';
import { Database, type Tx } from '@qingfen/database';
import {
  ActIs,
  bodyOf,
  CallerIs,
  notFound,
  Permit,
  PostAct,
  readers,
  type ManualAct,
} from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { BindingService } from './binding.service.js';
import { entriesOfOrder, viewOfEntry } from './entry.view.js';
import { knownOrders, type KnownOrder, type RefundView } from './explanation.store.js';
import { Hearing } from './hearing.js';
import { ManualHoldService } from './manual-hold.service.js';
import { PlanShelf } from './plan-shelf.js';
import { itemsOf, refundedSoFar } from './refund.store.js';
import { shopOf } from './shop.store.js';

interface DisputeRow {
  readonly dispute_id: string;
  readonly opened_at: Date | null;
  readonly resolved_at: Date | null;
}

/** An order as settlement sees it: its lines, and who is owed what and why. */
@Controller('internal/shops/:shopId/orders')
@Permit(...readers)
export class OrderController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Units) private readonly units: Units,
    @Inject(ManualHoldService) private readonly holds: ManualHoldService,
    @Inject(Hearing) private readonly hearing: Hearing,
    @Inject(BindingService) private readonly bindings: BindingService,
  ) {}

  @Get(':orderId')
  order(@Param('shopId') shopId: string, @Param('orderId') orderId: string): Promise<Order> {
    return this.database.transaction((tx) => this.read(tx, shopId, orderId));
  }

  @PostAct(':orderId/bind')
  @Permit('operator')
  async bind(
    @Param('shopId') shopId: string,
    @Param('orderId') orderId: string,
    @Body() given: unknown,
    @CallerIs() caller: Caller,
  ): Promise<Order> {
    const body = bodyOf(bindBody, given);
    await this.hearing.of('settlement-plan-published', () => this.hasVersion(shopId, body.version));
    const act = { shopId, orderId, caller, body };
    return this.change(act, (unit) => this.bindings.bind(unit, act));
  }

  @PostAct(':orderId/hold')
  @Permit('operator')
  hold(@Param('orderId') orderId: string, @ActIs() act: ManualAct): Promise<Order> {
    const named = { ...act, orderId };
    return this.change(named, (unit) => this.holds.holdOrder(unit, named));
  }

  @PostAct(':orderId/release')
  @Permit('operator')
  release(@Param('orderId') orderId: string, @ActIs() act: ManualAct): Promise<Order> {
    const named = { ...act, orderId };
    return this.change(named, (unit) => this.holds.releaseOrder(unit, named));
  }

  private async hasVersion(shopId: string, version: number): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT version FROM plan_version WHERE shop_id = $1 AND version = $2::bigint',
      [shopId, version],
    );
    return rows.length > 0;
  }

  private async change(
    { shopId, orderId }: { readonly shopId: string; readonly orderId: string },
    work: (unit: Unit) => Promise<unknown>,
  ): Promise<Order> {
    await this.units.run(work);
    return this.order(shopId, orderId);
  }

  private async read(tx: Tx, shopId: string, orderId: string): Promise<Order> {
    const known = (await knownOrders(tx, this.plans, shopId, [orderId])).get(orderId);
    if (known === undefined) {
      throw notFound('No such order is completed.');
    }
    const timezone = (await shopOf(tx, shopId))?.timezone ?? 'Asia/Shanghai';
    const disputes = await tx.query<DisputeRow>(
      `SELECT dispute_id, opened_at, resolved_at FROM dispute
        WHERE shop_id = $1 AND order_id = $2 ORDER BY opened_at, dispute_id`,
      [shopId, orderId],
    );
    const versions = await this.plans.inCurrency(tx, shopId, known.order.currency);
    const tasks = requiredTasks(versions, this.clock.now());
    const entries = await entriesOfOrder(tx, shopId, orderId, tasks);
    const { order, planVersion, windowEndsAt, explanations } = known;
    const shown = (at: Date): string => formatInstant(at, timezone);
    return {
      shopId,
      orderId,
      state: planVersion === null ? 'no-plan' : 'settling',
      currency: order.currency,
      paidAt: shown(order.paidAt),
      completedAt: shown(order.completedAt),
      windowClosesAt: windowEndsAt === null ? null : shown(windowEndsAt),
      planVersion,
      items: itemsView(known),
      refunds: known.refunds.map((refund) => refundView(refund, order.currency, shown)),
      disputes: disputes.map((row) => ({
        disputeId: row.dispute_id,
        openedAt: row.opened_at === null ? null : shown(row.opened_at),
        resolvedAt: row.resolved_at === null ? null : shown(row.resolved_at),
      })),
      entries: entries.map((entry) =>
        viewOfEntry(entry, {
          timezone,
          now: this.clock.now(),
          how: explanations.of(entry, entry.statement_batch),
        }),
      ),
    };
  }
}

function itemsView({ order, refunds }: KnownOrder): Order['items'] {
  const sums = refundedSoFar(refunds);
  return order.items.map((item) => {
    const paid = item.amountMinor + item.subsidyMinor;
    const sum = sums.get(item.itemId);
    const refunded = sum === undefined ? 0n : sum.amountMinor + sum.subsidyMinor;
    const text = (units: bigint): string => formatAmount(minor(units), order.currency);
    return {
      itemId: item.itemId,
      supplierId: item.supplierId,
      kind: item.kind,
      paid: text(paid),
      refunded: text(refunded),
      base: text(paid - refunded),
    };
  });
}

function refundView(
  refund: RefundView,
  currency: string,
  shown: (at: Date) => string,
): Order['refunds'][number] {
  return {
    refundId: refund.refund_id,
    refundedAt: shown(refund.refunded_at),
    state: refund.state,
    items: itemsOf(refund.items).map(({ itemId, amountMinor, subsidyMinor }) => ({
      itemId,
      amount: formatAmount(amountMinor, currency),
      subsidy: formatAmount(subsidyMinor, currency),
    })),
  };
}
