import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BalanceController } from './balance.controller.js';
import { Books } from './books.fixture.js';
import { Desk, sound } from './manual.fixture.js';
import { indebtedSince } from './payout.store.js';
import { PlanShelf } from './plan-shelf.js';
import { ownGoods, Sales, supplied } from './sales.fixture.js';

// What users of neighbouring systems complain about, one by one: docs/lessons.md has the list.

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

const refunded = (shopId: string, refundId: string, amount: string, orderId = 'o-1') =>
  books.heard('order-refunded', [sales.refund(shopId, refundId, amount, orderId)]);

/** Lives through the night to 10:00, and pays whatever was stated in it. */
async function paidInTheNight(shopId: string, payeeIds: readonly string[]): Promise<void> {
  sales.night();
  await books.runDue();
  for (const payeeId of payeeIds) await desk.ended(shopId, payeeId, { status: 'succeeded' });
  sales.morning();
}

async function night(): Promise<void> {
  sales.night();
  await books.runDue();
  sales.morning();
}

describe('a refund of what was paid', () => {
  it('R-REF-3 lesson of CRMEB PHP: a debt above all that is unpaid stays whole until it is earned back', async () => {
    const shopId = await sales.newShop('debt', ['d-1']);
    await sales.sold([sales.order(shopId)]);
    await paidInTheNight(shopId, ['d-1']);
    await refunded(shopId, 'r-1', '100.00');
    const small = { items: [{ itemId: '1', supplierId: 's-1', amount: '40.00' }] };
    for (const [orderId, left] of [
      ['o-2', -1620n],
      ['o-3', -540n],
    ] as const) {
      await sales.sold([sales.order(shopId, { orderId, ...small })]);
      await night();
      const open = (await desk.open(shopId)).map((row) => BigInt(row.split(' ')[2] ?? ''));
      expect(open.reduce((sum, amount) => sum + amount, 0n)).toBe(left);
      expect(await desk.invariants(shopId)).toEqual(sound);
    }
    await sales.sold([sales.order(shopId, { orderId: 'o-4' })]);
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700', 'commission d-1 2160']);
    expect(await desk.open(shopId)).toEqual([]);
  });

  it('R-REF-3 lesson 26: is clawed back once and subtracted once, however often it is told', async () => {
    const shopId = await sales.newShop('clawback', ['d-1', 's-1'], supplied);
    await sales.sold([sales.order(shopId)]);
    await paidInTheNight(shopId, ['d-1', 's-1']);
    const told = sales.refund(shopId, 'r-1', '50.00');
    await books.heard('order-refunded', [told, told]);
    await books.heard('order-refunded', [told], 1);
    expect(await desk.open(shopId)).toEqual(['commission d-1 -1350', 'supplier s-1 -3150']);
    for (const orderId of ['o-2', 'o-3']) {
      await sales.sold([sales.order(shopId, { orderId })]);
      await night();
      await books.heard('order-refunded', [told]);
    }
    expect(await desk.stated(shopId)).toEqual([
      'commission d-1 2700',
      'supplier s-1 6300',
      'commission d-1 1350',
      'supplier s-1 3150',
      'commission d-1 2700',
      'supplier s-1 6300',
    ]);
    expect(await desk.open(shopId)).toEqual([]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-REF-3 R-RUL-5 lesson 27: is split at the rate of the order, whatever was published since', async () => {
    const shopId = await sales.newShop('rates', ['d-1']);
    const [paid, unpaid] = ['o-1', 'o-2'].map((orderId) => sales.order(shopId, { orderId }));
    if (paid === undefined || unpaid === undefined) throw new Error('two orders were made');
    await sales.sold([paid]);
    await paidInTheNight(shopId, ['d-1']);
    await sales.sold([unpaid]);
    const lower = { ...ownGoods, commission: { levels: [{ rate: '0.10' }] } };
    const now = books.clock.now().toISOString();
    await desk.publish(shopId, now, { version: 2, plan: lower });
    await refunded(shopId, 'r-1', '50.00', 'o-1');
    await refunded(shopId, 'r-1', '50.00', 'o-2');
    expect(await desk.open(shopId)).toEqual(['commission d-1 -1350', 'commission d-1 1350']);
    await sales.sold([sales.order(shopId, { orderId: 'o-3' })]);
    expect(await desk.open(shopId)).toContain('commission d-1 900');
    await night();
  });

  it('R-REF-3 lesson of Gumroad: reversed, it is given back to the fen, netted or not', async () => {
    const shopId = await sales.newShop('reversed', ['d-1']);
    await sales.sold([sales.order(shopId), sales.order(shopId, { orderId: 'o-2' })]);
    await paidInTheNight(shopId, ['d-1']);
    await refunded(shopId, 'r-1', '33.33');
    await refunded(shopId, 'r-2', '33.33');
    await sales.sold([sales.order(shopId, { orderId: 'o-3' })]);
    await night();
    await refunded(shopId, 'r-3', '33.34');
    for (const refundId of ['r-2', 'r-3', 'r-1', 'r-2']) {
      const at = books.clock.now().toISOString();
      await books.heard('order-refund-reversed', [{ shopId, orderId: 'o-1', refundId, at }]);
    }
    await night();
    const nets = (await desk.stated(shopId)).map((row) => BigInt(row.split(' ')[2] ?? ''));
    expect(nets.reduce((sum, net) => sum + net, 0n)).toBe(3n * 2_700n);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-REF-2 R-REF-3 lesson 29: a line is given back in parts, each under a number of its own', async () => {
    const shopId = await sales.newShop('parts', ['d-1', 's-1'], supplied);
    await sales.sold([sales.order(shopId)]);
    await refunded(shopId, 'r-1', '33.33');
    await paidInTheNight(shopId, ['d-1', 's-1']);
    await refunded(shopId, 'r-2', '33.33');
    await refunded(shopId, 'r-3', '33.34');
    const {
      'payout-in-transit': _,
      owner,
      'alipay-cash': cash,
      ...rest
    } = await desk.ledger(shopId);
    // All of it went back to the buyer: what the payees were paid is what they owe.
    expect([owner, cash]).toEqual([undefined, '-6000']);
    expect(rest).toEqual({ 'payable:commission:d-1': '1800', 'payable:supplier:s-1': '4200' });
    expect(await desk.invariants(shopId)).toEqual(sound);
    await night();
  });
});

describe('a refund between the statement and its payment', () => {
  it('R-REF-3 lesson 25: lets the payout wait for a person, unless what is owed covers it', async () => {
    const bare = await sales.newShop('bare', ['d-1']);
    const covered = await sales.newShop('covered', ['d-1']);
    await sales.sold([bare, covered].map((shopId) => sales.order(shopId)));
    sales.night();
    await books.runDue();
    await sales.sold([sales.order(covered, { orderId: 'o-2' })]);
    const keys: { readonly shopId: string; readonly payoutId: string }[] = [];
    for (const shopId of [bare, covered]) {
      keys.push(await desk.resultFor(shopId, 'd-1'));
      await refunded(shopId, 'r-1', '100.00');
    }
    const [indebted] = keys;
    expect([...(await indebtedSince(books.database, keys))]).toEqual([
      `${bare} ${indebted?.payoutId}`,
    ]);
    sales.morning();
  });
});

describe('what a statement takes', () => {
  it('R-RUL-4 lesson 6: is every entry of its payee; its net is their sum, and so are its payouts', async () => {
    const shopId = await sales.newShop('many', ['d-1']);
    const items = [{ itemId: '1', supplierId: 's-1', amount: '1000.00' }];
    const orders = Array.from({ length: 700 }, (_, index) =>
      sales.order(shopId, { orderId: `o-${index}`, items }),
    );
    await sales.sold(orders);
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 18900000']);
    expect(await desk.open(shopId)).toEqual([]);
    const [row] = await books.database.query<{ listed: bigint; counted: number; sum: bigint }>(
      `SELECT count(*) AS listed, min(s.entry_count) AS counted, sum(e.amount_minor)::bigint AS sum
         FROM statement s JOIN statement_entry e USING (shop_id, statement_no) WHERE shop_id = $1`,
      [shopId],
    );
    expect(row).toEqual({ listed: 700n, counted: 700, sum: 18_900_000n });
    const asked = await sales.said('payout-requested', shopId);
    expect(asked.map(({ amount }) => amount)).toEqual([
      '50000.00',
      '50000.00',
      '50000.00',
      '39000.00',
    ]);
  });

  it('R-RUL-4 lessons 22, 40: is carried whole below the minimum, and what is shown is what is paid', async () => {
    const shopId = await sales.newShop('crumbs', ['d-1']);
    const items = [{ itemId: '1', supplierId: 's-1', amount: '0.33' }]; // 0.0891 to d-1
    const balances = new BalanceController(books.database, books.clock, new PlanShelf());
    for (const [orderId, shown, stated] of [
      ['o-1', '0.09', []],
      ['o-2', '0.18', ['commission d-1 18']],
    ] as const) {
      await sales.sold([sales.order(shopId, { orderId, items })]);
      const { items: before } = await balances.list(shopId, { payeeId: 'd-1' });
      expect(before).toMatchObject([{ matured: shown, owedBack: '0.00' }]);
      await night();
      expect(await desk.stated(shopId)).toEqual(stated);
    }
    const { items: after } = await balances.list(shopId, { payeeId: 'd-1' });
    expect(after).toMatchObject([{ matured: '0.00', inPayout: '0.18' }]);
  });

  it('R-EVO-2 lessons 33, 34: is never another currency, added up or taken for the plan’s', async () => {
    const shopId = await sales.newShop('currencies', ['d-1']);
    await sales.sold([
      sales.order(shopId),
      sales.order(shopId, { orderId: 'o-usd', currency: 'USD' }),
    ]);
    await night();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700']);
    expect(await desk.open(shopId)).toEqual([]);
    const [usd] = await books.database.query<{ currency: string; version: number | null }>(
      `SELECT currency, plan_version AS version FROM completed_order
        WHERE shop_id = $1 AND order_id = 'o-usd'`,
      [shopId],
    );
    expect(usd).toEqual({ currency: 'USD', version: null });
    const alerts = await books.database.query<{ class: string }>(
      'SELECT class FROM alert WHERE shop_id = $1',
      [shopId],
    );
    expect(alerts).toEqual([{ class: 'no-plan' }]);
  });
});

describe('how a payout ended', () => {
  async function paid(name: string): Promise<string> {
    const shopId = await sales.newShop(name, ['d-1']);
    await sales.sold([sales.order(shopId)]);
    sales.night();
    await books.runDue();
    return shopId;
  }

  it('R-FAI-1 lessons 13, 14: paid is not the end; what comes back is owed again, once', async () => {
    const shopId = await paid('bounced');
    const succeeded = await desk.resultFor(shopId, 'd-1', { status: 'succeeded', seq: 2 });
    const returned = { ...succeeded, status: 'returned', seq: 3 } as const;
    for (const told of [succeeded, returned, returned, succeeded]) await desk.tell(told);
    expect(await desk.open(shopId)).toEqual(['commission d-1 2700']);
    const ledger = await desk.ledger(shopId);
    expect([ledger['alipay-cash'], ledger['payout-in-transit']]).toEqual([undefined, undefined]);
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.nextDay();
    await books.runDue();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700', 'commission d-1 2700']);
    sales.morning();
  });

  it('R-FAI-1 lesson 15: the latest word counts, whatever order they come in', async () => {
    const shopId = await paid('stale');
    const succeeded = await desk.resultFor(shopId, 'd-1', { status: 'succeeded', seq: 2 });
    await desk.tell({ ...succeeded, status: 'returned', seq: 3 });
    await desk.tell(succeeded);
    expect(await desk.open(shopId)).toEqual(['commission d-1 2700']);
    const ledger = await desk.ledger(shopId);
    expect([ledger['alipay-cash'], ledger['payout-in-transit']]).toEqual([undefined, undefined]);
    expect(await desk.invariants(shopId)).toEqual(sound);
    sales.morning();
  });

  it('R-FAI-1 lesson 14: a failure of what was paid is a contradiction, and is not booked', async () => {
    const shopId = await paid('contradicted');
    const succeeded = await desk.resultFor(shopId, 'd-1', { status: 'succeeded', seq: 2 });
    await desk.tell(succeeded);
    // Off Kafka there is no dead letter to write: what is refused rolls back.
    const failed = desk.tell({ ...succeeded, status: 'failed', seq: 3 });
    await expect(failed).rejects.toThrow(/refused/);
    expect(await desk.open(shopId)).toEqual([]);
    expect((await desk.ledger(shopId))['alipay-cash']).toBe('-2700');
    sales.morning();
  });

  it('R-ARC-1 lesson 42: money counts at Alipay’s instant, whenever its end is heard', async () => {
    const shopId = await paid('value-dated');
    sales.nextDay();
    const at = '2026-01-01T23:59:59+08:00';
    await desk.ended(shopId, 'd-1', { status: 'succeeded', at });
    const rows = await books.database.query<{ cause: string; booked: Date; value: Date | null }>(
      `SELECT cause, booked_at AS booked, value_at AS value FROM posting
        WHERE shop_id = $1 AND account = 'alipay-cash'`,
      [shopId],
    );
    expect(rows).toEqual([
      { cause: 'payout-succeeded', booked: books.clock.now(), value: new Date(at) },
    ]);
    await books.runDue();
    sales.morning();
  });
});
