import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minor } from '@qingfen/money';
import { OrderBooks, orderCase, type OrderCase } from './booked-order.fixture.js';
import { compareBooked, type BookDifference, type BookedRow } from './compare-booked.js';
import { levelPresence } from './level-presence.js';
import { basesAfter, partyKey, replayOrder, type ExpectedRow } from './replay-order.js';
import { expectedCounts, goodsBase } from './team-counts.js';

const runs = { numRuns: 2_000 };

function replayed({ order, plan }: OrderCase, books: OrderBooks): readonly ExpectedRow[] {
  const { steps, closings } = books;
  return replayOrder({ order, plan, steps, closings });
}

function compared(
  told: OrderCase,
  books: OrderBooks,
  booked: readonly BookedRow[] = books.rows,
): readonly BookDifference[] {
  const { steps } = books;
  const expected = replayed(told, books);
  return compareBooked({ expected, booked, steps, planVersion: 1, currency: 'CNY' });
}

describe('a replay of an order', () => {
  it('R-EXP-1 M4 gives row for row what was booked, whatever was refunded, reversed and stated', () => {
    fc.assert(
      fc.property(orderCase, (told) => compared(told, new OrderBooks(told)).length === 0),
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
        for (const row of replayed(told, books)) {
          sums.set(partyKey(row), (sums.get(partyKey(row)) ?? 0n) + row.amountMinor);
        }
        return books.rows.every((row) => (sums.get(partyKey(row)) ?? 0n) === books.owed(row));
      }),
      runs,
    );
  });

  it('R-EXP-1 finds every fen that was changed, every row that is gone and every one too many', () => {
    const tampered = fc.tuple(
      orderCase,
      fc.nat(),
      fc.constantFrom('fen', 'gone', 'twice', 'later'),
    );
    fc.assert(
      fc.property(tampered, ([told, choice, how]) => {
        const books = new OrderBooks(told);
        const row = books.rows[choice % Math.max(books.rows.length, 1)];
        if (row === undefined) return true; // an order that owes nobody anything
        const isLater = how === 'later' && row.row === 'adjustment'; // has its entry's maturity
        return isLater || compared(told, books, changed(books.rows, row, how)).length > 0;
      }),
      runs,
    );
  });

  it('R-EXP-1 tells what every run counted of an order for its team', () => {
    fc.assert(
      fc.property(orderCase, fc.array(fc.nat(20), { maxLength: 6 }), (told, at) => {
        const { steps } = new OrderBooks(told);
        const batches = [...new Set(at)].sort((a, b) => a - b).map(BigInt);
        const counts = expectedCounts(told.order, steps, batches);
        const known = steps.filter(({ batchId }) => batchId < (batches.at(-1) ?? 0n));
        const counted = counts.reduce((sum, { changeMinor }) => sum + changeMinor, 0n);
        return counts.length === 0 || counted === goodsBase(told.order, known);
      }),
      runs,
    );
  });

  it('R-EXP-1 says of every level why it counts or not, as splitting sees it', () => {
    fc.assert(
      fc.property(orderCase, ({ order, plan }) => {
        const levels = levelPresence(order, plan);
        return levels.every(({ level }, index) => level === index + 1);
      }),
      runs,
    );
  });

  it('R-EXP-1 refuses steps that take more than was paid', () => {
    const told = fc.sample(orderCase, { numRuns: 1, seed: 1 })[0];
    if (told === undefined) throw new Error('a sample is one');
    const items = [{ itemId: '1', amountMinor: minor(10n ** 9n), subsidyMinor: minor(0n) }];
    const step = { cause: 'refund', causeId: 'r', at: new Date(0), items, batchId: 2n } as const;
    const { order, plan } = told;
    expect(() => replayOrder({ order, plan, steps: [step], closings: [] })).toThrow('no more is');
    expect(basesAfter(order, []).size).toBe(order.items.length);
  });
});

function changed(rows: readonly BookedRow[], row: BookedRow, how: string): readonly BookedRow[] {
  const other = (): BookedRow => {
    if (how === 'later') return { ...row, maturesAt: new Date(row.maturesAt.getTime() + 1) };
    return { ...row, amountMinor: minor(row.amountMinor + 1n) };
  };
  if (how === 'twice') return [...rows, row];
  return rows.flatMap((one) => (one !== row ? [one] : how === 'gone' ? [] : [other()]));
}
