import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nextMonday, type ReferencePlan, sampleOrders, span } from '@qingfen/testing';

import {
  expectedByIdentity,
  journeySystem,
  movedByIdentity,
  referenceOf,
  Stage,
  type TestShop,
} from '../src/index.js';

const seed = 20_260_302;
const ordersPerShop = 80;
/** A shop's transferMax unless it says otherwise: 50,000.00. */
const transferMaxMinor = 5_000_000n;
const distributors = ['d-1', 'd-2', 'd-3', 'd-4', 'd-5', 'd-6'];
const suppliers = ['sup-1', 'sup-2', 'sup-3'];

const plans: Readonly<Record<string, ReferencePlan>> = {
  cascade: {
    returnWindowDays: 2,
    platformFee: { rate: '0.06', min: '0.05', max: '20.00' },
    commission: {
      levels: [{ rate: '0.30' }, { rate: '0.2' }, { rate: '0.10' }],
      selfPurchase: 'skip',
    },
    supplier: { delayDays: 3 },
  },
  flat: {
    rounding: 'half-even',
    returnWindowDays: 1,
    platformFee: { rate: '0.015' },
    commission: {
      basis: 'flat',
      levels: [{ rate: '0.123456' }, { rate: '0.08' }, { rate: '0.000001' }],
      minPayout: '50.00',
    },
    supplier: { delayDays: 0, cycle: { every: 'week', on: 'thursday', at: '03:30' } },
  },
  gross: {
    rounding: 'down',
    returnWindowDays: 0,
    platformFee: { rate: '0.10' },
    commission: {
      basis: 'gross',
      levels: [{ rate: '0.5' }, { rate: '0.25' }, { rate: '0.15' }],
    },
    supplier: { delayDays: 1 },
  },
};

describe('arbitrary orders against an independent reference', () => {
  let stage: Stage;
  const shops: TestShop[] = [];

  beforeAll(async () => {
    stage = await Stage.open(journeySystem());
    for (const [index, plan] of Object.values(plans).entries()) {
      const shop = await stage.newShop();
      await shop.publishPlan(plan);
      await shop.upsertPayees([...distributors, ...suppliers]);
      const from = await stage.gateway.now();
      const world = { shopId: shop.shopId, orderIdPrefix: `${shop.shopId}-o`, suppliers };
      await shop.publishOrders(
        sampleOrders(
          { ...world, distributors, from, withinMs: span.hours(20) },
          { count: ordersPerShop, seed: seed + index },
        ),
      );
      shops.push(shop);
    }
    const now = await stage.gateway.now();
    await stage.liveThroughRunsOf(nextMonday(nextMonday(now)));
  });
  afterAll(() => stage.close());

  it(`R-COM-2 R-RUL-2 R-SUP-1 pays to the fen what the reference says (seed ${seed})`, async () => {
    const book = referenceOf(shops, await stage.gateway.now());
    const moved = (await Promise.all(shops.map((shop) => shop.moved()))).flat();
    expect(movedByIdentity(moved)).toEqual(expectedByIdentity(book, shops));
    const parts = book.statements.map(({ netMinor }) => (netMinor - 1n) / transferMaxMinor + 1n);
    expect(moved).toHaveLength(Number(parts.reduce((sum, count) => sum + count, 0n)));
    expect(Object.keys(movedByIdentity(moved)).length).toBeGreaterThan(20);
  });

  it('R-COM-1 states each payee at the run and for the sum that the reference says', async () => {
    const book = referenceOf(shops, await stage.gateway.now());
    for (const shop of shops) {
      const statements = await stage.gateway.statements(shop.shopId);
      const said = statements.map(({ kind, payeeId, period, net, entries }) =>
        [kind, payeeId, Date.parse(period), net.replace('.', ''), entries.length].join(' '),
      );
      const expected = book.statements
        .filter(({ shopId }) => shopId === shop.shopId)
        .map(({ kind, payeeId, periodMs, netMinor, entryCount }) =>
          [kind, payeeId, periodMs, String(netMinor).padStart(3, '0'), entryCount].join(' '),
        );
      expect(said.sort()).toEqual(expected.sort());
      expect((await stage.gateway.trialBalance(shop.shopId)).balanced).toBe(true);
    }
  });
});
