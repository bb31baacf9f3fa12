import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Simulation } from '@qingfen/contracts';
import type { PlanDocument } from './manual.fixture.js';
import { ownGoods } from './sales.fixture.js';
import { told, TryingRoom } from './simulation.fixture.js';

// Rates and rewards that follow what was sold before.

let room: TryingRoom;
beforeAll(async () => {
  room = await TryingRoom.open('2026-01-10T10:00:00+08:00');
});
afterAll(() => room.close());

describe('R-RUL-6 R-RUL-7 rates that follow facts', () => {
  const byFact = (by: string, ...steps: string[][]): PlanDocument => ({
    ...ownGoods,
    commission: {
      levels: [{ rate: { by, tiers: steps.map(([from, rate]) => ({ from, rate })) } }],
    },
  });

  it('R-RUL-6 R-RUL-7 takes the level that a payee has now, and what an order has kept before it', async () => {
    const draft = byFact('payee-level', ['0', '0.1'], ['3', '0.5']);
    const plain = await room.sales.newShop('levels', []);
    await room.payee(plain, 'd-1', { level: '3' });
    await room.sales.sold(room.sales.orderEach(plain, ['d-1', 'd-2']));
    expect(told(await room.simulate(plain, draft)).sort()).toEqual([
      'commission d-1 45.00 27.00',
      'commission d-2 9.00 27.00',
    ]);
    const kept = await room.sales.newShop(
      'kept',
      [],
      byFact('payee-level', ['0', '0.1'], ['3', '0.2']),
    );
    await room.payee(kept, 'd-1', { level: '3' });
    await room.sales.sold([room.sales.order(kept)]);
    await room.payee(kept, 'd-1', { level: '1' });
    expect(told(await room.simulate(kept, draft))).toEqual(['commission d-1 45.00 18.00']);
  });

  it.each([
    ['payee-month-volume', ['0', '0.1'], ['150.00', '0.4']],
    ['payee-refund-rate', ['0', '0.4'], ['0.2', '0.1']],
  ])('R-RUL-6 R-RUL-7 reckons %s of the month before from the orders', async (by, low, high) => {
    const draft = byFact(by, low, high);
    const old = await room.sales.newShop(`old-${by}`, []);
    const made = await room.sales.newShop(`made-${by}`, [], draft);
    for (const shopId of [old, made]) {
      await room.sales.sold([
        ...room.sales.orderEach(shopId, ['d-1', 'd-2']),
        room.sales.order(shopId, { orderId: 'o-3', distributors: ['d-2'] }),
      ]);
      await room.books.heard('order-refunded', [
        room.sales.refund(shopId, 'r-1', '60.00', 'o-d-1'),
      ]);
    }
    for (let days = 0; days < 31; days += 1) room.sales.nextDay();
    for (const shopId of [old, made]) {
      const sold = room.sales.orderEach(shopId, ['d-1', 'd-2']);
      await room.sales.sold(sold.map((order) => ({ ...order, orderId: `${order.orderId}-next` })));
    }
    const simulated = await room.simulate(old, draft);
    const owed = simulated.items.map(({ kind, payeeId, owed: sum }) => `${kind} ${payeeId} ${sum}`);
    expect(owed.sort()).toEqual(await room.booked(made));
    // The two are not priced alike: one of them sold more, or was given back more, the month before.
    expect(new Set(simulated.items.map(({ owed: sum }) => sum)).size).toBe(2);
  });
});

describe('R-TEA-1 R-RUL-7 rewards of teams', () => {
  const rewarding = (...steps: [string, string][]): PlanDocument => ({
    ...ownGoods,
    teamReward: {
      tiers: steps.map(([from, rate]) => ({ from, rate })),
      cycle: { every: 'month', on: 15, at: '23:30' },
    },
  });
  const plan = rewarding(['0', '0.01'], ['250.00', '0.02']);

  let rewarded: string;
  let unrewarded: string;

  /** Three orders of 100.00 of team t-1 in each shop, counted on the 15th where teams are; and one after. */
  beforeAll(async () => {
    await room.close();
    room = await TryingRoom.open('2026-03-12T10:00:00+08:00');
    rewarded = await room.sales.newShop('team', [], plan);
    unrewarded = await room.sales.newShop('new-team', []);
    for (const shopId of [rewarded, unrewarded]) {
      await room.payee(shopId, 'lead', { roles: ['team-leader'], teamId: 't-1' });
      const orderIds = ['o-1', 'o-2', 'o-3'];
      await room.sales.sold(
        orderIds.map((orderId) => room.sales.order(shopId, { orderId, teamId: 't-1' })),
      );
    }
    room.books.clock.take(new Date('2026-03-16T10:00:00+08:00'));
    await room.books.runDue();
    for (const shopId of [rewarded, unrewarded]) {
      await room.sales.sold([room.sales.order(shopId, { orderId: 'late', teamId: 't-1' })]);
    }
  });

  const rewards = (simulation: Simulation): string[] =>
    told(simulation).filter((row) => row.startsWith('team-reward'));

  it('R-TEA-1 R-RUL-7 are those of the periods that were counted, at the draft’s tiers', async () => {
    expect(rewards(await room.simulate(rewarded, plan))).toEqual(['team-reward lead 6.00 6.00']);
    const dearer = rewarding(['0', '0.01'], ['300.01', '0.02']);
    const simulated = await room.simulate(rewarded, dearer);
    expect(rewards(simulated)).toEqual(['team-reward lead 3.00 6.00']);
    expect(simulated.warnings.map(({ message }) => message)).toEqual([
      '1 payee would be owed less by more than 10%: lead (team-reward) −3.00, −50%.',
      'Left out of rewards on both sides, because no run has counted them yet: 1 order of teams.',
    ]);
    expect(rewards(await room.simulate(rewarded, ownGoods))).toEqual([
      'team-reward lead 0.00 6.00',
    ]);
    const condition = { for: 'team-reward', when: 'order-amount', atLeast: '100.01' };
    const none = await room.simulate(rewarded, { ...plan, conditions: [condition] });
    expect(rewards(none)).toEqual(['team-reward lead 0.00 6.00']);
  });

  it('R-TEA-1 R-RUL-7 that the draft begins are counted as its own cycle would have by now', async () => {
    expect(rewards(await room.simulate(unrewarded, plan))).toEqual(['team-reward lead 6.00 0.00']);
    await room.payee(unrewarded, 'second', { roles: ['team-leader'], teamId: 't-1' });
    expect(rewards(await room.simulate(unrewarded, plan))).toEqual([
      'team-reward team:t-1 6.00 0.00',
    ]);
  });
});
