import { billFile, type BillLine } from '@qingfen/alipay-bills';
import type { AccountLog, BillBooking, BillBookingsBody } from '@qingfen/contracts';
import { beijingDay, type BookedOrder } from '@qingfen/core-reconciliation';
import { formatAmount, minor, parseSignedAmount } from '@qingfen/money';

export const yuan = (fen: bigint): string => formatAmount(minor(fen), 'CNY');

/** Alipay's side of one shop: what moved, and the file that it gives of a day. */
export class AlipaySide {
  readonly lines: (Omit<BillLine, 'lineNo' | 'balanceMinor'> & { readonly day: string })[] = [];
  /** Movements that the account's log has, and no bill will have. */
  readonly notBilled = new Set<string>();
  /** So many lines its log gives at once. */
  logLinesMax = 1_000;
  /** What it gives instead of the file, by day. */
  readonly instead = new Map<string, Buffer | { readonly status: number; readonly code: string }>();

  constructor(private readonly openingMinor: bigint) {}

  move(
    at: Date,
    amountMinor: bigint,
    more: { readonly kind?: string; readonly outNo?: string; readonly tradeNo?: string } = {},
  ): string {
    const logNo = `3${String(this.lines.length + 1).padStart(11, '0')}`;
    const { kind = '转账', outNo = '', tradeNo = '' } = more;
    const numbers = { alipayNo: tradeNo, tradeNo, outNo, logNo };
    const texts = { title: '', account: '', memo: '', kind, ...numbers };
    this.lines.push({ ...texts, at, amountMinor: minor(amountMinor), day: beijingDay(at) });
    return logNo;
  }

  /** What the log has of a span; null where that is too much. */
  logOf(from: Date, to: Date): AccountLog['movements'] {
    const lines = this.lines.filter(({ at }) => at >= from && at < to);
    if (lines.length > this.logLinesMax) return null;
    return lines.map(({ logNo, outNo, at, amountMinor, kind, account, title }) => ({
      ...{ logNo, outNo, kind, account, title },
      ...{ at: at.toISOString(), amount: yuan(amountMinor) },
    }));
  }

  balanceAt(day: string): bigint {
    const before = this.billed().filter((line) => line.day <= day);
    return before.reduce((sum, { amountMinor }) => sum + amountMinor, this.openingMinor);
  }

  fileOf(day: string): Buffer {
    let balance = this.openingMinor;
    const written: BillLine[] = [];
    for (const { day: of, ...line } of this.billed().toSorted((a, b) => +a.at - +b.at)) {
      balance += line.amountMinor;
      if (of !== day) continue;
      written.push({ ...line, lineNo: written.length + 1, balanceMinor: minor(balance) });
    }
    return billFile(written, { day });
  }

  private billed(): AlipaySide['lines'] {
    return this.lines.filter(({ logNo }) => !this.notBilled.has(logNo));
  }
}

/** The ledger's side of one shop, as settlement-calculator answers for it. */
export class LedgerSide {
  readonly orders = new Map<string, BookedOrder & { readonly entryCount: number }>();
  readonly standing = new Map<string, BillBooking>();
  private readonly cash: { readonly at: Date; readonly amountMinor: bigint }[] = [];

  pay(at: Date, amountMinor: bigint): void {
    this.cash.push({ at, amountMinor });
  }

  book({ bookings }: BillBookingsBody): void {
    for (const booking of bookings) {
      const before = parseSignedAmount(this.standing.get(booking.item)?.amount ?? '0', 'CNY');
      const amountMinor = parseSignedAmount(booking.amount, 'CNY') - before;
      this.cash.push({ at: new Date(booking.valueAt), amountMinor });
      this.standing.set(booking.item, booking);
    }
  }

  cashBefore(at: Date): bigint {
    const before = this.cash.filter((one) => one.at < at);
    return before.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  }

  /** What stands on an account for bills. */
  balanceOf(account: string): bigint {
    return [...this.standing.values()]
      .filter((booking) => booking.account === account)
      .reduce((sum, { amount }) => sum - parseSignedAmount(amount, 'CNY'), 0n);
  }
}
