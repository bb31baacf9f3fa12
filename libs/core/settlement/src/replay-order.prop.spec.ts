import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Plan } from '@qingfen/core-plan';
import { minor } from '@qingfen/money';
import { OrderBooks, orderCase, type OrderCase } from './booked-order.fixture.js';
import { compareBooked, type BookDifference, type BookedRow } from './compare-booked.js';
import { levelPresence } from './level-presence.js';
import { misfitOf, stagesOf, type OrderHistory } from './order-stages.js';
import { partyKey, replayOrder } from './replay-order.js';
import { expectedCounts, performanceAt } from './team-counts.js';

const runs = { numRuns: 500 };

function historyOf({ order }: OrderCase, { first, steps }: OrderBooks): OrderHistory {
  return { order, first, steps, batchId: 1n };
}

function compared(
  told: OrderCase,
  books: OrderBooks,
  booked: readonly BookedRow[] = books.rows,
): readonly BookDifference[] {
  const { steps, closings } = books;
  const expected = replayOrder(historyOf(told, books), closings);
  return compareBooked({ expected, booked, steps, currency: 'CNY' });
}

describe('a replay of an order', () => {
  it('R-EXP-1 M4 gives row for row what was booked, whatever was refunded, reversed, stated and rebound', () => {
    fc.assert(
      fc.property(orderCase, (told) => {
        const books = new OrderBooks(told);
        return misfitOf(historyOf(told, books)) === null && compared(told, books).length === 0;
      }),
      runs,
    );
  });

  it('R-EXP-1 M5 takes refunds of one batch in either order', () => {
    fc.assert(
      fc.property(orderCase, (told) => {
        const books = new OrderBooks(told);
        books.steps.reverse().sort((a, b) => Number(a.batchId - b.batchId));
        return compared(told, books).length === 0;
      }),
      runs,
    );
  });

  it('R-EXP-1 gives each party, all its rows together, its share of what is left', () => {
    fc.assert(
      fc.property(orderCase, (told) => {
        const books = new OrderBooks(told);
        const sums = new Map<string, bigint>();
        for (const row of replayOrder(historyOf(told, books), books.closings)) {
          sums.set(partyKey(row), (sums.get(partyKey(row)) ?? 0n) + row.amountMinor);
        }
        return books.rows.every((row) => (sums.get(partyKey(row)) ?? 0n) === books.owed(row));
      }),
      runs,
    );
  });

  it('R-EXP-1 finds every fen that was changed, every row that is gone and every one too many', () => {
    const hows = fc.constantFrom('fen', 'gone', 'twice', 'later', 'version');
    const tampered = fc.tuple(orderCase, fc.nat(), hows);
    fc.assert(
      fc.property(tampered, ([told, choice, how]) => {
        const books = new OrderBooks(told);
        const row = books.rows[choice % Math.max(books.rows.length, 1)];
        if (row === undefined) return true; // an order that owes nobody anything
        // Adjustments have the maturity and the version of their entry.
        const isEntrys = row.row === 'adjustment' && (how === 'later' || how === 'version');
        return isEntrys || compared(told, books, changed(books.rows, row, how)).length > 0;
      }),
      runs,
    );
  });

  it('R-EXP-1 tells what every run counted of an order for its team', () => {
    fc.assert(
      fc.property(orderCase, fc.array(fc.nat(20), { maxLength: 6 }), (told, at) => {
        const order = { ...told.order, teamId: 't-1' };
        const [first, ...others] = told.plans;
        const rewarded: OrderCase = { ...told, order, plans: [rewarding(first), ...others] };
        const history = historyOf(rewarded, new OrderBooks(rewarded));
        const batches = [...new Set(at)].sort((a, b) => a - b).map(BigInt);
        const counts = expectedCounts(history, batches);
        const last = batches.at(-1) ?? 0n;
        const stage = stagesOf(history).findLast(({ batchId }) => batchId < last);
        const counted = counts.reduce((sum, { changeMinor }) => sum + changeMinor, 0n);
        return counted === (stage === undefined ? 0n : performanceAt(order, stage));
      }),
      runs,
    );
  });

  it('R-EXP-1 says of every level why it counts or not, as splitting sees it', () => {
    fc.assert(
      fc.property(orderCase, ({ order, plans: [plan] }) => {
        const levels = levelPresence(order, plan);
        return levels.every(({ level }, index) => level === index + 1);
      }),
      runs,
    );
  });

  it('R-EXP-1 refuses steps that take more than was paid', () => {
    const told = fc.sample(orderCase, { numRuns: 1, seed: 1 })[0];
    if (told === undefined) throw new Error('a sample is one');
    const items = [
      { itemId: '1', amountMinor: minor(10n ** 9n), subsidyMinor: minor(0n) },
    ] as const;
    const step = { cause: 'refund', causeId: 'r', at: new Date(0), items, batchId: 2n } as const;
    const history = historyOf(told, new OrderBooks({ ...told, happenings: [] }));
    const beyond = { ...history, steps: [step] };
    expect(() => stagesOf(beyond)).toThrow('no more is taken');
    expect(misfitOf(beyond)).toBe('refund r of more than is left of line 1');
    const [item] = step.items;
    const back = { ...step, items: [{ ...item, amountMinor: minor(-1n) }] };
    expect(misfitOf({ ...history, steps: [back] })).toBe('refund r of more than was taken of 1');
    const elsewhere = { ...step, items: [{ ...item, itemId: 'x' }] };
    expect(misfitOf({ ...history, steps: [elsewhere] })).toBe('refund r of no line');
  });
});

/** The same plan, which rewards teams: orders that leave it count for none. */
function rewarding(plan: Plan): Plan {
  const cycle = { every: 'month', on: 'last-day', at: '23:30' } as const;
  const terms = {
    cycle,
    payeeCycles: [],
    onHoliday: 'run',
    minPayoutMinor: minor(10n),
    payVia: 'transfer',
  } as const;
  return { ...plan, teamReward: { method: 'whole', tiers: [], ...terms } };
}

function changed(rows: readonly BookedRow[], row: BookedRow, how: string): readonly BookedRow[] {
  const other = (): BookedRow => {
    if (how === 'later') return { ...row, maturesAt: new Date(row.maturesAt.getTime() + 1) };
    if (how === 'version') return { ...row, planVersion: 9 };
    return { ...row, amountMinor: minor(row.amountMinor + 1n) };
  };
  if (how === 'twice') return [...rows, row];
  return rows.flatMap((one) => (one !== row ? [one] : how === 'gone' ? [] : [other()]));
}
