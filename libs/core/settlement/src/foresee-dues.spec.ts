import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import { foreseeDues, slotsOf, type ComingDue, type OwedSlots } from './foresee-dues.js';

const everybody = { kind: 'except', payeeIds: [] } as const;

function runOn(day: number, change: Partial<ComingDue> = {}): ComingDue {
  return {
    day: `2026-01-${String(day).padStart(2, '0')}`,
    cutoff: new Date(Date.UTC(2026, 0, day)),
    minPayoutMinor: minor(1n),
    audience: everybody,
    ...change,
  };
}

const owed = (
  payeeId: string,
  ...amounts: (readonly [slot: number, fen: bigint])[]
): OwedSlots => ({
  payeeId,
  slots: amounts.map(([slot, amountMinor]) => ({ slot, amountMinor })),
});

const foreseen = (runs: readonly ComingDue[], sums: readonly OwedSlots[]): object =>
  Object.fromEntries(foreseeDues(runs, sums));

describe('what runs will pay', () => {
  const runs = [runOn(5), runOn(6), runOn(7)];

  it('R-FOR-1 falls due with the first run whose cutoff comes after it matures', () => {
    expect(foreseen(runs, [owed('a', [0, 5n], [2, 7n]), owed('b', [2, 1n], [3, 9n])])).toEqual({
      '2026-01-05': 5n,
      '2026-01-07': 8n,
    });
  });

  it('R-FOR-1 waits until it reaches the least payout, and debts are taken off', () => {
    const least = runs.map((run) => ({ ...run, minPayoutMinor: minor(10n) }));
    expect(foreseen(least, [owed('a', [0, 9n], [1, 1n])])).toEqual({ '2026-01-06': 10n });
    expect(foreseen(runs, [owed('a', [0, -9n], [1, 8n], [2, 4n])])).toEqual({ '2026-01-07': 3n });
  });

  it('R-FOR-1 goes by the cycle of each payee', () => {
    const own = [
      runOn(5, { audience: { kind: 'except', payeeIds: ['w'] } }),
      runOn(7, { audience: { kind: 'only', payeeIds: ['w'] } }),
    ];
    expect(foreseen(own, [owed('w', [0, 3n]), owed('d', [0, 4n])])).toEqual({
      '2026-01-05': 4n,
      '2026-01-07': 3n,
    });
  });

  it('R-FOR-1 never comes to more than is owed, and to all of it where nothing is held back', () => {
    const sums = fc.array(
      fc.record({
        payeeId: fc.string({ minLength: 1, maxLength: 3 }),
        slots: fc.uniqueArray(
          fc.record({ slot: fc.nat(2), amountMinor: fc.bigInt({ min: 1n, max: 1_000n }) }),
          { selector: ({ slot }) => slot, maxLength: 3 },
        ),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(sums, (given) => {
        const total = given.flatMap(({ slots }) => slots).reduce((t, s) => t + s.amountMinor, 0n);
        const due = [...foreseeDues(runs, given).values()].reduce((t, d) => t + d, 0n);
        return due === total;
      }),
    );
  });

  it('R-FOR-1 names no day on which nothing is paid, even where nothing would be enough', () => {
    const least = runs.map((run) => ({ ...run, minPayoutMinor: minor(0n) }));
    expect(foreseen(least, [owed('a'), owed('b', [0, 4n], [1, -4n])])).toEqual({
      '2026-01-05': 4n,
    });
    expect(foreseen(least, [owed('a', [2, 4n]), owed('b', [0, -1n], [1, 1n])])).toEqual({
      '2026-01-07': 4n,
    });
  });

  it('R-FOR-1 knows each cutoff once, in order', () => {
    expect(slotsOf([runOn(7), runOn(5), runOn(5)]).map((at) => at.getUTCDate())).toEqual([5, 7]);
  });
});
