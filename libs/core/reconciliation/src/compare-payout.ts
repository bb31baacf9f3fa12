import type { Finding } from './difference.js';

export type PayoutStatus = 'succeeded' | 'failed' | 'cancelled' | 'returned';

/** A payout as the books have it. */
export interface PayoutFact {
  readonly payoutId: string;
  readonly amountMinor: bigint;
  /** Null while it has not ended. */
  readonly status: PayoutStatus | null;
  /** When the books moved the money: out, and back. */
  readonly succeededAt: Date | null;
  readonly returnedAt: Date | null;
}

/** What bills up to a day have under one of our numbers. Sums are positive fen. */
export interface Moved {
  readonly outCount: number;
  readonly outMinor: bigint;
  readonly inCount: number;
  readonly inMinor: bigint;
}

/** Up to where bills have been read, and how near to it an end may still cross over. */
export interface Horizon {
  /** The midnight that ends the last day of which the bill was read. */
  readonly until: Date;
  /** Our clock and Alipay's differ by less than this. */
  readonly crossingMs: number;
}

/** One of our numbers, with what both sides know of it. */
export interface NumberFacts {
  readonly outBizNo: string;
  readonly payout: PayoutFact | null;
  readonly moved: Moved;
}

export const nothingMoved: Moved = { outCount: 0, outMinor: 0n, inCount: 0, inMinor: 0n };

/**
 * Compares a payout with what the bills have under its number; null when they agree.
 *
 * `amountMinor` is what Alipay moved more than the books say, or the whole amount where a side has
 * nothing; `cashMinor` is bill less books, by value date up to the horizon, to the fen.
 */
export function comparePayout(facts: NumberFacts, horizon: Horizon): Finding | null {
  const { outBizNo, payout, moved } = facts;
  const verdict = payout === null ? unknownNumber(moved) : judge(payout, moved, horizon);
  const cashMinor = moved.inMinor - moved.outMinor - bookedMinor(payout, horizon.until);
  if (verdict === null && cashMinor === 0n) return null;
  // Agreed on all but the day: our clock and Alipay's were on two sides of a midnight.
  const crossed: Verdict = { class: 'next-day', amountMinor: moved.outMinor };
  const { class: found, amountMinor } = verdict ?? crossed;
  return {
    comparison: 'payouts',
    class: found,
    subject: { type: 'number', id: outBizNo },
    amountMinor,
    cashMinor,
    ours: payout && {
      payoutId: payout.payoutId,
      amountMinor: payout.amountMinor.toString(),
      status: payout.status,
      succeededAt: payout.succeededAt?.toISOString() ?? null,
      returnedAt: payout.returnedAt?.toISOString() ?? null,
    },
    theirs: isNothing(moved)
      ? null
      : {
          out: { count: moved.outCount, amountMinor: moved.outMinor.toString() },
          back: { count: moved.inCount, amountMinor: moved.inMinor.toString() },
        },
  };
}

type Verdict = Pick<Finding, 'class' | 'amountMinor'>;

function unknownNumber({ outCount, outMinor, inMinor }: Moved): Verdict | null {
  if (outCount > 0) return { class: 'missing-here', amountMinor: outMinor };
  return inMinor > 0n ? { class: 'missing-here', amountMinor: -inMinor } : null;
}

function judge(payout: PayoutFact, moved: Moved, horizon: Horizon): Verdict | null {
  const { amountMinor, status } = payout;
  if (moved.outCount > 1) {
    return { class: 'duplicate', amountMinor: moved.outMinor - amountMinor };
  }
  if (moved.outCount === 1 && moved.outMinor !== amountMinor) {
    return { class: 'amount-differs', amountMinor: moved.outMinor - amountMinor };
  }
  switch (status) {
    case 'succeeded':
      if (moved.inCount > 0) return { class: 'status-differs', amountMinor };
      return moved.outCount === 1 ? null : absent(amountMinor, payout.succeededAt, horizon);
    case 'returned': {
      if (moved.outCount === 0) return absent(amountMinor, payout.succeededAt, horizon);
      if (moved.inCount === 0) return absent(amountMinor, payout.returnedAt, horizon);
      const isSame = moved.inCount === 1 && moved.inMinor === amountMinor;
      return isSame ? null : { class: 'amount-differs', amountMinor: moved.inMinor - amountMinor };
    }
    case 'failed':
    case 'cancelled':
    case null: {
      // Nothing has left, or what left has come back: then no money is in the wrong place.
      const isWhole = moved.outMinor === moved.inMinor && (status !== null || isNothing(moved));
      return isWhole ? null : { class: 'status-differs', amountMinor };
    }
    default: {
      const never: never = status;
      return never;
    }
  }
}

/** The books have moved it, and no bill up to the horizon has. */
function absent(amountMinor: bigint, at: Date | null, horizon: Horizon): Verdict | null {
  const untilMs = horizon.until.getTime();
  const atMs = at?.getTime() ?? 0;
  if (atMs >= untilMs) return null; // of a day whose bill is still to come
  const mayCross = atMs >= untilMs - horizon.crossingMs;
  return { class: mayCross ? 'next-day' : 'missing-at-alipay', amountMinor };
}

/** What the books have of it in `alipay-cash` by value date. */
function bookedMinor(payout: PayoutFact | null, until: Date): bigint {
  if (payout === null) return 0n;
  const isBefore = (at: Date | null): boolean => at !== null && at.getTime() < until.getTime();
  const out = isBefore(payout.succeededAt) ? payout.amountMinor : 0n;
  return (isBefore(payout.returnedAt) ? payout.amountMinor : 0n) - out;
}

function isNothing({ outCount, inCount }: Moved): boolean {
  return outCount === 0 && inCount === 0;
}
