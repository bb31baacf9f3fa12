import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { OrderClearing } from '@qingfen/contracts';
import { clearingOf, nothingBilled } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { notFound, Permit, readers } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { lastReadDay } from './day.store.js';
import { TradeSide } from './trade-side.js';
import type { OrderOfTrade } from './trade-side.store.js';

/** Before any bill was read everything waits for one: so old is no bill. */
const beforeBills = '1970-01-01';
/** Alipay's trades are in yuan. */
const currency = 'CNY';

/** What one order leaves on `clearing`: for whoever looks into a difference, or wants to see that there is none. */
@Controller('internal/shops/:shopId/reconciliations/orders')
export class OrderClearingController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TradeSide) private readonly trades: Pick<TradeSide, 'ofOrder'>,
  ) {}

  @Get(':orderId')
  @Permit(...readers)
  async read(
    @Param('shopId') shopId: string,
    @Param('orderId') orderId: string,
  ): Promise<OrderClearing> {
    const lastDay = await lastReadDay(this.database, shopId);
    const found = await this.trades.ofOrder(shopId, lastDay ?? beforeBills, orderId);
    if (found === null) throw notFound(`No topic has told of the order ${orderId.slice(0, 64)}.`);
    return orderClearingView({ orderId, billedUntil: lastDay, found });
  }
}

function orderClearingView({
  orderId,
  billedUntil,
  found,
}: {
  readonly orderId: string;
  readonly billedUntil: string | null;
  readonly found: OrderOfTrade;
}): OrderClearing {
  const { tradeNo, facts } = found;
  const { told, billed } = facts ?? { told: null, billed: nothingBilled };
  return {
    orderId,
    alipayTradeNo: tradeNo,
    state: found.state,
    billedUntil,
    orderIds: [...(told?.orderIds ?? [orderId])],
    currency,
    told: sidesOf(told ?? nothingBilled),
    billed: sidesOf(billed),
    clearing: yuan(facts === null ? 0n : clearingOf(facts)),
  };
}

function sidesOf(side: {
  readonly paidMinor: bigint;
  readonly backMinor: bigint;
}): OrderClearing['told'] {
  return { paid: yuan(side.paidMinor), refunded: yuan(side.backMinor) };
}

function yuan(fen: bigint): string {
  return formatAmount(minor(fen), currency);
}
