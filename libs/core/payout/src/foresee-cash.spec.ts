import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import { foreseeCash } from './index.js';

const due = [
  { day: '2026-01-05', dueMinor: minor(30n) },
  { day: '2026-01-06', dueMinor: minor(0n) },
  { day: '2026-01-07', dueMinor: minor(50n) },
];

const leftOf = (balance: bigint | null, open: bigint) => {
  const balanceMinor = balance === null ? null : minor(balance);
  const { days, ...rest } = foreseeCash({ balanceMinor, openMinor: minor(open), due });
  return { left: days.map(({ leftMinor }) => leftMinor), ...rest };
};

describe('how long an account will do', () => {
  it('R-FOR-1 takes what is under way first, then each day', () => {
    expect(leftOf(90n, 10n)).toEqual({ left: [50n, 50n, 0n], shortOn: null, missingMinor: 0n });
  });

  it('R-FOR-1 names the first day that is not covered, and what is missing in all', () => {
    expect(leftOf(60n, 0n)).toEqual({
      left: [30n, 30n, -20n],
      shortOn: '2026-01-07',
      missingMinor: 20n,
    });
    expect(leftOf(5n, 6n)).toMatchObject({ shortOn: '2026-01-05', missingMinor: 81n });
  });

  it('R-FOR-1 says nothing of an account that nobody could ask', () => {
    expect(leftOf(null, 10n)).toEqual({
      left: [null, null, null],
      shortOn: null,
      missingMinor: 0n,
    });
  });
});
