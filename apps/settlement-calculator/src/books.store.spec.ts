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

let books: Books;
beforeAll(async () => {
  books = await Books.open(start);
});
afterAll(async () => {
  await books.close();
});

let shopNumber = 0;
async function newShop(options: { readonly withPlan?: boolean } = {}): Promise<string> {
  shopNumber += 1;
  const shopId = `shop-${shopNumber}`;
  const updatedAt = books.clock.now().toISOString();
  const shop = {
    shopId,
    name: shopId,
    timezone: 'Asia/Shanghai',
    noticePeriodDays: 0,
    transferMax: '50000.00',
    updatedAt,
  };
  await books.told([shop], 'shop-upserted', (unit, events) => books.copies.keepShops(unit, events));
  if (options.withPlan !== false) await publish(shopId, 1, '2026-01-01T00:00:00+08:00');
  return shopId;
}

async function publish(shopId: string, version: number, effectiveFrom: string): Promise<void> {
  const data: EventData['settlement-plan-published'] = {
    shopId,
    version,
    plan,
    hash: `h${version}`,
    publishedAt: effectiveFrom,
    effectiveFrom,
  };
  await books.told([data], 'settlement-plan-published', (unit, events) =>
    books.copies.keepPlans(unit, events),
  );
}

async function payees(shopId: string, payeeIds: readonly string[]): Promise<void> {
  await books.told(
    payeeIds.map((payeeId): EventData['payee-upserted'] => ({
      shopId,
      payeeId,
      name: payeeId,
      roles: ['distributor'],
      alipay: { identityType: 'ALIPAY_LOGON_ID', identity: `${payeeId}@x.test`, name: payeeId },
    })),
    'payee-upserted',
    (unit, events) => books.copies.keepPayees(unit, events),
  );
}

function order(
  shopId: string,
  orderId: string,
  change: Partial<EventData['order-completed']> = {},
): EventData['order-completed'] {
  return {
    shopId,
    orderId,
    currency: 'CNY',
    paidAt: '2026-01-01T10:00:00+08:00',
    completedAt: '2026-01-02T10:00:00+08:00',
    items: [{ itemId: '1', supplierId: 's-1', amount: '100.00' }],
    distributors: ['d-1', 'd-2', 'd-3'],
    ...change,
  };
}

async function windowsClosed(shopId: string, orderIds: readonly string[]): Promise<void> {
  await books.told(
    orderIds.map((orderId): EventData['return-window-closed'] => ({
      shopId,
      orderId,
      completedAt: '2026-01-02T10:00:00+08:00',
      closedAt: '2026-01-09T10:00:00+08:00',
    })),
    'return-window-closed',
    (unit, events) => books.copies.keepEvidence(unit, events),
  );
}

const amounts = (shopId: string): Promise<{ kind: string; payee_id: string; a: bigint }[]> =>
  books.database.query(
    `SELECT kind, payee_id, amount_minor AS a FROM entry WHERE shop_id = $1
      ORDER BY kind, level, payee_id`,
    [shopId],
  );

const statements = (shopId: string): Promise<{ payee_id: string; net: bigint; period: string }[]> =>
  books.database.query(
    `SELECT payee_id, net_minor AS net, period FROM statement WHERE shop_id = $1
      ORDER BY period, payee_id`,
    [shopId],
  );

const outbox = (topic: string): Promise<{ n: bigint }[]> =>
  books.database.query('SELECT count(*) AS n FROM outbox WHERE topic = $1', [topic]);

async function ledgerSum(shopId: string): Promise<bigint | undefined> {
  const [row] = await books.database.query<{ sum: bigint }>(
    `SELECT coalesce(sum(a), 0)::bigint AS sum FROM ledger_transaction t, unnest(t.amounts) a
      WHERE shop_id = $1`,
    [shopId],
  );
  return row?.sum;
}

describe('accrual', () => {
  it('R-COM-2 books the worked example for all parties, and the ledger adds up', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1')]);
    expect((await amounts(shopId)).map(({ kind, payee_id: p, a }) => [kind, p, a])).toEqual([
      ['commission', 'd-1', 2700n],
      ['commission', 'd-2', 1260n],
      ['commission', 'd-3', 504n],
      ['platform-fee', null, 1000n],
      ['supplier', 's-1', 4536n],
    ]);
    expect(await ledgerSum(shopId)).toBe(0n);
  });

  it('R-ARC-1 lessons 28, 32: the same order under three event ids is one fact; another one is refused', async () => {
    const shopId = await newShop();
    await books.completed([order(shopId, 'o-1'), order(shopId, 'o-1')]);
    await books.completed([order(shopId, 'o-1')]);
    expect(await amounts(shopId)).toHaveLength(5);
    const [before] = await outbox('order-completed.dlq');
    await books.completed([order(shopId, 'o-1', { distributors: ['d-9'] })]);
    const [after] = await outbox('order-completed.dlq');
    expect((after?.n ?? 0n) - (before?.n ?? 0n)).toBe(1n);
    expect(await amounts(shopId)).toHaveLength(5);
  });

  it('R-ARC-1 PostgreSQL itself refuses a ledger row that does not add up', async () => {
    await expect(
      books.database.query(
        `INSERT INTO ledger_transaction
           (shop_id, booked_at, currency, cause, cause_id, account_nos, amounts, batch_id)
         VALUES ('x', now(), 'CNY', 'c', 'i', '{1,2}', '{1,-2}', 1)`,
      ),
    ).rejects.toThrow(/ledger_transaction_amounts_check|violates check/);
  });

  it('R-RUL-5 an order that came before its shop and its plan is booked once both are there', async () => {
    shopNumber += 1;
    const shopId = `shop-${shopNumber}`;
    await books.completed([order(shopId, 'o-1')]);
    expect(await books.units.run((unit) => books.accrual.bindWaiting(unit, 10))).toBe(0);
    shopNumber -= 1;
    await newShop({ withPlan: false });
    expect(await books.units.run((unit) => books.accrual.bindWaiting(unit, 10))).toBe(0);
    await publish(shopId, 1, '2026-01-01T09:00:00+08:00');
    expect(await books.units.run((unit) => books.accrual.bindWaiting(unit, 10))).toBe(1);
    expect(await amounts(shopId)).toHaveLength(5);
  });

  it('R-RUL-5 an order paid before the first version stays unsettled', async () => {
    const shopId = await newShop({ withPlan: false });
    await publish(shopId, 1, '2026-01-01T11:00:00+08:00');
    await books.completed([order(shopId, 'o-1')]);
    expect(await books.units.run((unit) => books.accrual.bindWaiting(unit, 10))).toBe(0);
    expect(await amounts(shopId)).toEqual([]);
  });
});

describe('runs', () => {
  it('R-COM-1 states what matured before the cutoff, once its window was told closed', async () => {
    const shopId = await newShop();
    await payees(shopId, ['d-1', 'd-2', 's-1']);
    await books.completed([order(shopId, 'o-1'), order(shopId, 'o-2')]);
    books.clock.take(new Date('2026-01-10T02:00:00+08:00'));
    await books.runDue();
    expect(await statements(shopId)).toEqual([]);
    await windowsClosed(shopId, ['o-1']);
    books.clock.take(new Date('2026-01-11T02:00:00+08:00'));
    await books.runDue();
    expect(await statements(shopId)).toEqual([
      { payee_id: 'd-1', net: 2700n, period: '2026-01-11T02:00:00+08:00' },
      { payee_id: 'd-2', net: 1260n, period: '2026-01-11T02:00:00+08:00' },
    ]);
    expect(await ledgerSum(shopId)).toBe(0n);
    await windowsClosed(shopId, ['o-2']);
    books.clock.take(new Date('2026-01-12T02:00:00+08:00'));
    await books.runDue();
    expect((await statements(shopId)).slice(2)).toEqual([
      { payee_id: 'd-1', net: 2700n, period: '2026-01-12T02:00:00+08:00' },
      { payee_id: 'd-2', net: 1260n, period: '2026-01-12T02:00:00+08:00' },
      { payee_id: 's-1', net: 9072n, period: '2026-01-12T02:00:00+08:00' },
    ]);
  });
});

describe('payout results', () => {
  it('R-FAI-1 lesson 5: what failed is given back once, holds the account, and is stated again', async () => {
    const shopId = await newShop();
    await payees(shopId, ['d-1']);
    await books.completed([order(shopId, 'o-1', { distributors: ['d-1'] })]);
    await windowsClosed(shopId, ['o-1']);
    books.clock.take(new Date('2026-01-13T02:00:00+08:00'));
    await books.runDue();
    const [payout] = await books.database.query<{ payout_id: string; statement_id: string }>(
      'SELECT payout_id, statement_id FROM payout WHERE shop_id = $1',
      [shopId],
    );
    const failed: EventData['payout-result'] = {
      shopId,
      payoutId: payout?.payout_id ?? '',
      statementId: payout?.statement_id ?? '',
      payeeId: 'd-1',
      kind: 'commission',
      status: 'failed',
      seq: 3,
      amount: '27.00',
      currency: 'CNY',
      payeeFault: true,
      at: '2026-01-13T02:00:01+08:00',
    };
    const note = (): Promise<void> =>
      books.told([failed], 'payout-result', (unit, events) => books.results.note(unit, events));
    await note();
    await note();
    books.clock.take(new Date('2026-01-14T02:00:00+08:00'));
    await books.runDue();
    expect(await statements(shopId)).toHaveLength(1);
    await payees(shopId, ['d-1']); // the same account: the hold stays
    books.clock.take(new Date('2026-01-15T02:00:00+08:00'));
    await books.runDue();
    expect(await statements(shopId)).toHaveLength(1);
    const mended: EventData['payee-upserted'] = {
      shopId,
      payeeId: 'd-1',
      name: 'd-1',
      roles: ['distributor'],
      alipay: { identityType: 'ALIPAY_LOGON_ID', identity: 'other@x.test', name: 'd-1' },
    };
    await books.told([mended], 'payee-upserted', (unit, events) =>
      books.copies.keepPayees(unit, events),
    );
    books.clock.take(new Date('2026-01-16T02:00:00+08:00'));
    await books.runDue();
    expect((await statements(shopId)).map(({ net }) => net)).toEqual([2700n, 2700n]);
    expect(await ledgerSum(shopId)).toBe(0n);
  });
});
