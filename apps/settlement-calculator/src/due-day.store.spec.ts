import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from './books.fixture.js';
import { DueDayService } from './due-day.service.js';
import { Desk, maker, type PlanDocument } from './manual.fixture.js';

let books: Books;
let desk: Desk;

beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T00:00:00+08:00'));
  desk = new Desk(books);
});
afterAll(() => books.close());

const weekly: PlanDocument = {
  returnWindowDays: 7,
  platformFee: { rate: '0.10' },
  commission: {
    levels: [{ rate: '0.30' }],
    cycle: { every: 'week', on: 'friday', at: '02:00' },
    minPayout: '40.00',
  },
  supplier: { delayDays: 9 },
};

/** What falls due, by day; days without anything are left out. */
async function dueOf(shopId: string): Promise<Record<string, string>> {
  const { database, clock, plans, rollouts } = books;
  const { days } = await new DueDayService(database, clock, plans, rollouts).of(shopId);
  expect(days).toHaveLength(30);
  return Object.fromEntries(
    days.filter(({ due }) => due !== '0.00').map(({ day, due }) => [day, due]),
  );
}

/** What runs have stated, by the day on which they did. */
async function statedOf(shopId: string): Promise<Record<string, string>> {
  const rows = await books.database.query<{ day: string; sum: bigint }>(
    `SELECT to_char(issued_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS day,
            sum(net_minor)::bigint AS sum FROM statement WHERE shop_id = $1 GROUP BY 1 ORDER BY 1`,
    [shopId],
  );
  return Object.fromEntries(
    rows.map(({ day, sum }) => [day, (Number(sum) / 100).toFixed(2)] as const),
  );
}

describe('what falls due', () => {
  it('R-FOR-1 is what runs then state, day by day', async () => {
    books.clock.take(new Date('2026-01-04T09:00:00+08:00'));
    const shopId = await desk.newShop('due', { withPlan: false });
    await desk.publish(shopId, '2026-01-01T00:00:00+08:00', { plan: weekly });
    const days = [2, 3, 3, 4];
    await books.completed(
      days.map((day, index) => ({
        shopId,
        orderId: `o-${index}`,
        currency: 'CNY',
        paidAt: `2026-01-0${day}T08:00:00+08:00`,
        completedAt: `2026-01-0${day}T08:00:00+08:00`,
        items: [{ itemId: '1', supplierId: 's-1', amount: '100.00' }],
        distributors: [index === 3 ? 'd-nobody' : 'd-1'],
      })),
    );
    const foreseen = await dueOf(shopId);
    // 3 × 27.00 on the Friday after the 10th, which is the first to reach 40.00; the supplier's 63.00 of each
    // order on the Monday after nine days; d-nobody has no account.
    expect(foreseen).toEqual({
      '2026-01-12': '63.00',
      '2026-01-16': '81.00',
      '2026-01-19': '189.00',
    });
    for (const [index, day] of days.entries()) {
      await books.told(
        [
          {
            shopId,
            orderId: `o-${index}`,
            completedAt: `2026-01-0${day}T08:00:00+08:00`,
            closedAt: `2026-01-${String(day + 7).padStart(2, '0')}T08:00:00+08:00`,
          },
        ],
        'return-window-closed',
        (unit, events) => books.copies.keepEvidence(unit, events),
      );
    }
    for (let day = 5; day <= 20; day += 1) {
      books.clock.take(new Date(`2026-01-${String(day).padStart(2, '0')}T02:00:00+08:00`));
      await books.runDue();
    }
    expect(await statedOf(shopId)).toEqual(foreseen);
    expect(await dueOf(shopId)).toEqual({});
  });

  it('R-FOR-1 leaves out what is held, and has late runs fall due today', async () => {
    books.clock.take(new Date('2026-01-21T09:00:00+08:00'));
    const shopId = await desk.newShop('held');
    await desk.completed(shopId);
    expect(await dueOf(shopId)).toEqual({ '2026-01-21': '90.00' });
    await books.planDue();
    expect(await dueOf(shopId)).toEqual({ '2026-01-21': '90.00' });
    const act = { shopId, payeeId: 'd-1', caller: maker, reason: 'asked by the shop' };
    await desk.run((unit) => desk.holds.holdPayee(unit, act));
    expect(await dueOf(shopId)).toEqual({ '2026-01-21': '63.00' });
    await desk.run((unit) =>
      desk.holds.holdOrder(unit, { shopId, orderId: 'o-1', caller: maker, reason: 'odd' }),
    );
    expect(await dueOf(shopId)).toEqual({});
  });

  it('R-FOR-1 R-TST-4 knows nobody outside the rollout, and no shop that was never told of', async () => {
    const shopId = await desk.newShop('pilot');
    await desk.completed(shopId);
    const roles = maker;
    await desk.run((unit) =>
      books.rollouts.put(unit, {
        shopId,
        caller: roles,
        body: { commission: { mode: 'pilot', payees: ['d-9'] }, supplier: { mode: 'dry-run' } },
      }),
    );
    expect(await dueOf(shopId)).toEqual({});
    expect(await dueOf('nobody-s')).toEqual({});
  });
});
