import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BillBooking, BookedOrders } from '@qingfen/contracts';
import { BillBookingService } from './bill-booking.service.js';
import { Books } from './books.fixture.js';
import { Desk } from './manual.fixture.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ownGoods, Sales, supplied } from './sales.fixture.js';

let books: Books;
let sales: Sales;
let controller: ReconciliationController;
let shops = 0;

beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sales = new Sales(new Desk(books));
  const service = new BillBookingService(books.book);
  controller = new ReconciliationController(books.database, books.units, service);
});
afterAll(() => books.close());

const noon = '2026-01-05T12:00:00+08:00';
const booking = (item: string, amount: string, more: Partial<BillBooking> = {}): BillBooking => ({
  item,
  amount,
  account: 'clearing',
  valueAt: noon,
  ...more,
});
const told = (shopId: string, ...bookings: BillBooking[]): Promise<unknown> =>
  controller.book(shopId, { bookings });
const cash = async (shopId: string, before: string): Promise<string> =>
  (await controller.cash(shopId, { before })).cash;

/** Balances of a shop's accounts in fen, those of nothing left out. */
async function balances(shopId: string): Promise<Record<string, bigint>> {
  const rows = await books.database.query<{ account: string; balance: bigint }>(
    `SELECT account, sum(amount_minor)::bigint AS balance FROM posting WHERE shop_id = $1
      GROUP BY account HAVING sum(amount_minor) <> 0 ORDER BY account`,
    [shopId],
  );
  return Object.fromEntries(rows.map(({ account, balance }) => [account, balance]));
}

const nameless = (): string => {
  shops += 1;
  return `billed-${shops}`;
};

describe('what Alipay’s bills add to the ledger', () => {
  it('R-REC-4 O1 is booked once, however often it is told, and only what is new', async () => {
    const shopId = nameless();
    for (const amount of ['100.00', '100.00', '130.00', '130.00']) {
      await told(shopId, booking('day:2026-01-05:trade', amount));
    }
    await told(shopId, booking('day:2026-01-05:fee', '-0.60', { account: 'expense:alipay-fee' }));
    expect(await balances(shopId)).toEqual({
      'alipay-cash': 12_940n,
      clearing: -13_000n,
      'expense:alipay-fee': 60n,
    });
    const [row] = await books.database.query<{ count: bigint }>(
      `SELECT count(*) AS count FROM ledger_transaction WHERE shop_id = $1`,
      [shopId],
    );
    expect(row?.count).toBe(3n);
  });

  it('R-REC-4 counts by the day of the bill and not by the day on which it was told', async () => {
    const shopId = nameless();
    await told(shopId, booking('a', '10.00'));
    await told(shopId, booking('b', '5.00', { valueAt: '2026-01-06T12:00:00+08:00' }));
    const midnights = ['05', '06', '07'].map((day) => `2026-01-${day}T00:00:00+08:00`);
    const sums = await Promise.all(midnights.map((midnight) => cash(shopId, midnight)));
    expect(sums).toEqual(['0.00', '10.00', '15.00']);
  });

  it('R-REC-3 a difference that is explained moves from suspense, and its cash stays where it is', async () => {
    const shopId = nameless();
    const difference = booking('difference:df_1', '-77.00', { account: 'suspense' });
    await told(shopId, difference);
    await told(shopId, { ...difference, account: 'owner' });
    expect(await balances(shopId)).toEqual({ 'alipay-cash': -7_700n, owner: 7_700n });
    await told(shopId, { ...difference, amount: '0.00' });
    expect(await balances(shopId)).toEqual({});
  });

  it('R-REC-4 O3 twenty at once book it once', async () => {
    const shopId = nameless();
    const all = [booking('a', '10.00'), booking('b', '-3.00', { account: 'owner' })];
    await Promise.all(Array.from({ length: 20 }, () => told(shopId, ...all)));
    expect(await balances(shopId)).toEqual({ 'alipay-cash': 700n, clearing: -1_000n, owner: 300n });
  });

  it('R-REC-4 refuses an account that no bill books', async () => {
    const odd = { ...booking('a', '1.00'), account: 'payout-in-transit' };
    await expect(controller.book(nameless(), { bookings: [odd] })).rejects.toMatchObject({
      problem: { status: 422 },
    });
  });
});

describe('what the books owe for orders', () => {
  const sumsOf = async (shopId: string, ...orderIds: string[]): Promise<BookedOrders['items']> =>
    (await controller.bookedOrders(shopId, { orderIds })).items;

  it('R-REC-2 is what was paid less what was refunded, before and after it was stated', async () => {
    const shopId = await sales.newShop('sums', ['d-1', 's-1'], supplied);
    const order = sales.order(shopId);
    await sales.sold([order]);
    const settling = { orderId: 'o-1', state: 'settling', currency: 'CNY', keepsRest: false };
    expect(await sumsOf(shopId, 'o-1', 'nobody')).toEqual([
      { ...settling, entries: '100.00', entryCount: 3 },
    ]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '10.01')]);
    expect(await sumsOf(shopId, 'o-1')).toMatchObject([{ entries: '89.99' }]);
    sales.night();
    await books.runDue();
    sales.morning();
    await books.heard('order-refunded', [sales.refund(shopId, 'r-2', '20.00')]);
    expect(await sumsOf(shopId, 'o-1')).toMatchObject([{ entries: '69.99' }]);
  });

  it('R-REC-2 says where the shop keeps the rest, and where no plan fits', async () => {
    const shopId = await sales.newShop('own', ['d-1'], ownGoods);
    const early = sales.order(shopId, { orderId: 'o-2', paidAt: '2025-01-01T00:00:00+08:00' });
    await sales.sold([sales.order(shopId), early]);
    expect(await sumsOf(shopId, 'o-1', 'o-2')).toMatchObject([
      { orderId: 'o-1', state: 'settling', entries: '37.00', keepsRest: true },
      { orderId: 'o-2', state: 'no-plan', entries: '0.00', keepsRest: false },
    ]);
  });
});
