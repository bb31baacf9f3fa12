import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import type { BillBooking } from '@qingfen/contracts';
import { billLegs, type PlainAccount } from '@qingfen/core-settlement';
import { advisoryLock } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { minor, parseSignedAmount } from '@qingfen/money';
import { keepBookings, standingBookings, type StandingBooking } from './bill-booking.store.js';
import { EntryBook } from './entry-book.js';
import type { LedgerTransaction } from './ledger.store.js';

/** Alipay's bills are in yuan. */
export const billCurrency = 'CNY';

/** Books what Alipay's bills have: buyers' payments and refunds, fees, top-ups, what nobody explains. */
@Injectable()
export class BillBookingService {
  constructor(@Inject(EntryBook) private readonly book: EntryBook) {}

  /** Books what has changed since it was told last; told again it books nothing. */
  async note(unit: Unit, shopId: string, told: readonly BillBooking[]): Promise<void> {
    await advisoryLock(unit.tx, `bill-bookings ${shopId}`, 'exclusive');
    const items = told.map(({ item }) => item);
    const rows = await standingBookings(unit.tx, shopId, items);
    const standing = new Map(rows.map((row) => [row.item, row]));
    const transactions: LedgerTransaction[] = [];
    const kept: StandingBooking[] = [];
    for (const booking of told) {
      const before = standing.get(booking.item);
      const after: StandingBooking = {
        item: booking.item,
        account: booking.account,
        amount_minor: parseSignedAmount(booking.amount, billCurrency),
        revision: (before?.revision ?? 0) + 1,
      };
      const transaction = transactionOf(unit, { shopId, booking, before, after });
      if (transaction.legs.length === 0) continue;
      standing.set(booking.item, after);
      kept.push(after);
      transactions.push(transaction);
    }
    await this.book.book(unit, { transactions });
    await keepBookings(unit.tx, shopId, [...new Map(kept.map((one) => [one.item, one])).values()]);
  }
}

function transactionOf(
  unit: Unit,
  of: {
    readonly shopId: string;
    readonly booking: BillBooking;
    readonly before: StandingBooking | undefined;
    readonly after: StandingBooking;
  },
): LedgerTransaction {
  const { shopId, booking, before, after } = of;
  const legs = billLegs(
    before === undefined
      ? null
      : { account: accountIn(before), amountMinor: minor(before.amount_minor) },
    { account: booking.account, amountMinor: minor(after.amount_minor) },
  );
  const movesCash = legs.some(({ account }) => account === 'alipay-cash');
  return {
    shopId,
    bookedAt: unit.now,
    valueAt: movesCash ? parseInstant(booking.valueAt) : null,
    currency: billCurrency,
    cause: 'bill',
    causeId: `${booking.item}#${after.revision}`,
    legs,
  };
}

const accounts: readonly PlainAccount[] = [
  'clearing',
  'owner',
  'expense:alipay-fee',
  'expense:adjustment',
  'suspense',
];

function accountIn({ item, account }: StandingBooking): PlainAccount {
  const known = accounts.find((name) => name === account);
  if (known === undefined) throw new Error(`${item} stands on ${account}, which no bill books`);
  return known;
}
