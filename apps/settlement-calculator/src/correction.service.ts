import { Inject, Injectable } from '@nestjs/common';
import { refundOrder, type OrderFact } from '@qingfen/core-settlement';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { parseAmount, ZERO } from '@qingfen/money';
import { bookChanges, type Change } from './difference-book.js';
import { EntryBook, lockForEntries } from './entry-book.js';
import { holdOrder } from './hold.store.js';
import { sayCapped } from './odd-orders.js';
import { orderOfRow } from './order-fact.js';
import { PlanShelf, type StoredVersion } from './plan-shelf.js';
import { RateFactService } from './rate-fact.service.js';
import { storedEvent, storeMessage, type StoredMessage } from './refund-message.js';
import {
  itemsOf,
  keepRefund,
  keepReversals,
  lockCompletions,
  lockOrders,
  refundedSoFar,
  refundsOf,
  reversalsOf,
  setRefundState,
  waitingRefundsOf,
  type OrderKey,
  type OrderToCorrect,
  type RefundRow,
  type RefundRows,
} from './refund.store.js';

type Refund = IncomingEvent<'order-refunded'>;
type Reversal = IncomingEvent<'order-refund-reversed'>;

/** An order under correction: what it is, and every refund of it so far. */
interface Case {
  readonly order: OrderFact;
  readonly version: StoredVersion | undefined;
  refunds: RefundRow[];
}

// Refunds carry no currency; until R-EVO-2 every order that is settled is in CNY.
const refundCurrency = 'CNY';

/** Takes refunds into the books: before the statement, after it, before the order, and undone. */
@Injectable()
export class CorrectionService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(EntryBook) private readonly entries: EntryBook,
    @Inject(RateFactService) private readonly facts: RateFactService,
  ) {}

  /** Applied whole or refused whole; one that comes before its order waits and counts for nothing. */
  async refund(unit: Unit, events: readonly Refund[]): Promise<void> {
    const keys = events.map(({ data }) => data);
    const cases = await this.open(unit, keys);
    const reversals = await this.reversalTimes(unit, keys);
    const waiting = new Map<string, RefundRow[]>();
    for (const row of await refundsOf(
      unit.tx,
      keys.filter((key) => !cases.has(keyOf(key))),
    )) {
      waiting.set(rowKey(row), [...(waiting.get(rowKey(row)) ?? []), row]);
    }
    const changes: Change[] = [];
    for (const event of events) {
      const known = cases.get(keyOf(event.data));
      const told = known?.refunds ?? waiting.get(keyOf(event.data)) ?? [];
      const before = told.find(({ refund_id: id }) => id === event.data.refundId);
      if (before !== undefined && before.state !== 'refused') {
        if (!sameRefund(before, event)) refuseOther(unit, event);
        continue;
      }
      const reversedAt = reversals.get(`${keyOf(event.data)} ${event.data.refundId}`) ?? null;
      const state = reversedAt === null ? judge(unit, known, event, changes) : 'reversed';
      await keepRefund(unit.tx, {
        shopId: event.data.shopId,
        orderId: event.data.orderId,
        refundId: event.data.refundId,
        refundedAt: new Date(event.data.refundedAt),
        items: rowsOf(event),
        state,
        correlationId: event.correlationId,
        heardAt: unit.now,
        message: state === 'waiting' ? storeMessage(event) : null,
        reversedAt,
      });
      if (state === 'refused') await holdRefused(unit, event);
      const row = rowOf(event, state);
      if (known !== undefined) known.refunds = [...without(known.refunds, event), row];
      else waiting.set(keyOf(event.data), [...without(told, event), row]);
    }
    await this.book(unit, changes);
  }

  /** Gives a refund's amounts back to its lines; one that comes first cancels it when it comes. */
  async reverse(unit: Unit, events: readonly Reversal[]): Promise<void> {
    const keys = events.map(({ data }) => data);
    const cases = await this.open(unit, keys);
    const told = await this.reversalTimes(unit, keys);
    const changes: Change[] = [];
    for (const event of events) {
      const { shopId, orderId, refundId } = event.data;
      const at = new Date(event.data.at);
      const before = told.get(`${keyOf(event.data)} ${refundId}`);
      if (before !== undefined) {
        if (before.getTime() !== at.getTime()) refuseOther(unit, event);
        continue;
      }
      told.set(`${keyOf(event.data)} ${refundId}`, at);
      await keepReversals(unit.tx, [{ shopId, orderId, refundId, at }]);
      const known = cases.get(keyOf(event.data));
      const row = known?.refunds.find(({ refund_id: id }) => id === refundId);
      if (known !== undefined && row?.state === 'applied') {
        changes.push(...changeOf(known, row, { cause: 'refund-reversal', at }));
        known.refunds = known.refunds.map((one) =>
          one === row ? { ...row, state: 'reversed' } : one,
        );
      }
      if (row?.state !== 'refused') await setRefundState(unit.tx, event.data, 'reversed', at);
    }
    await this.book(unit, changes);
  }

  /** Called when completions were kept: refunds that waited for them are judged now. */
  async applyWaiting(unit: Unit, keys: readonly OrderKey[]): Promise<void> {
    const rows = await waitingRefundsOf(unit.tx, keys);
    if (rows.length === 0) return;
    const cases = await this.open(unit, rows.map(keyOfRow));
    const changes: Change[] = [];
    for (const row of rows) {
      const known = cases.get(rowKey(row));
      if (known === undefined) continue;
      const event = storedEvent(row.message as StoredMessage);
      const order = { type: 'order', id: row.order_id };
      unit.resolveAlert('refund-without-order', order, row.shop_id);
      known.refunds = known.refunds.filter(({ refund_id: id }) => id !== row.refund_id);
      const state = judge(unit, known, event, changes);
      known.refunds = [...known.refunds, { ...row, state }];
      await setRefundState(unit.tx, { ...keyOfRow(row), refundId: row.refund_id }, state, null);
      if (state === 'refused') await holdRefused(unit, event);
    }
    await this.book(unit, changes);
  }

  /** Orders bound late are accrued whole; what was refunded of them meanwhile is taken off here. */
  async bookEarlier(unit: Unit, keys: readonly OrderKey[]): Promise<void> {
    const cases = await this.open(unit, keys);
    const changes: Change[] = [];
    for (const known of cases.values()) {
      const applied = known.refunds.filter(({ state }) => state === 'applied');
      known.refunds = [];
      for (const row of applied) {
        const at = row.refunded_at;
        changes.push(...changeOf({ ...known }, { ...row }, { cause: 'refund', at }));
        known.refunds = [...known.refunds, row];
      }
    }
    await this.book(unit, changes);
  }

  private async book(unit: Unit, changes: readonly Change[]): Promise<void> {
    await bookChanges(this.entries, unit, changes);
    await sayCapped(unit, changes);
    await this.facts.noteRefunds(unit, changes);
  }

  private async open(unit: Unit, keys: readonly OrderKey[]): Promise<Map<string, Case>> {
    const shopIds = keys.map(({ shopId }) => shopId);
    await lockForEntries(unit.tx, shopIds);
    const rows = await this.lockAll(unit, keys);
    const versions = await this.plans.versionsOf(unit.tx, [...new Set(shopIds)]);
    const refunds = await refundsOf(unit.tx, rows.map(keyOfRow));
    return new Map(
      rows.map((row) => [
        rowKey(row),
        {
          order: orderOfRow(row),
          version: versions.get(row.shop_id)?.find(({ version }) => version === row.plan_version),
          refunds: refunds.filter((refund) => rowKey(refund) === rowKey(row)),
        },
      ]),
    );
  }

  /** An order may be completed this very moment: whoever misses one looks again, alone. */
  private async lockAll(unit: Unit, keys: readonly OrderKey[]): Promise<OrderToCorrect[]> {
    const rows = await lockOrders(unit.tx, keys);
    const found = new Set(rows.map(rowKey));
    const missing = keys.filter((key) => !found.has(keyOf(key)));
    if (missing.length === 0) return rows;
    await lockCompletions(
      unit.tx,
      missing.map(({ shopId }) => shopId),
      'exclusive',
    );
    return [...rows, ...(await lockOrders(unit.tx, missing))];
  }

  private async reversalTimes(unit: Unit, keys: readonly OrderKey[]): Promise<Map<string, Date>> {
    const rows = await reversalsOf(unit.tx, keys);
    return new Map(rows.map((row) => [`${rowKey(row)} ${row.refund_id}`, row.at]));
  }
}

/** Judges a refund and notes what it changes; an order that has not come lets it wait. */
function judge(
  unit: Unit,
  known: Case | undefined,
  event: Refund,
  changes: Change[],
): RefundRow['state'] {
  if (known === undefined) return 'waiting';
  const items = itemsOf(rowsOf(event));
  const judged = refundOrder(known.order, known.version?.plan, refundedSoFar(known.refunds), items);
  if (judged.kind === 'refused') {
    const index = event.data.items.findIndex(({ itemId }) => itemId === judged.itemId);
    const what =
      judged.code === 'unknown-line'
        ? `"${judged.itemId}" is no line of order "${event.data.orderId}"`
        : `more than is left of line "${judged.itemId}"`;
    const field = judged.code === 'unknown-line' ? 'itemId' : 'amount';
    unit.refuse(event, judged.code, `data.items[${index}].${field}: ${what}`);
    return 'refused';
  }
  const at = new Date(event.data.refundedAt);
  changes.push(...changeOf(known, rowOf(event, 'applied'), { cause: 'refund', at }));
  return 'applied';
}

function changeOf(
  known: Case,
  row: RefundRow,
  { cause, at }: { cause: Change['cause']; at: Date },
): Change[] {
  const { order, version } = known;
  if (version === undefined) return [];
  const sign = cause === 'refund' ? 1n : -1n;
  const items = itemsOf(
    row.items.map(([id, a, s]) => [id, `${BigInt(a) * sign}`, `${BigInt(s) * sign}`]),
  );
  const judged = refundOrder(order, version.plan, refundedSoFar(known.refunds), items);
  if (judged.kind === 'refused') throw new Error(`refund ${row.refund_id} does not fit its order`);
  return [
    {
      order,
      plan: version.plan,
      planVersion: version.version,
      items,
      differences: judged.differences,
      legs: judged.legs,
      cappedMinor: judged.cappedMinor,
      cause,
      causeId: row.refund_id,
      at,
      correlationId: row.correlation_id,
    },
  ];
}

async function holdRefused(unit: Unit, event: Refund): Promise<void> {
  const { shopId, orderId, refundId } = event.data;
  await holdOrder(unit.tx, {
    shopId,
    orderId,
    reason: 'refund-refused',
    key: refundId,
    at: unit.now,
  });
  unit.alert({
    class: 'refund-refused',
    severity: 'warning',
    shopId,
    subject: { type: 'order', id: orderId },
    message: `Refund ${refundId} of order ${orderId} does not fit the order; the order is held.`,
    messageZh: `订单 ${orderId} 的退款 ${refundId} 与订单不符,订单已暂缓结算。`,
  });
}

function refuseOther(unit: Unit, event: Refund | Reversal): void {
  const { shopId, orderId, refundId } = event.data;
  unit.refuse(
    event,
    'contradicts',
    `data.refundId: "${refundId}" of order "${orderId}" is known with other data; the first stands`,
  );
  unit.alert({
    class: 'refund-contradicted',
    severity: 'warning',
    ends: 'when-acknowledged',
    shopId,
    subject: { type: 'order', id: orderId },
    message: `Refund ${refundId} of order ${orderId} was told twice with different data.`,
    messageZh: `订单 ${orderId} 的退款 ${refundId} 两次通知的数据不一致,以第一次为准。`,
  });
}

/** Lines added up and in one order, so that one refund has one text. */
function rowsOf({ data }: Refund): RefundRows {
  const sums = new Map<string, [bigint, bigint]>();
  for (const { itemId, amount, subsidy } of data.items) {
    const [a, s] = sums.get(itemId) ?? [0n, 0n];
    const back = subsidy === undefined ? ZERO : parseAmount(subsidy, refundCurrency);
    sums.set(itemId, [a + parseAmount(amount, refundCurrency), s + back]);
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([itemId, [a, s]]) => [itemId, a.toString(), s.toString()]);
}

function rowOf(event: Refund, state: RefundRow['state']): RefundRow {
  return {
    shop_id: event.data.shopId,
    order_id: event.data.orderId,
    refund_id: event.data.refundId,
    refunded_at: new Date(event.data.refundedAt),
    items: rowsOf(event),
    state,
    correlation_id: event.correlationId,
    message: null,
  };
}

function sameRefund(row: RefundRow, event: Refund): boolean {
  return (
    row.refunded_at.getTime() === new Date(event.data.refundedAt).getTime() &&
    JSON.stringify(row.items) === JSON.stringify(rowsOf(event))
  );
}

function without(rows: readonly RefundRow[], event: Refund): RefundRow[] {
  return rows.filter(({ refund_id: id }) => id !== event.data.refundId);
}

function keyOf({ shopId, orderId }: OrderKey): string {
  return `${shopId} ${orderId}`;
}

function rowKey(row: { readonly shop_id: string; readonly order_id: string }): string {
  return `${row.shop_id} ${row.order_id}`;
}

function keyOfRow(row: { readonly shop_id: string; readonly order_id: string }): OrderKey {
  return { shopId: row.shop_id, orderId: row.order_id };
}
