import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Desk, sound } from './manual.fixture.js';
import { openTrades } from './royalty.store.js';
import { ownGoods, Sales, supplied } from './sales.fixture.js';

type Requested = EventData['payout-requested'];

/** 27.00 of 100.00 to the distributor, by splits; of each trade 30.00 may be split. */
const split = { ...ownGoods, commission: { ...ownGoods.commission, payVia: 'royalty' } };
/** The supplier's 63.00 too. */
const bothSplit = { ...split, supplier: { ...supplied.supplier, payVia: 'royalty' } };

let books: Books;
let desk: Desk;
let sales: Sales;

beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  desk = new Desk(books);
  sales = new Sales(desk);
});
afterAll(async () => {
  await books.close();
});

/** What was asked for, in its order: way, amount, and the order of a split. */
async function asked(shopId: string): Promise<string[]> {
  const said = await sales.said('payout-requested', shopId);
  return said.map(({ payVia, amount, legs, part, parts }) => {
    const of = legs?.map(({ orderId, alipayTradeNo }) => ` ${orderId} ${alipayTradeNo}`) ?? [];
    return `${payVia} ${amount} ${part}/${parts}${of.join()}`;
  });
}

/** What became of a payout that was asked for. */
async function ended(
  { shopId, payoutId, statementId, payeeId, kind, amount, currency }: Requested,
  change: Partial<EventData['payout-result']>,
): Promise<void> {
  const at = books.clock.now().toISOString();
  const common = { shopId, payoutId, statementId, payeeId, kind, amount, currency, at };
  await desk.tell({ ...common, status: 'succeeded', seq: 2, ...change });
}

async function splitsOf(shopId: string): Promise<Requested[]> {
  const said = await sales.said('payout-requested', shopId);
  return said.filter(({ payVia }) => payVia === 'royalty');
}

async function soldThenNight(...orders: ReturnType<Sales['order']>[]): Promise<void> {
  await sales.sold(orders);
  sales.night();
  await books.runDue();
}

describe('a statement that is paid by splits', () => {
  it('R-ALI-3 splits the trade of each order, and asks for the rest when the splits have ended', async () => {
    const shopId = await sales.newShop('rest', ['d-1'], split);
    const paid = { alipayTradeNo: 't1' };
    await soldThenNight(
      sales.order(shopId, paid),
      sales.order(shopId, { orderId: 'o-2' }),
      sales.order(shopId, { orderId: 'o-3', alipayTradeNo: 't3' }),
    );
    const legs = ['royalty 27.00 1/3 o-1 t1', 'royalty 27.00 2/3 o-3 t3'];
    expect(await asked(shopId)).toEqual(legs);
    const [first, second] = await splitsOf(shopId);
    if (first === undefined || second === undefined) throw new Error('there are two splits');
    await ended(first, {});
    expect(await asked(shopId)).toEqual(legs);
    await ended(second, {});
    expect(await asked(shopId)).toEqual([...legs, 'transfer 27.00 3/3']);
    await ended(second, { seq: 3 }); // told again, it asks for nothing more
    expect(await asked(shopId)).toHaveLength(3);
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.morning();
  });

  it('R-ALI-3 never splits more of a trade than its cap, whoever is paid from it', async () => {
    const shopId = await sales.newShop('cap', ['d-1', 's-1'], bothSplit);
    await soldThenNight(sales.order(shopId, { alipayTradeNo: 't1' }));
    const splits = await splitsOf(shopId);
    const sum = splits.reduce((total, { amount }) => total + Number(amount), 0);
    expect(sum).toBe(30);
    expect(new Set(splits.map(({ kind }) => kind))).toEqual(new Set(['commission', 'supplier']));
    const rows = await books.database.query<{ gap: bigint }>(
      `SELECT s.net_minor - (SELECT sum(p.amount_minor)::bigint FROM payout p
                              WHERE p.shop_id = s.shop_id AND p.statement_id = s.statement_id) AS gap
         FROM statement s WHERE s.shop_id = $1`,
      [shopId],
    );
    expect(rows.map(({ gap }) => gap)).toEqual([0n, 0n]);
    sales.morning();
  });

  it('R-ALI-3 counts of a trade what the buyer paid, and not what the platform gave or gave back', async () => {
    const shopId = await sales.newShop('paid', ['d-1'], split);
    const items = [{ itemId: '1', supplierId: 's-1', amount: '100.00', subsidy: '20.00' }];
    await sales.sold([sales.order(shopId, { alipayTradeNo: 't1', items })]);
    const refund = { ...sales.refund(shopId, 'r-1', '20.00') };
    await books.heard('order-refunded', [refund]);
    sales.night();
    await books.runDue();
    // Of 100.00 the platform pays 20.00 and the buyer got 20.00 back: 30 % of 60.00.
    expect(await asked(shopId)).toEqual(['royalty 18.00 1/2 o-1 t1']);
    sales.morning();
  });

  it('R-ALI-3 pays by transfer in the next run what Alipay did not split, without anybody', async () => {
    const shopId = await sales.newShop('unfit', ['d-1'], split);
    await soldThenNight(sales.order(shopId, { alipayTradeNo: 't1' }));
    const [leg] = await splitsOf(shopId);
    if (leg === undefined) throw new Error('there is a split');
    const failure = { code: '40004', subCode: 'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR', message: '' };
    await ended(leg, { status: 'failed', payeeFault: false, failure });
    expect(await desk.open(shopId)).toEqual(['commission d-1 2700']);
    sales.nextDay();
    await books.runDue();
    expect(await asked(shopId)).toEqual(['royalty 27.00 1/1 o-1 t1', 'transfer 27.00 1/1']);
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.morning();
  });

  it('R-ALI-3 R-REF-3 books what a refund took back of a split against the clawback, the rest is a debt', async () => {
    const shopId = await sales.newShop('returned', ['d-1'], split);
    await soldThenNight(sales.order(shopId, { alipayTradeNo: 't1' }));
    const [leg] = await splitsOf(shopId);
    if (leg === undefined) throw new Error('there is a split');
    await ended(leg, {});
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '50.00')]);
    expect(await desk.open(shopId)).toEqual(['commission d-1 -1350']);
    await ended(leg, { seq: 3, returnedAmount: '13.50' });
    await ended(leg, { seq: 3, returnedAmount: '13.50' }); // once, however often it is told
    expect(await desk.open(shopId)).toEqual(['commission d-1 -1350', 'commission d-1 1350']);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-2', '50.00')]);
    await ended(leg, { status: 'returned', seq: 4, returnedAmount: '27.00' });
    const sum = await books.database.query(
      'SELECT sum(amount_minor)::bigint AS owed FROM open_entry WHERE shop_id = $1',
      [shopId],
    );
    expect(sum).toEqual([{ owed: 0n }]);
    expect(await desk.ledger(shopId)).toEqual({});
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.morning();
  });

  it('R-ALI-3 R-RUL-4 carries what no transfer could move, whatever the least payout says', async () => {
    const tiny = { ...split, commission: { ...split.commission, minPayout: '0.01' } };
    const shopId = await sales.newShop('tiny', ['d-1'], tiny);
    const items = [{ itemId: '1', supplierId: 's-1', amount: '0.20' }];
    await soldThenNight(sales.order(shopId, { alipayTradeNo: 't1', items }));
    expect(await asked(shopId)).toEqual([]);
    expect(await desk.open(shopId)).toEqual(['commission d-1 5']);
    sales.morning();
  });

  it('R-ALI-3 says of a trade whether anything of its orders is open', async () => {
    const weekly = { ...supplied.supplier, cycle: { every: 'week', on: 'sunday', at: '02:00' } };
    const shopId = await sales.newShop('open', ['d-1', 's-1'], { ...split, supplier: weekly });
    await soldThenNight(sales.order(shopId, { alipayTradeNo: 't1' }));
    const isOpen = async (): Promise<boolean> => {
      const trades = [{ shopId, tradeNo: 't1' }];
      return (await openTrades(books.database, trades)).size > 0;
    };
    expect(await isOpen()).toBe(true);
    const [leg] = await splitsOf(shopId);
    if (leg === undefined) throw new Error('there is a split');
    await ended(leg, {});
    expect(await isOpen()).toBe(true); // the supplier is not stated yet
    for (let day = 0; day < 7; day += 1) {
      sales.nextDay();
      await books.runDue();
    }
    expect(await isOpen()).toBe(false);
    sales.morning();
  });

  it('R-ALI-3 takes a return that is told before its success for both', async () => {
    const shopId = await sales.newShop('overtaken', ['d-1'], split);
    await soldThenNight(sales.order(shopId, { alipayTradeNo: 't1' }));
    const [leg] = await splitsOf(shopId);
    if (leg === undefined) throw new Error('there is a split');
    await ended(leg, { seq: 3, returnedAmount: '7.00' });
    await ended(leg, { seq: 2 });
    expect(await desk.ledger(shopId)).toMatchObject({ 'alipay-cash': '-2000' });
    expect(await desk.open(shopId)).toEqual(['commission d-1 700']);
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.morning();
  });
});
