import { Inject, Injectable } from '@nestjs/common';
import type { BillBooking, CashBalance } from '@qingfen/contracts';
import { accountOf, dayEnd, dayStart, type LineClass } from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { ServiceClient } from '@qingfen/hosting';
import { formatAmount, minor, parseSignedAmount } from '@qingfen/money';
import { balanceBefore, nextDayWithBalance, type Bill, type ShopDay } from './bill.store.js';
import { noteBooked, unbookedDifferences } from './difference.store.js';

type Account = BillBooking['account'];

/** What stands against the cash of lines that are booked with their like (domain.md 8). */
const bookedByDay: readonly (readonly [LineClass, Account])[] = [
  ['trade', 'clearing'],
  ['trade-refund', 'clearing'],
  ['fee', 'expense:alipay-fee'],
  ['top-up', 'owner'],
  ['withdrawal', 'owner'],
];

const bookingsAtOnce = 500;
const bookingMs = 20_000;

/** Tells the ledger what bills have, and asks what it makes of it. */
@Injectable()
export class BookingService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
  ) {}

  /**
   * Books a day's buyers' payments and refunds, fees, top-ups and withdrawals, one amount each, and with
   * the first bill of an account what stood on it before. Told again it changes nothing; a newer file of
   * the day is told whole, and what has changed is booked.
   */
  async bookDay(of: ShopDay, bill: Bill): Promise<void> {
    const opening = await this.opening(of, bill);
    const byClass = bookedByDay.map(([lineClass, account]): BillBooking => ({
      item: `day:${of.day}:${lineClass}`,
      account,
      amount: yuan(bill.sums.get(lineClass) ?? 0n),
      valueAt: lastOf(of.day),
    }));
    await this.tell(of.shopId, [...opening, ...byClass]);
  }

  /**
   * Tells of every difference that the ledger has not heard of as it is now: the cash of an open one
   * stands in suspense, that of a closed one where it belongs, that of a cleared one nowhere.
   */
  async bookDifferences(shopId: string): Promise<void> {
    for (;;) {
      const unbooked = await unbookedDifferences(this.database, shopId, bookingsAtOnce);
      if (unbooked.length === 0) return;
      await this.tell(
        shopId,
        unbooked.map((one) => ({
          item: `difference:${one.differenceId}`,
          account: accountOf(one.state),
          amount: yuan(one.cashMinor),
          valueAt: lastOf(one.day),
        })),
      );
      await noteBooked(this.database, shopId, unbooked);
    }
  }

  /** What the ledger has in the Alipay account at the end of a day, by value. */
  async ledgerAt(shopId: string, before: Date): Promise<bigint> {
    const { status, body } = await this.client.request<CashBalance>({
      service: 'settlement-calculator',
      method: 'GET',
      path: `${pathOf(shopId)}/alipay-cash?before=${encodeURIComponent(before.toISOString())}`,
      timeoutMs: bookingMs,
    });
    if (status !== 200) throw new Error(`settlement-calculator answered ${status} for a balance`);
    return parseSignedAmount(body.cash, 'CNY');
  }

  /**
   * What stood on an account before its first bill: nobody has told the ledger of it. Where an older bill
   * comes later, its own opening takes the place of the one that was booked for the first until then.
   */
  private async opening(of: ShopDay, bill: Bill): Promise<BillBooking[]> {
    if (bill.openingMinor === null) return [];
    const { account } = bill;
    const before = await balanceBefore(this.database, of);
    const next = await nextDayWithBalance(this.database, of, account);
    const superseded = next === null ? [] : [openingOf(account, next, 0n)];
    if (before?.account === account) return superseded;
    // Told anew it must not count itself: so what stood there is taken out first.
    await this.tell(of.shopId, [openingOf(account, of.day, 0n)]);
    const ledger = await this.ledgerAt(of.shopId, dayStart(of.day));
    return [...superseded, openingOf(account, of.day, bill.openingMinor - ledger)];
  }

  private async tell(shopId: string, bookings: readonly BillBooking[]): Promise<void> {
    const { status } = await this.client.request({
      service: 'settlement-calculator',
      method: 'PUT',
      path: `${pathOf(shopId)}/bill-bookings`,
      body: { bookings },
      timeoutMs: bookingMs,
    });
    if (status !== 200) throw new Error(`settlement-calculator answered ${status} for bookings`);
  }
}

/** Of the instant before the day: it is there when the day begins. */
function openingOf(account: string, day: string, fen: bigint): BillBooking {
  const valueAt = new Date(dayStart(day).getTime() - 1).toISOString();
  return { item: `opening:${account}:${day}`, account: 'owner', amount: yuan(fen), valueAt };
}

function pathOf(shopId: string): string {
  return `/internal/shops/${encodeURIComponent(shopId)}`;
}

function yuan(fen: bigint): string {
  return formatAmount(minor(fen), 'CNY');
}

/** The last instant of a day: what its bill has is of that day, whenever it is booked. */
function lastOf(day: string): string {
  return new Date(dayEnd(day).getTime() - 1).toISOString();
}
