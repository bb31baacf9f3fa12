import type { OrderFact } from '@qingfen/core-settlement';
import type { Database, Tx } from '@qingfen/database';
import { localDate } from '@qingfen/calendar';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, type Minor } from '@qingfen/money';
import { lockCompletions } from './refund.store.js';
import { knownShops, timezoneOf } from './shop.store.js';

const aheadAlertMs = 24 * 3_600_000;
const lateAlertMs = 60 * 24 * 3_600_000;

/** An order that was kept just now, and whether a version binds it. */
export interface KeptNow {
  readonly order: OrderFact;
  readonly isBound: boolean;
}

/** Alerts about what is odd with orders that were kept just now. */
export async function sayWhatIsOdd(unit: Unit, kept: readonly KeptNow[]): Promise<void> {
  const unbound = new Set(kept.filter(({ isBound }) => !isBound).map(({ order }) => order.shopId));
  if (unbound.size > 0) {
    const known = await knownShops(unit.tx, [...unbound]);
    for (const shopId of unbound) {
      if (known.has(shopId)) alertNoPlan(unit, shopId);
      else alertUnknownShop(unit, shopId);
    }
  }
  const lateBefore = unit.now.getTime() - lateAlertMs;
  const late = kept.find(({ order }) => order.completedAt.getTime() < lateBefore);
  if (late !== undefined) alertLate(unit, late.order);
  const aheadFrom = unit.now.getTime() + aheadAlertMs;
  const ahead = kept.filter(({ order }) => order.completedAt.getTime() > aheadFrom);
  if (ahead.length > 0) {
    await noteAhead(
      unit,
      ahead.map(({ order }) => order),
    );
  }
}

/** A share that is cut by a fen was rounded; by more, it is a plan that promises more than there is. */
const cutThatIsRounding = 1n;

/** An order of which some share was cut because nothing more was left of its line. */
export interface CappedOrder {
  readonly order: Pick<OrderFact, 'shopId' | 'orderId' | 'currency'>;
  readonly planVersion: number;
  readonly cappedMinor: Minor;
}

/** Once a day of the shop's own and plan version: the plan wants to be looked at, not every order. */
export async function sayCapped(unit: Unit, orders: readonly CappedOrder[]): Promise<void> {
  for (const { order, planVersion, cappedMinor } of orders) {
    if (cappedMinor <= cutThatIsRounding) continue;
    const { shopId, orderId } = order;
    const day = localDate(unit.now, await timezoneOf(unit.tx, shopId));
    const cut = formatAmount(cappedMinor, order.currency);
    unit.alert({
      class: 'commission-capped',
      severity: 'warning',
      ends: 'when-acknowledged',
      shopId,
      subject: { type: 'plan', id: `${planVersion}:${day}` },
      message: `A share of order ${orderId} was cut by ${cut} under version ${planVersion}: no more was left of its line.`,
      messageZh: `按规则版本 ${planVersion},订单 ${orderId} 的一项分成被削减 ${cut}:该商品行已无余额可分。`,
    });
  }
}

/**
 * Says of shops that were created just now what is true of their orders: no longer that the shop is
 * unknown, but that no plan binds those that came before it, until one does.
 */
export async function nameNewShops(unit: Unit, shopIds: readonly string[]): Promise<void> {
  for (const shopId of shopIds) unit.resolveAlert('unknown-shop', { type: 'shop', id: shopId });
  for (const shopId of await shopsWithUnbound(unit.tx, shopIds)) alertNoPlan(unit, shopId);
}

/** Says of shops that the version of some of their orders was withdrawn, and none binds them now. */
export async function sayUnbound(unit: Unit, shopIds: readonly string[]): Promise<void> {
  // Whoever ends the alert this very moment has not seen these orders, or has ended it before.
  await lockCompletions(unit.tx, shopIds, 'shared');
  for (const shopId of shopIds) alertNoPlan(unit, shopId);
}

/** Ends the alert `no-plan` of shops all of whose orders are bound now. */
export async function endNoPlan(unit: Unit, shopIds: readonly string[]): Promise<void> {
  const raised = await unit.tx.query<{ shop_id: string }>(
    `SELECT shop_id FROM alert
      WHERE class = 'no-plan' AND state = 'raised' AND shop_id = ANY($1)`,
    [shopIds],
  );
  if (raised.length === 0) return;
  const waiting = raised.map((row) => row.shop_id);
  // A completion that leaves an order unbound this very moment has raised the alert, or finds it ended.
  await lockCompletions(unit.tx, waiting, 'exclusive');
  const left = new Set(await shopsWithUnbound(unit.tx, waiting));
  for (const shopId of waiting) {
    if (!left.has(shopId)) unit.resolveAlert('no-plan', { type: 'shop', id: shopId }, shopId);
  }
}

/** Whether a shop's events no longer lie ahead of the clock. */
export async function anyCaughtUp(database: Database, now: Date): Promise<boolean> {
  const rows = await database.query('SELECT 1 FROM order_ahead WHERE completed_at <= $1 LIMIT 1', [
    aheadUntil(now),
  ]);
  return rows.length > 0;
}

/** Ends the alert `event-ahead-of-clock` of shops that the clock has caught up with. */
export async function endAhead(unit: Unit, now: Date): Promise<void> {
  const rows = await unit.tx.query<{ shop_id: string }>(
    'DELETE FROM order_ahead WHERE completed_at <= $1 RETURNING shop_id',
    [aheadUntil(now)],
  );
  for (const { shop_id: shopId } of rows) {
    unit.resolveAlert('event-ahead-of-clock', { type: 'shop', id: shopId }, shopId);
  }
}

function aheadUntil(now: Date): Date {
  return new Date(now.getTime() + aheadAlertMs);
}

async function shopsWithUnbound(tx: Tx, shopIds: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ shop_id: string }>(
    `SELECT s.shop_id FROM unnest($1::text[]) AS s(shop_id)
      WHERE EXISTS (SELECT 1 FROM completed_order o
                     WHERE o.shop_id = s.shop_id AND o.plan_version IS NULL)`,
    [shopIds],
  );
  return rows.map((row) => row.shop_id);
}

async function noteAhead(unit: Unit, orders: readonly OrderFact[]): Promise<void> {
  await unit.tx.query(
    `INSERT INTO order_ahead (shop_id, completed_at)
     SELECT shop_id, max(at) FROM unnest($1::text[], $2::timestamptz[]) AS o(shop_id, at)
      GROUP BY 1 ORDER BY 1
     ON CONFLICT (shop_id) DO UPDATE
        SET completed_at = greatest(order_ahead.completed_at, excluded.completed_at)`,
    [orders.map(({ shopId }) => shopId), orders.map(({ completedAt }) => completedAt)],
  );
  for (const order of new Map(orders.map((one) => [one.shopId, one])).values()) {
    alertAhead(unit, order);
  }
}

function alertUnknownShop(unit: Unit, shopId: string): void {
  unit.alert({
    class: 'unknown-shop',
    severity: 'warning',
    shopId,
    subject: { type: 'shop', id: shopId },
    message: `Orders of shop ${shopId} arrive, and no such shop was created; they are kept.`,
    messageZh: `收到店铺 ${shopId} 的订单,但该店铺尚未创建;订单已保留。`,
  });
}

function alertNoPlan(unit: Unit, shopId: string): void {
  unit.alert({
    class: 'no-plan',
    severity: 'warning',
    shopId,
    subject: { type: 'shop', id: shopId },
    message: `Orders of shop ${shopId} were paid when no plan was in force; they are kept unsettled.`,
    messageZh: `店铺 ${shopId} 有订单支付时尚无生效的结算规则;订单已保留,未结算。`,
  });
}

function alertLate(unit: Unit, order: OrderFact): void {
  unit.alert({
    class: 'late-completion',
    severity: 'info',
    ends: 'when-acknowledged',
    shopId: order.shopId,
    subject: { type: 'shop', id: order.shopId },
    message: `Order ${order.orderId} was completed more than 60 days before it was told; its money matured in the past and goes into the next run.`,
    messageZh: `订单 ${order.orderId} 在完成 60 天之后才通知,其款项已到期,将进入下一结算批次。`,
  });
}

function alertAhead(unit: Unit, order: OrderFact): void {
  unit.alert({
    class: 'event-ahead-of-clock',
    severity: 'info',
    shopId: order.shopId,
    subject: { type: 'shop', id: order.shopId },
    message: `Order ${order.orderId} was completed more than 24 hours after now.`,
    messageZh: `订单 ${order.orderId} 的完成时间比当前时间晚 24 小时以上。`,
  });
}
