import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Books } from './books.fixture.js';
import { Explaining } from './explain.fixture.js';
import { Desk, sound, type PlanDocument } from './manual.fixture.js';
import { Sales, supplied } from './sales.fixture.js';

// Whatever happens to a shop, in whatever order: its books are what its facts come to.

let books: Books;
let desk: Desk;
let sales: Sales;
let explaining: Explaining;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  desk = new Desk(books);
  sales = new Sales(desk);
  explaining = new Explaining(books);
});
afterAll(async () => {
  await books.close();
});

const small = [
  { from: '0', rate: '0.10' },
  { from: '40.00', rate: '0' },
];
const daily = { every: 'day', at: '02:00' };
const teamReward = {
  tiers: [
    { from: '0', rate: '0.01' },
    { from: '100.00', rate: '0.02' },
  ],
  cycle: daily,
};

/** Versions that differ in everything that a rebinding can change. */
const plans: readonly [PlanDocument, ...PlanDocument[]] = [
  { ...supplied, teamReward, commission: { levels: [{ rate: '0.30' }, { tiers: small }] } },
  { ...supplied, commission: { basis: 'gross', levels: [{ fixed: '3.00' }] } },
  {
    returnWindowDays: 1,
    platformFee: { rate: '0.02', min: '1.00' },
    commission: { levels: [{ tiers: small }, { rate: '0.50', max: '5.00' }, { rate: '0.333333' }] },
    teamReward,
  },
];

type Act =
  | { readonly what: 'sell'; readonly team: boolean; readonly shipping: boolean }
  | { readonly what: 'refund'; readonly order: number; readonly fen: number }
  | { readonly what: 'reverse'; readonly refund: number }
  | { readonly what: 'night' }
  | { readonly what: 'publish' | 'withdraw'; readonly plan: number }
  | { readonly what: 'end'; readonly status: 'failed' | 'cancelled' | 'succeeded' };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('sell' as const),
      team: fc.boolean(),
      shipping: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('refund' as const),
      order: fc.nat(20),
      fen: fc.integer({ min: 1, max: 9_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('reverse' as const), refund: fc.nat(20) }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('night' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('publish' as const, 'withdraw' as const),
      plan: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('end' as const),
      status: fc.constantFrom('failed' as const, 'cancelled' as const, 'succeeded' as const),
    }),
  },
);

/** A shop to which things happen one after the other. */
class Life {
  private orders = 0;
  private readonly refunds: { refundId: string; orderId: string }[] = [];
  private readonly versions: { version: number; plan: PlanDocument; from: string }[] = [];

  private constructor(readonly shopId: string) {}

  static async begin(): Promise<Life> {
    const shopId = await desk.newShop('life', { withPlan: false });
    await desk.payees(shopId, ['d-1', 'd-2', 'd-3', 's-1']);
    const life = new Life(shopId);
    await life.publish(0);
    return life;
  }

  async live(one: Act): Promise<void> {
    switch (one.what) {
      case 'sell':
        return this.sell(one.team, one.shipping);
      case 'refund':
        return this.refund(one.order, one.fen);
      case 'reverse':
        return this.reverse(one.refund);
      case 'night':
        sales.night();
        await books.runDue();
        return sales.morning();
      case 'publish':
        return this.publish(one.plan);
      case 'withdraw':
        return this.withdraw(one.plan);
      case 'end':
        return this.end(one.status);
      default: {
        const never: never = one;
        return never;
      }
    }
  }

  private async sell(isTeam: boolean, hasShipping: boolean): Promise<void> {
    this.orders += 1;
    const goods = { itemId: '1', supplierId: 's-1', amount: '60.03', subsidy: '1.97' };
    const shipping = { itemId: '2', supplierId: 's-1', amount: '8.00', kind: 'shipping' as const };
    const order = sales.order(this.shopId, {
      orderId: `o-${this.orders}`,
      distributors: ['d-1', 'd-2', 'd-3'],
      items: hasShipping ? [goods, shipping] : [goods],
      ...(isTeam ? { teamId: 't-1' } : {}),
    });
    await sales.sold([order]);
  }

  private async refund(choice: number, fen: number): Promise<void> {
    if (this.orders === 0) return;
    const orderId = `o-${(choice % this.orders) + 1}`;
    const refundId = `r-${this.refunds.length + 1}`;
    this.refunds.push({ refundId, orderId });
    const amount = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
    await books.heard('order-refunded', [sales.refund(this.shopId, refundId, amount, orderId)]);
  }

  private async reverse(choice: number): Promise<void> {
    const refund = this.refunds[choice % Math.max(this.refunds.length, 1)];
    if (refund === undefined) return;
    const at = books.clock.now().toISOString();
    await books.heard('order-refund-reversed', [{ shopId: this.shopId, ...refund, at }]);
  }

  /** In force from two days ago, so that it binds orders anew. */
  private async publish(choice: number): Promise<void> {
    const plan = plans[choice] ?? plans[0];
    const version = this.versions.length + 1;
    const from = new Date(books.clock.now().getTime() - 48 * 3_600_000 + version).toISOString();
    this.versions.push({ version, plan, from });
    await this.tell({ version, plan, from }, {});
  }

  private async withdraw(choice: number): Promise<void> {
    const one = this.versions[choice % this.versions.length];
    if (one === undefined) return;
    await this.tell(one, { withdrawnAt: books.clock.now().toISOString() });
  }

  private async tell(
    { version, plan, from }: Life['versions'][number],
    change: { readonly withdrawnAt?: string },
  ): Promise<void> {
    const { shopId } = this;
    const dates = { publishedAt: from, effectiveFrom: from };
    await books.told(
      [{ shopId, version, plan, hash: `h${version}`, ...dates, ...change }],
      'settlement-plan-published',
      (unit, events) => books.copies.keepPlans(unit, events),
    );
    await books.units.run((unit) => books.accrual.bindWaiting(unit, 100));
    await books.units.run((unit) => books.rebinding.rebind(unit, 100));
  }

  private async end(status: 'failed' | 'cancelled' | 'succeeded'): Promise<void> {
    const [open] = await books.database.query<{ payee_id: string }>(
      `SELECT payee_id FROM payout WHERE shop_id = $1 AND status IS NULL
        GROUP BY payee_id HAVING count(*) = 1 ORDER BY payee_id LIMIT 1`,
      [this.shopId],
    );
    if (open !== undefined) await desk.ended(this.shopId, open.payee_id, { status });
  }
}

describe('R-EXP-1 R-SEC-3 a replay', () => {
  const sell = { what: 'sell', team: true, shipping: true } as const;
  const refund = { what: 'refund', order: 0, fen: 1_234 } as const;
  const night = { what: 'night' } as const;
  const other = { what: 'publish', plan: 1 } as const;
  const orphaned = { what: 'withdraw', plan: 0 } as const;
  const again = { what: 'publish', plan: 0 } as const;

  it.each<[string, readonly Act[]]>([
    ['an order that leaves its team is refunded', [sell, refund, other, refund]],
    ['one that is counted and leaves its team', [sell, night, other, refund, night, again, night]],
    [
      'one that loses its version and gets it back',
      [sell, refund, orphaned, refund, again, refund],
    ],
    ['one that is stated in between', [sell, refund, night, orphaned, night, again, refund, night]],
  ])('R-EXP-1 R-RUL-5 R-TEA-1 agrees: %s', async (_, acts) => {
    const life = await Life.begin();
    const refused = await sales.refusals('order-refunded');
    for (const one of acts) await life.live(one);
    expect(await sales.refusals('order-refunded')).toEqual(refused);
    expect((await explaining.replay(life.shopId)).differences).toEqual([]);
    expect(await desk.invariants(life.shopId)).toEqual(sound);
  });

  it('R-EXP-1 M4 agrees with whatever was booked, in any order of events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 30 }), async (acts) => {
        const life = await Life.begin();
        for (const one of acts) await life.live(one);
        const { differences } = await explaining.replay(life.shopId, 50);
        expect(differences).toEqual([]);
        expect(await desk.invariants(life.shopId)).toEqual(sound);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});
