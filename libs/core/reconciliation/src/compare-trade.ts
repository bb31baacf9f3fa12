import type { Finding } from './difference.js';

/** What topics told of the orders of one trade, in fen: what the buyer paid and got back of it. */
export interface ToldTrade {
  readonly orderCount: number;
  /** The first of them. */
  readonly orderIds: readonly string[];
  /** Up to the horizon. */
  readonly paidMinor: bigint;
  readonly backMinor: bigint;
  /** Paid less got back up to shortly before and shortly behind the horizon: clocks differ. */
  readonly earlyMinor: bigint;
  readonly lateMinor: bigint;
}

/** What bills up to the horizon have of one trade, in fen; both sums are above nothing. */
export interface BilledTrade {
  readonly lineCount: number;
  readonly paidMinor: bigint;
  readonly backMinor: bigint;
  readonly firstAt: Date | null;
}

/** One trade of Alipay's with what both sides know of it. */
export interface TradeFacts {
  readonly tradeNo: string;
  /** Null: no topic has told of an order of it. */
  readonly told: ToldTrade | null;
  readonly billed: BilledTrade;
}

export const nothingBilled: BilledTrade = {
  lineCount: 0,
  paidMinor: 0n,
  backMinor: 0n,
  firstAt: null,
};

/**
 * What a trade leaves on `clearing`: above nothing what an order expects and no bill has, below nothing
 * what was paid and no order has claimed.
 */
export function clearingOf({ told, billed }: TradeFacts): bigint {
  const toldMinor = told === null ? 0n : told.paidMinor - told.backMinor;
  return toldMinor - (billed.paidMinor - billed.backMinor);
}

/**
 * Compares what a trade's orders expect with what bills have of it; null when it leaves nothing on
 * `clearing`. Orders come when goods are received, long after they are paid: a payment of which no order
 * was told says nothing before it is as old as `untoldBefore`.
 *
 * `amountMinor` is what Alipay has more (or less) than was told, or the whole where a side has nothing.
 * No cash is off by it: both sides stand on `clearing`.
 */
export function compareTrade(facts: TradeFacts, untoldBefore: Date): Finding | null {
  const { tradeNo, told, billed } = facts;
  const leftMinor = clearingOf(facts);
  if (leftMinor === 0n) return null;
  if (told === null && !isOverdue(billed, leftMinor, untoldBefore)) return null;
  const isOneSided = told === null || billed.lineCount === 0;
  return {
    comparison: 'trades',
    class: classOf(facts),
    subject: { type: 'trade', id: tradeNo },
    amountMinor: isOneSided ? magnitude(leftMinor) : -leftMinor,
    cashMinor: 0n,
    ours: told && {
      orders: told.orderCount,
      orderIds: told.orderIds,
      paidMinor: told.paidMinor.toString(),
      refundedMinor: told.backMinor.toString(),
    },
    theirs:
      billed.lineCount === 0
        ? null
        : {
            lines: billed.lineCount,
            firstAt: billed.firstAt?.toISOString() ?? null,
            paidMinor: billed.paidMinor.toString(),
            refundedMinor: billed.backMinor.toString(),
          },
  };
}

/** Only money that came and stayed can want an order; a refund of what was paid long ago does not. */
function isOverdue(billed: BilledTrade, leftMinor: bigint, untoldBefore: Date): boolean {
  return leftMinor < 0n && billed.firstAt !== null && billed.firstAt < untoldBefore;
}

function classOf({ told, billed }: TradeFacts): Finding['class'] {
  if (told === null) return 'missing-here';
  const billedMinor = billed.paidMinor - billed.backMinor;
  if (billedMinor === told.earlyMinor || billedMinor === told.lateMinor) return 'next-day';
  return billed.lineCount === 0 ? 'missing-at-alipay' : 'amount-differs';
}

function magnitude(fen: bigint): bigint {
  return fen < 0n ? -fen : fen;
}
