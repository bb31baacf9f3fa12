import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Desk, sound, type PlanDocument } from './manual.fixture.js';
import { Sales, supplied } from './sales.fixture.js';

// Which version binds an order depends on dates alone, never on what arrived first (domain.md 2.2).

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

/** Two levels instead of one, another fee, and a window of two days. */
const richer = {
  returnWindowDays: 2,
  platformFee: { rate: '0.05' },
  commission: { levels: [{ rate: '0.20' }, { rate: '0.10' }] },
  supplier: { delayDays: 3, cycle: { every: 'day', at: '02:00' } },
} satisfies PlanDocument;

const payeeIds = ['d-1', 'd-2', 's-1'];
const distributors = ['d-1', 'd-2'];
const hours = (count: number): string =>
  new Date(books.clock.now().getTime() + count * 3_600_000).toISOString();

function published(
  shopId: string,
  version: number,
  effectiveFrom: string,
  change: { readonly plan: PlanDocument; readonly withdrawnAt?: string },
): Promise<void> {
  const data: EventData['settlement-plan-published'] = {
    shopId,
    version,
    hash: `h${version}`,
    publishedAt: effectiveFrom,
    effectiveFrom,
    ...change,
  };
  return books.told([data], 'settlement-plan-published', (unit, events) =>
    books.copies.keepPlans(unit, events),
  );
}

async function rebound(): Promise<number> {
  let count = 0;
  for (;;) {
    const more = await books.units.run((unit) => books.rebinding.rebind(unit, 2));
    count += more;
    if (more < 2) return count;
  }
}

/** What is unstated, with its maturity: what runs will see. */
async function open(shopId: string): Promise<string[]> {
  const rows = await books.database.query<{ row: string }>(
    `SELECT kind || ' ' || payee_id || ' ' || amount_minor || ' ' || matures_at::date AS row
       FROM open_entry WHERE shop_id = $1 ORDER BY 1`,
    [shopId],
  );
  return rows.map(({ row }) => row);
}

async function binding(shopId: string, orderId = 'o-1'): Promise<number | null | undefined> {
  const [row] = await books.database.query<{ plan_version: number | null }>(
    'SELECT plan_version FROM completed_order WHERE shop_id = $1 AND order_id = $2',
    [shopId, orderId],
  );
  return row?.plan_version;
}

describe('a version that comes late', () => {
  it('R-RUL-5 R-REF-2 leaves what is not stated as if it had been there, refunds before and after included', async () => {
    const shops = [
      await sales.newShop('late', payeeIds, supplied),
      await sales.newShop('early', payeeIds, supplied),
    ] as const;
    const [late, early] = shops;
    const since = hours(0);
    await published(early, 2, since, { plan: richer });
    for (const shopId of shops) {
      const orders = ['o-1', 'o-2', 'o-3'].map((orderId) =>
        sales.order(shopId, { orderId, distributors, teamId: 't-1' }),
      );
      await books.completed(orders);
      await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '33.33')]);
    }
    await published(late, 2, since, { plan: richer });
    expect(await rebound()).toBe(3);
    expect(await rebound()).toBe(0);
    for (const shopId of shops) {
      await books.heard('order-refunded', [sales.refund(shopId, 'r-2', '20.01', 'o-2')]);
      await books.heard('order-refund-reversed', [
        { shopId, orderId: 'o-1', refundId: 'r-1', at: hours(1) },
      ]);
    }
    expect(await open(late)).toEqual(await open(early));
    expect(await desk.ledger(late)).toEqual(await desk.ledger(early));
    expect(await binding(late)).toBe(2);
    expect(await desk.invariants(late)).toEqual(sound);

    for (const shopId of shops) {
      const closes = ['o-1', 'o-2', 'o-3'].map((orderId) => ({
        shopId,
        orderId,
        completedAt: since,
        closedAt: hours(48),
      }));
      await books.told(closes, 'return-window-closed', (unit, events) =>
        books.copies.keepEvidence(unit, events),
      );
    }
    for (const _ of [1, 2, 3, 4, 5]) sales.nextDay();
    await books.runDue();
    expect(await desk.stated(late)).toEqual(await desk.stated(early));
    expect((await desk.stated(late)).length).toBeGreaterThan(2);
  });

  it('R-RUL-5 R-REF-2 what had gone back whole under the version before comes back as the new one has it', async () => {
    const [late, early] = [
      await sales.newShop('whole-late', payeeIds),
      await sales.newShop('whole-early', payeeIds),
    ];
    const since = hours(0);
    await published(early, 2, since, { plan: richer });
    const shops = [late, early];
    await sales.sold(shops.map((shopId) => sales.order(shopId, { distributors })));
    for (const shopId of shops) {
      await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '100.00')]);
    }
    await published(late, 2, since, { plan: richer });
    expect(await rebound()).toBe(1);
    for (const shopId of shops) {
      const reversal = { shopId, orderId: 'o-1', refundId: 'r-1', at: hours(1) };
      await books.heard('order-refund-reversed', [reversal]);
    }
    // The window of two days is the new version's; the old one has seven.
    expect(await open(late)).toEqual(await open(early));
    expect((await open(late)).length).toBe(3);
    const versions = await books.database.query(
      `SELECT DISTINCT e.plan_version FROM entry e JOIN unstated u USING (shop_id, account_no, entry_id)
        WHERE e.shop_id = $1`,
      [late],
    );
    expect(versions).toEqual([{ plan_version: 2 }]);
    expect(await desk.invariants(late)).toEqual(sound);
  });

  it('R-RUL-5 R-REF-3 corrects what is stated, maturing now, and replaces the rest', async () => {
    const weekly = { ...supplied, supplier: { delayDays: 0 } };
    const shopId = await sales.newShop('stated', payeeIds, weekly);
    const since = hours(0);
    await sales.sold([sales.order(shopId, { distributors })]);
    sales.night();
    await books.runDue();
    sales.morning();
    expect(await desk.stated(shopId)).toEqual(['commission d-1 2700']);
    await published(shopId, 2, since, { plan: { ...richer, supplier: { delayDays: 30 } } });
    expect(await rebound()).toBe(1);
    // Of 95.00: d-1 19.00 where 27.00 is stated, d-2 7.60, the supplier keeps 68.40.
    const today = (days: number): string => hours(24 * days - 24).slice(0, 10);
    expect(await open(shopId)).toEqual([
      `commission d-1 -800 ${today(1)}`,
      `commission d-2 760 ${today(2)}`,
      `supplier s-1 6840 ${today(30)}`,
    ]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '100.00')]);
    expect((await open(shopId)).map((row) => row.slice(0, -11))).toEqual([
      'commission d-1 -1900',
      'commission d-1 -800',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

/** The richer plan, and a reward for teams. */
const rewarding = {
  ...richer,
  teamReward: { tiers: [{ from: '0', rate: '0.01' }], cycle: { every: 'day', at: '02:00' } },
} satisfies PlanDocument;

describe('an order of a team', () => {
  it('R-RUL-5 R-TEA-1 R-REF-2 is refunded though the version that binds it anew rewards no team', async () => {
    const shopId = await sales.newShop('teamless', payeeIds, rewarding);
    await books.completed([sales.order(shopId, { distributors, teamId: 't-1' })]);
    await published(shopId, 2, hours(0), { plan: supplied });
    expect(await rebound()).toBe(1);
    const before = await sales.refusals('order-refunded');
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '50.00')]);
    expect(await sales.refusals('order-refunded')).toEqual(before);
    expect((await open(shopId)).map((row) => row.slice(0, -11))).toEqual([
      'commission d-1 1350',
      'supplier s-1 3150',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-RUL-5 R-TEA-1 counts for it once more after no version bound it', async () => {
    const shopId = await desk.newShop('team-again', { withPlan: false });
    await desk.payees(shopId, payeeIds);
    const from = hours(24);
    await published(shopId, 1, from, { plan: rewarding });
    const ahead = { paidAt: hours(25), completedAt: hours(26), distributors, teamId: 't-1' };
    await books.completed([sales.order(shopId, ahead)]);
    await published(shopId, 1, from, { plan: rewarding, withdrawnAt: hours(1) });
    expect(await rebound()).toBe(1);
    await published(shopId, 2, hours(2), { plan: rewarding });
    expect(await books.units.run((unit) => books.accrual.bindWaiting(unit, 10))).toBe(1);
    const [team] = await books.database.query<{ base: bigint }>(
      'SELECT base_minor AS base FROM team_order WHERE shop_id = $1',
      [shopId],
    );
    expect(team?.base).toBe(10_000n);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });
});

describe('a version that is withdrawn', () => {
  it('R-RUL-5 gives its orders back to the one before it', async () => {
    const shopId = await sales.newShop('withdrawn', payeeIds, supplied);
    const from = hours(24);
    await published(shopId, 2, from, { plan: richer });
    expect(await rebound()).toBe(0);
    const ahead = { paidAt: hours(25), completedAt: hours(26), distributors };
    await books.completed([sales.order(shopId, ahead)]);
    expect(await binding(shopId)).toBe(2);
    await published(shopId, 2, from, { plan: richer, withdrawnAt: hours(1) });
    expect(await rebound()).toBe(1);
    expect(await binding(shopId)).toBe(1);
    const day = hours(26).slice(0, 10);
    expect(await open(shopId)).toEqual([`commission d-1 2700 ${day}`, `supplier s-1 6300 ${day}`]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-RUL-5 leaves its orders without a plan where there is none, and owes nothing of them', async () => {
    const shopId = await desk.newShop('orphaned', { withPlan: false });
    await desk.payees(shopId, payeeIds);
    const from = hours(24);
    await published(shopId, 1, from, { plan: supplied });
    const ahead = { paidAt: hours(25), completedAt: hours(26), distributors };
    await books.completed([sales.order(shopId, ahead)]);
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '10.00')]);
    await published(shopId, 1, from, { plan: supplied, withdrawnAt: hours(1) });
    expect(await rebound()).toBe(1);
    expect(await binding(shopId)).toBeNull();
    expect(await open(shopId)).toEqual([]);
    expect(await desk.ledger(shopId)).toEqual({});
    await published(shopId, 2, hours(2), { plan: richer });
    expect(await books.units.run((unit) => books.accrual.bindWaiting(unit, 10))).toBe(1);
    expect(await binding(shopId)).toBe(2);
    expect((await open(shopId)).map((row) => row.slice(0, -11))).toEqual([
      'commission d-1 1710',
      'commission d-2 684',
      'supplier s-1 6156',
    ]);
    expect(await desk.invariants(shopId)).toEqual(sound);
  });

  it('R-RUL-5 R-IMP-1 an order that an operator bound stays where it is', async () => {
    const shopId = await sales.newShop('operator', payeeIds, supplied);
    const old = { paidAt: hours(-48), completedAt: hours(-47), distributors };
    await books.completed([sales.order(shopId, old)]);
    await desk.run((unit) =>
      desk.bindings.bind(unit, {
        shopId,
        orderId: 'o-1',
        caller: { issuer: 'gateway', subject: 'mia', roles: [], requestId: 'r' },
        body: { version: 1, settledOutside: false, reason: 'before Qingfen' },
      }),
    );
    const before = await open(shopId);
    await published(shopId, 2, hours(-60), { plan: richer });
    expect(await rebound()).toBe(0);
    expect(await open(shopId)).toEqual(before);
  });
});
