import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';

const start = new Date('2026-01-01T00:00:00+08:00');
const plan = {
  returnWindowDays: 7,
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }] },
  supplier: {},
};

type Order = EventData['order-completed'];
type Refund = EventData['order-refunded'];

let books: Books;
let shopNumber = 0;
beforeAll(async () => {
  books = await Books.open(start);
});
afterAll(async () => {
  await books.close();
});

async function newShop(options: { readonly withPlan?: boolean } = {}): Promise<string> {
  shopNumber += 1;
  const shopId = `shop-${shopNumber}`;
  const updatedAt = books.clock.now().toISOString();
  await books.told(
    [
      {
        shopId,
        name: shopId,
        timezone: 'Asia/Shanghai',
        noticePeriodDays: 0,
        transferMax: '50000.00',
        updatedAt,
      },
    ],
    'shop-upserted',
    (unit, events) => books.copies.keepShops(unit, events),
  );
  if (options.withPlan !== false) await publish(shopId);
  await books.told(
    ['d-1', 'd-2', 'd-3', 's-1'].map((payeeId): EventData['payee-upserted'] => ({
      shopId,
      payeeId,
      name: payeeId,
      roles: ['distributor'],
      alipay: { identityType: 'ALIPAY_LOGON_ID', identity: `${payeeId}@x.test`, name: payeeId },
    })),
    'payee-upserted',
    (unit, events) => books.copies.keepPayees(unit, events),
  );
  return shopId;
}

async function publish(shopId: string): Promise<void> {
  const at = '2026-01-01T00:00:00+08:00';
  await books.told(
    [{ shopId, version: 1, plan, hash: 'h1', publishedAt: at, effectiveFrom: at }],
    'settlement-plan-published',
    (unit, events) => books.copies.keepPlans(unit, events),
  );
}

const order = (shopId: string, orderId: string, change: Partial<Order> = {}): Order => ({
  shopId,
  orderId,
  currency: 'CNY',
  paidAt: '2026-01-01T10:00:00+08:00',
  completedAt: '2026-01-02T10:00:00+08:00',
  items: [
    { itemId: '1', supplierId: 's-1', amount: '100.00' },
    { itemId: '2', supplierId: 's-1', amount: '99.99' },
  ],
  distributors: ['d-1', 'd-2', 'd-3'],
  ...change,
});

const refund = (shopId: string, refundId: string, change: Partial<Refund> = {}): Refund => ({
  shopId,
  orderId: 'o-1',
  refundId,
  refundedAt: '2026-01-05T10:00:00+08:00',
  items: [{ itemId: '1', amount: '100.00' }],
  ...change,
});

const windowClosed = (shopId: string, orderId = 'o-1'): Promise<void> =>
  books.told(
    [
      {
        shopId,
        orderId,
        completedAt: '2026-01-02T10:00:00+08:00',
        closedAt: '2026-01-09T10:00:00+08:00',
      },
    ],
    'return-window-closed',
    (unit, events) => books.copies.keepEvidence(unit, events),
  );

/** What each party of the shop is owed in all, corrections included. */
async function owed(shopId: string): Promise<Record<string, string>> {
  const rows = await books.database.query<{ party: string; sum: bigint }>(
    `SELECT kind || ':' || coalesce(payee_id, '') AS party, sum(amount)::bigint AS sum FROM (
       SELECT kind, payee_id, amount_minor AS amount FROM entry WHERE shop_id = $1
       UNION ALL
       SELECT e.kind, e.payee_id, a.amount_minor FROM entry_adjustment a
         JOIN entry e USING (shop_id, entry_id) WHERE a.shop_id = $1) x
      GROUP BY 1 ORDER BY 1`,
    [shopId],
  );
  return Object.fromEntries(rows.map(({ party, sum }) => [party, sum.toString()]));
}

/** The ledger's own accounts of the same parties, and the whole of it. */
async function ledger(shopId: string): Promise<Record<string, string>> {
  const rows = await books.database.query<{ account: string; sum: bigint }>(
    `SELECT account, sum(amount_minor)::bigint AS sum FROM posting
      WHERE shop_id = $1 GROUP BY 1 HAVING sum(amount_minor) <> 0 ORDER BY 1`,
    [shopId],
  );
  return Object.fromEntries(rows.map(({ account, sum }) => [account, sum.toString()]));
}

async function open(shopId: string): Promise<string[]> {
  const rows = await books.database.query<{ row: string }>(
    `SELECT kind || ' ' || payee_id || ' ' || amount_minor AS row FROM open_entry
      WHERE shop_id = $1 ORDER BY 1`,
    [shopId],
  );
  return rows.map(({ row }) => row);
}

async function statedOf(shopId: string): Promise<string[]> {
  const rows = await books.database.query<{ row: string }>(
    `SELECT left(period, 10) || ' ' || kind || ' ' || payee_id || ' ' || net_minor AS row
       FROM statement WHERE shop_id = $1 ORDER BY 1`,
    [shopId],
  );
  return rows.map(({ row }) => row);
}

async function deadLetters(topic: string): Promise<string[]> {
  const rows = await books.database.query<{ code: string }>(
    `SELECT headers::text AS code FROM outbox WHERE topic = $1 ORDER BY 1`,
    [`${topic}.dlq`],
  );
  return rows.map(({ code }) => code);
}

const second = {
  'commission:d-1': '2700',
  'commission:d-2': '1260',
  'commission:d-3': '504',
  'platform-fee:': '1000',
  'supplier:s-1': '4535',
};

describe('refunds', () => {
  it('R-REF-2 lesson 24: a full refund before the statement leaves nothing of its line to be stated', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1')]);
    await books.heard('order-refunded', [refund(shopId, 'r-1')]);
    expect(await owed(shopId)).toEqual(second);
    expect(await open(shopId)).toEqual([
      'commission d-1 2700',
      'commission d-2 1260',
      'commission d-3 504',
      'supplier s-1 4535',
    ]);
  });

  it('R-REF-2 R-TST-2 lesson of yudao, lesson of Dub: a partial refund splits the rest anew, to the fen', async () => {
    const shopId = await newShop();
    const line = { itemId: '1', supplierId: 's-1', amount: '100.00' };
    await books.completed([order(shopId, 'o-1', { items: [line] })]);
    await books.heard('order-refunded', [
      refund(shopId, 'r-1', { items: [{ itemId: '1', amount: '0.01' }] }),
    ]);
    expect(await owed(shopId)).toEqual(second);
    expect((await ledger(shopId))['owner']).toBe('9999');
  });

  it('R-REF-3 lessons 24, 25, lesson of CRMEB Java: after the statement each party is clawed back by an entry of its own', async () => {
    const shopId = await newShop();
    const line = { itemId: '1', supplierId: 's-1', amount: '100.00' };
    await books.completed([
      order(shopId, 'o-1', { items: [line] }),
      order(shopId, 'o-2', { items: [line] }),
    ]);
    await windowClosed(shopId);
    books.clock.take(new Date('2026-01-12T02:00:00+08:00'));
    await books.runDue();
    await books.heard('order-refunded', [
      refund(shopId, 'r-1', { refundedAt: '2026-01-12T09:00:00+08:00' }),
    ]);
    expect((await open(shopId)).filter((row) => row.includes('d-1'))).toEqual([
      'commission d-1 -2700',
      'commission d-1 2700',
    ]);
    await windowClosed(shopId, 'o-2');
    books.clock.take(new Date('2026-01-13T02:00:00+08:00'));
    await books.runDue();
    // Nets to nothing: carried, nothing stated.
    expect(await statedOf(shopId)).toEqual([
      '2026-01-10 commission d-1 2700',
      '2026-01-10 commission d-2 1260',
      '2026-01-10 commission d-3 504',
      '2026-01-12 supplier s-1 4536',
    ]);
    expect(await ledger(shopId)).toMatchObject({ owner: '10000', 'payout-in-transit': '-9000' });
  });

  it('R-REF-1 a refund before its order waits, and makes the same books when the order comes', async () => {
    const early = await newShop();
    const late = await newShop();
    const half: Partial<Refund> = { items: [{ itemId: '1', amount: '50.00' }] };
    await books.heard('order-refunded', [refund(early, 'r-1', half)]);
    expect(await owed(early)).toEqual({});
    await books.completed([order(early, 'o-1')]);
    await books.completed([order(late, 'o-1')]);
    await books.heard('order-refunded', [refund(late, 'r-1', half)]);
    expect(await owed(early)).toEqual(await owed(late));
    expect(await ledger(early)).toEqual(await ledger(late));
    expect(await open(early)).toEqual(await open(late));
  });

  it('R-REF-2 lesson 7: the same refund twice is one; with other data it is refused', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1')]);
    await books.heard('order-refunded', [refund(shopId, 'r-1'), refund(shopId, 'r-1')]);
    await books.heard('order-refunded', [refund(shopId, 'r-1')]);
    expect(await owed(shopId)).toEqual(second);
    const before = (await deadLetters('order-refunded')).length;
    await books.heard('order-refunded', [
      refund(shopId, 'r-1', { items: [{ itemId: '2', amount: '1.00' }] }),
    ]);
    const letters = await deadLetters('order-refunded');
    expect(letters.length - before).toBe(1);
    expect(await owed(shopId)).toEqual(second);
  });

  it('R-REF-2 more than is left refuses the whole refund and holds the order; a corrected one counts', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1')]);
    const whole = await owed(shopId);
    const items = [
      { itemId: '2', amount: '1.00' },
      { itemId: '1', amount: '100.01' },
    ];
    await books.heard('order-refunded', [refund(shopId, 'r-1', { items })]);
    expect(await owed(shopId)).toEqual(whole);
    const [hold] = await books.database.query<{ reason: string }>(
      `SELECT reason FROM hold WHERE shop_id = $1 AND released_at IS NULL`,
      [shopId],
    );
    expect(hold?.reason).toBe('refund-refused');
    await books.heard('order-refunded', [refund(shopId, 'r-1')]);
    expect(await owed(shopId)).toEqual(second);
  });

  it('R-REF-2 a waiting refund that does not fit becomes the dead letter that it is', async () => {
    const shopId = await newShop();
    const before = (await deadLetters('order-refunded')).length;
    await books.heard('order-refunded', [
      refund(shopId, 'r-1', { items: [{ itemId: '9', amount: '1.00' }] }),
    ]);
    expect((await deadLetters('order-refunded')).length).toBe(before);
    await books.completed([order(shopId, 'o-1')]);
    const letters = await deadLetters('order-refunded');
    expect(letters.length).toBe(before + 1);
    expect(letters.some((headers) => headers.includes('unknown-line'))).toBe(true);
  });

  it('R-REF-3 a reversal gives everything back, whether it comes after its refund or before', async () => {
    const after = await newShop();
    const before = await newShop();
    const reversal = (shopId: string): EventData['order-refund-reversed'] => ({
      shopId,
      orderId: 'o-1',
      refundId: 'r-1',
      at: '2026-01-06T10:00:00+08:00',
    });
    await books.completed([order(after, 'o-1'), order(before, 'o-1')]);
    const whole = await owed(after);
    await books.heard('order-refunded', [refund(after, 'r-1')]);
    await books.heard('order-refund-reversed', [reversal(after)]);
    await books.heard('order-refund-reversed', [reversal(before)]);
    await books.heard('order-refunded', [refund(before, 'r-1')]);
    expect(await owed(after)).toEqual(whole);
    expect(await owed(before)).toEqual(whole);
    expect(await open(after)).toEqual(await open(before));
    await books.heard('order-refunded', [refund(after, 'r-1')]);
    expect(await owed(after)).toEqual(whole);
  });

  it('R-REF-2 R-RUL-5 an order bound late is settled without what was refunded meanwhile', async () => {
    const shopId = await newShop({ withPlan: false });
    await books.completed([order(shopId, 'o-1')]);
    await books.heard('order-refunded', [refund(shopId, 'r-1')]);
    await publish(shopId);
    await books.units.run((unit) => books.accrual.bindWaiting(unit, 10));
    expect(await owed(shopId)).toEqual(second);
  });

  it('R-REF-2 twenty refunds of one line in one batch: what was paid is given back once', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1')]);
    const told = Array.from({ length: 20 }, (_, index) =>
      refund(shopId, `r-${index}`, { items: [{ itemId: '1', amount: '30.00' }] }),
    );
    const before = (await deadLetters('order-refunded')).length;
    await books.heard('order-refunded', told);
    expect((await deadLetters('order-refunded')).length - before).toBe(17);
    const [line] = await books.database.query<{ n: bigint }>(
      `SELECT count(*) AS n FROM refund WHERE shop_id = $1 AND state = 'applied'`,
      [shopId],
    );
    expect(line?.n).toBe(3n);
    const sums = await owed(shopId);
    const total = Object.values(sums).reduce((sum, text) => sum + BigInt(text), 0n);
    expect(total).toBe(10_000n - 9_000n + 9_999n);
  });
});

describe('disputes', () => {
  // Books of their own: each shop of a file adds its runs to every night that is lived through.
  beforeAll(async () => {
    await books.close();
    books = await Books.open(start);
  });
  const opened = (shopId: string, disputeId: string): EventData['order-disputed'] => ({
    shopId,
    orderId: 'o-1',
    disputeId,
    openedAt: '2026-01-05T10:00:00+08:00',
    reason: 'broken',
  });
  const resolved = (shopId: string, disputeId: string): EventData['order-dispute-resolved'] => ({
    shopId,
    orderId: 'o-1',
    disputeId,
    resolvedAt: '2026-01-20T10:00:00+08:00',
  });

  it('R-COM-3 lesson 35: a disputed order waits until all its disputes are resolved', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1')]);
    await windowClosed(shopId);
    await books.heard('order-disputed', [opened(shopId, 'a'), opened(shopId, 'b')]);
    books.clock.take(new Date('2026-01-19T02:00:00+08:00'));
    await books.runDue();
    expect(await statedOf(shopId)).toEqual([]);
    await books.heard('order-dispute-resolved', [resolved(shopId, 'a')]);
    books.clock.take(new Date('2026-01-20T02:00:00+08:00'));
    await books.runDue();
    expect(await statedOf(shopId)).toEqual([]);
    await books.heard('order-dispute-resolved', [resolved(shopId, 'b')]);
    books.clock.take(new Date('2026-01-21T02:00:00+08:00'));
    await books.runDue();
    expect((await statedOf(shopId)).map((row) => row.slice(0, 21))).toEqual([
      '2026-01-21 commission',
      '2026-01-21 commission',
      '2026-01-21 commission',
    ]);
  });

  it('R-COM-3 a resolution that arrives before its opening cancels it', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1')]);
    await windowClosed(shopId);
    await books.heard('order-dispute-resolved', [resolved(shopId, 'a')]);
    await books.heard('order-disputed', [opened(shopId, 'a')]);
    books.clock.take(new Date('2026-01-26T02:00:00+08:00'));
    await books.runDue();
    expect(await statedOf(shopId)).toHaveLength(4);
  });
});
