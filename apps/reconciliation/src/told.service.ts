import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import type { Kind, Topic } from '@qingfen/contracts';
import { beijingDay } from '@qingfen/core-reconciliation';
import type { IncomingEvent, Unit } from '@qingfen/messaging';
import { AmountError, parseAmount, sumMinor } from '@qingfen/money';
import { OrderExportLook, type OrderName } from './order-export-look.js';
import { outBizNoOf } from './out-biz-no.js';
import {
  keepOrders,
  keepPayouts,
  keepRefunds,
  keepReversals,
  keepShops,
  keepStatements,
  type ToldPayout,
} from './told.store.js';

type Events<T extends Topic> = readonly IncomingEvent<T>[];

/**
 * Keeps what both sides say, as they say it; it is compared when the bill is there, or an export of the order
 * system. What is told of an order that differs from its export may mend it at once.
 */
@Injectable()
export class ToldService {
  constructor(@Inject(OrderExportLook) private readonly exports: Pick<OrderExportLook, 'again'>) {}

  async noteShops({ tx }: Unit, events: Events<'shop-upserted'>): Promise<void> {
    await keepShops(
      tx,
      events.map(({ data }) => [data.shopId, data.timezone, parseInstant(data.updatedAt)]),
    );
  }

  async noteOrders(unit: Unit, events: Events<'order-completed'>): Promise<void> {
    const toldOn = beijingDay(unit.now);
    const rows = events.map(({ data }) => {
      const { shopId, orderId, currency, items, alipayTradeNo = null } = data;
      const paid = sumOf(items.map(whatBuyersPay), currency);
      const [paidAt, completedAt] = [parseInstant(data.paidAt), parseInstant(data.completedAt)];
      const amounts = [sumOf(items, currency), paid];
      return [shopId, orderId, currency, ...amounts, paidAt, completedAt, alipayTradeNo, toldOn];
    });
    await keepOrders(unit.tx, rows);
    await this.exports.again(unit, events.map(orderOf));
  }

  /** A refund names no currency; one with more decimals than yuan have is of no order that is paid. */
  async noteRefunds(unit: Unit, events: Events<'order-refunded'>): Promise<void> {
    const toldOn = beijingDay(unit.now);
    const rows = events.flatMap(({ data: { shopId, orderId, refundId, refundedAt, items } }) => {
      const amountMinor = yuanOrNothing(items);
      const backMinor = yuanOrNothing(items.map(whatBuyersPay));
      if (amountMinor === null) return [];
      const at = parseInstant(refundedAt);
      return [[shopId, orderId, refundId, amountMinor, backMinor, at, toldOn]];
    });
    await keepRefunds(unit.tx, rows);
    await this.exports.again(unit, events.map(orderOf));
  }

  async noteReversals(unit: Unit, events: Events<'order-refund-reversed'>): Promise<void> {
    const toldOn = beijingDay(unit.now);
    const rows = events.map(({ data: { shopId, orderId, refundId, at } }) => {
      return [shopId, orderId, refundId, parseInstant(at), toldOn];
    });
    await keepReversals(unit.tx, rows);
    await this.exports.again(unit, events.map(orderOf));
  }

  async noteStatements({ tx, now }: Unit, events: Events<'statement-issued'>): Promise<void> {
    const toldOn = beijingDay(now);
    const rows = events.map(({ data }) => {
      const { shopId, statementId, currency, net, kind } = data;
      const netMinor = parseAmount(net, currency);
      return [shopId, statementId, currency, netMinor, toldOn, kind, parseInstant(data.issuedAt)];
    });
    await keepStatements(tx, rows);
  }

  async notePayouts({ tx, now }: Unit, events: Events<'payout-requested'>): Promise<void> {
    const toldOn = beijingDay(now);
    const none = {
      status: null,
      seq: -1n,
      succeededAt: null,
      returnedAt: null,
      endedAt: null,
    } as const;
    await keepInRounds(
      tx,
      events.map(({ data }) => {
        const requestedAt = parseInstant(data.requestedAt);
        return { ...factsOf(data), ...none, requestedAt, toldOn };
      }),
    );
  }

  async noteResults({ tx, now }: Unit, events: Events<'payout-result'>): Promise<void> {
    const toldOn = beijingDay(now);
    await keepInRounds(
      tx,
      events.map(({ data }) => {
        const { status, seq, at } = data;
        const isMoved = status === 'succeeded' || status === 'returned';
        return {
          ...factsOf(data),
          requestedAt: null,
          status,
          seq: BigInt(seq),
          succeededAt: isMoved ? parseInstant(at) : null,
          returnedAt: status === 'returned' ? parseInstant(at) : null,
          endedAt: parseInstant(at),
          toldOn,
        };
      }),
    );
  }
}

function orderOf({ data }: { readonly data: OrderName }): OrderName {
  return { shopId: data.shopId, orderId: data.orderId };
}

/** One statement changes a row once: a payout told of several times in a batch takes several. */
async function keepInRounds(tx: Unit['tx'], told: readonly ToldPayout[]): Promise<void> {
  let left = [...told];
  while (left.length > 0) {
    const round = new Map<string, ToldPayout>();
    const later: ToldPayout[] = [];
    for (const one of left) {
      const key = `${one.shopId} ${one.payoutId}`;
      if (round.has(key)) later.push(one);
      else round.set(key, one);
    }
    await keepPayouts(
      tx,
      [...round].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    );
    left = later;
  }
}

function factsOf(data: {
  readonly shopId: string;
  readonly payoutId: string;
  readonly statementId: string;
  readonly amount: string;
  readonly currency: string;
  readonly kind: Kind;
}): Pick<
  ToldPayout,
  'shopId' | 'payoutId' | 'statementId' | 'outBizNo' | 'currency' | 'amountMinor' | 'kind'
> {
  const { shopId, payoutId, statementId, amount, currency, kind } = data;
  return {
    shopId,
    payoutId,
    statementId,
    outBizNo: outBizNoOf(shopId, payoutId),
    currency,
    amountMinor: parseAmount(amount, currency),
    kind,
  };
}

/** Without what the platform adds: a buyer's part of a line, and of its refund. */
function whatBuyersPay({ amount }: { readonly amount: string }): { readonly amount: string } {
  return { amount };
}

function sumOf(
  items: readonly { readonly amount: string; readonly subsidy?: string | undefined }[],
  currency: string,
): bigint {
  return sumMinor(
    items.flatMap(({ amount, subsidy }) => [
      parseAmount(amount, currency),
      parseAmount(subsidy ?? '0', currency),
    ]),
  );
}

function yuanOrNothing(items: Parameters<typeof sumOf>[0]): bigint | null {
  try {
    return sumOf(items, 'CNY');
  } catch (error) {
    if (error instanceof AmountError) return null;
    throw error;
  }
}
