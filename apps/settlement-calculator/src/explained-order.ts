import type { ExplainedLine, ExplainedOrder } from '@qingfen/contracts';
import { versionInForce, type Plan, type RateFact } from '@qingfen/core-plan';
import {
  chainOf,
  explainLine,
  factText,
  levelPresence,
  orderConditions,
  orderPaidOf,
  stagesOf,
  type LineExplanation,
  type OrderFact,
  type OrderItem,
} from '@qingfen/core-settlement';
import { formatAmount, minor, type Minor } from '@qingfen/money';
import type { BookedOrder } from './booked-order.js';
import { holdView } from './explained-hold.js';
import type { HoldRow } from './explained-hold.store.js';
import { bindingWords, conditionWords, levelWords, type Shown } from './explanation-words.js';
import { itemsOf } from './refund.store.js';

/** What of an order is shown besides its books. */
export interface OrderSurroundings {
  readonly shown: Shown;
  /** Whether the close of its return window was announced. */
  readonly closeHeard: boolean;
  readonly holds: readonly HoldRow[];
}

/** The facts of an order that its entries follow from. */
export function orderView(booked: BookedOrder, around: OrderSurroundings): ExplainedOrder {
  const { order, kept, rebindings } = booked;
  const { shown, closeHeard, holds } = around;
  const text = (units: bigint): string => formatAmount(minor(units), kept.currency);
  return {
    orderId: kept.order_id,
    state: kept.plan_version === null ? 'no-plan' : 'settling',
    currency: kept.currency,
    paidAt: shown(order.paidAt),
    completedAt: shown(order.completedAt),
    paid: text(orderPaidOf(order)),
    alipayTradeNo: order.alipayTradeNo ?? null,
    buyerPayeeId: order.buyerPayeeId ?? null,
    teamId: order.teamId ?? null,
    source: {
      topic: 'order-completed',
      correlationId: kept.correlation_id,
      bookedAt: shown(kept.booked_at),
      journalBatch: `${booked.history?.batchId ?? 0n}`,
    },
    window: {
      closesAt: kept.window_ends_at === null ? null : shown(kept.window_ends_at),
      closeHeard,
    },
    plan: planView(booked, shown),
    rebindings: rebindings.map((row) => ({
      from: row.from_version,
      to: row.to_version,
      at: shown(row.rebound_at),
      journalBatch: row.batch_id.toString(),
    })),
    conditions: conditionsView(booked),
    rateFacts: rateFactsView(order),
    refunds: refundsView(booked, shown),
    holds: holds.map((hold) => holdView(hold, shown)),
  };
}

function planView({ order, kept, versions }: BookedOrder, shown: Shown): ExplainedOrder['plan'] {
  const bound = versions.find(({ version }) => version === kept.plan_version);
  if (bound === undefined) return null;
  const fitting = versionInForce(versions, order.paidAt);
  const isFitting = fitting?.plan.currency === order.currency;
  return {
    version: bound.version,
    hash: bound.hash,
    publishedAt: shown(bound.publishedAt),
    effectiveFrom: shown(bound.effectiveFrom),
    withdrawnAt: bound.withdrawnAt === null ? null : shown(bound.withdrawnAt),
    boundBy: kept.bound_by,
    ...bindingWords({
      version: bound.version,
      paidAt: order.paidAt,
      effectiveFrom: bound.effectiveFrom,
      boundBy: kept.bound_by,
      fitting: isFitting ? fitting.version : null,
      shown,
    }),
  };
}

function conditionsView(booked: BookedOrder): ExplainedOrder['conditions'] {
  const plan = planOf(booked);
  const { currency } = booked.kept;
  if (plan === undefined) return [];
  return orderConditions(booked.order, plan).map((condition) => ({
    for: condition.for,
    atLeast: formatAmount(condition.atLeastMinor, currency),
    orderPaid: formatAmount(condition.orderPaidMinor, currency),
    met: condition.isMet,
    ...conditionWords(condition, currency),
  }));
}

function rateFactsView({ rateFacts, currency }: OrderFact): ExplainedOrder['rateFacts'] {
  return [...(rateFacts ?? [])].map(([key, value]) => {
    const [by = '', payeeId = ''] = key.split(' ');
    return { by, payeeId, value: factText(by as RateFact, value, currency) };
  });
}

function refundsView({ refunds, kept }: BookedOrder, shown: Shown): ExplainedOrder['refunds'] {
  return refunds.map((refund) => ({
    refundId: refund.refund_id,
    refundedAt: shown(refund.refunded_at),
    state: refund.state,
    items: itemsOf(refund.items).map(({ itemId, amountMinor, subsidyMinor }) => ({
      itemId,
      amount: formatAmount(amountMinor, kept.currency),
      subsidy: formatAmount(subsidyMinor, kept.currency),
    })),
    correlationId: refund.correlation_id,
    heardAt: shown(refund.heard_at),
    reversedAt: refund.reversed_at === null ? null : shown(refund.reversed_at),
  }));
}

/** Lines as they stand now; `itemIds` picks some of them. */
export function linesView(
  booked: BookedOrder,
  itemIds: ReadonlySet<string> | null,
): ExplainedLine[] {
  const { order } = booked;
  const bases = booked.history === null ? undefined : stagesOf(booked.history).at(-1)?.bases;
  return order.items
    .filter(({ itemId }) => itemIds === null || itemIds.has(itemId))
    .map((item) => {
      const paid = minor(item.amountMinor + item.subsidyMinor);
      return lineView(booked, item, bases?.get(item.itemId) ?? paid);
    });
}

function lineView(booked: BookedOrder, item: OrderItem, baseMinor: Minor): ExplainedLine {
  const { order, kept } = booked;
  const { itemId, supplierId, kind } = item;
  const paidMinor = minor(item.amountMinor + item.subsidyMinor);
  const text = (units: bigint): string => formatAmount(minor(units), kept.currency);
  const plan = planOf(booked);
  const how =
    plan === undefined ? null : explainLine({ baseMinor, paidMinor, kind }, chainOf(order), plan);
  return {
    itemId,
    supplierId,
    kind,
    paid: text(paidMinor),
    subsidy: text(item.subsidyMinor),
    refunded: text(paidMinor - baseMinor),
    base: text(baseMinor),
    fee: how?.fee ?? null,
    levels: plan === undefined || how === null ? [] : levelsView(order, item, plan, how),
    supplier:
      how === null
        ? null
        : { payeeId: plan?.supplier === undefined ? null : supplierId, how: how.supplier },
  };
}

function levelsView(
  order: OrderFact,
  { kind }: OrderItem,
  plan: Plan,
  how: LineExplanation,
): ExplainedLine['levels'] {
  return levelPresence(order, plan).map(({ level, payeeId, why }) => {
    const told = { level, payeeId, why: kind === 'shipping' ? ('shipping' as const) : why };
    const share = how.levels.find((one) => one.level === level);
    return { ...told, ...levelWords(told, order.buyerPayeeId), how: share?.how ?? null };
  });
}

function planOf({ kept, versions }: BookedOrder): Plan | undefined {
  return versions.find(({ version }) => version === kept.plan_version)?.plan;
}
