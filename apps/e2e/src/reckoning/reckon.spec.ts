import type { Entry, EntryExplanation } from '@qingfen/contracts';
import { describe, expect, it } from '@jest/globals';

import { reckon } from './reckon.js';

const told: EntryExplanation = {
  base: '30.00',
  paid: '45.00',
  fee: '3.00',
  before: '27.00',
  share: '2.00 + 0.1 + tiers 0.01 from 0.00; 0.02 and 1.00 from 20.00, at most 6.00',
  terms: {
    fixed: { fixed: '2.00', amount: '4/3' },
    rate: { rate: '0.1', amount: '2.70', by: null, value: null },
    tiers: {
      method: 'marginal',
      reached: [
        { from: '0.00', rate: '0.01', fixed: '0.00' },
        { from: '20.00', rate: '0.02', fixed: '1.00' },
      ],
      amount: '16/15',
    },
    min: null,
    max: '6.00',
  },
  exact: '51/10',
  rounding: 'half-up',
  owed: '5.10',
  cappedBy: '0.00',
  bound: null,
};

function entryOf(amount: string, how: EntryExplanation | null): Entry {
  return {
    entryId: 'en_1',
    itemId: '1',
    kind: 'commission',
    level: 1,
    payeeId: 'd-1',
    amount,
    currency: 'CNY',
    state: 'accrued',
    maturesAt: '2011-01-01T00:00:00+08:00',
    holds: [],
    corrects: null,
    statementId: null,
    planVersion: 1,
    how,
  };
}

describe('reckon', () => {
  it('R-RUL-2 finds a share of all forms in order', () => {
    expect(reckon(entryOf('5.10', told))).toBeNull();
  });

  it.each([
    ['5.11', told, 'it is 5.11, not 5.10'],
    ['5.11', { ...told, owed: '5.11' }, '51/10, rounded and changed by 0.00, is not 5.11'],
    ['5.00', { ...told, owed: '5.00', cappedBy: '0.10', exact: '5.00' }, '5.00 is not'],
    ['5.10', { ...told, before: '27.01' }, 'the rate of'],
    ['5.10', { ...told, paid: '44.00' }, 'the fixed of'],
    ['5.10', null, 'nobody says how it came about'],
  ])('R-RUL-2 says what does not add up to %s', (amount, how, complaint) => {
    expect(reckon(entryOf(amount, how))).toContain(complaint);
  });

  it("holds a share within its bounds, takes off what was not left, and knows the supplier's rest", () => {
    const terms = { fixed: null, rate: null, tiers: null, min: '1.00', max: null };
    const least = { ...told, terms, exact: '1.00', owed: '0.40', cappedBy: '0.60' };
    expect(reckon(entryOf('0.40', least))).toBeNull();
    const rest = { ...told, terms: null, share: 'rest', exact: '27.00', owed: '27.00' };
    expect(reckon(entryOf('27.00', rest))).toBeNull();
    const fee = {
      ...told,
      before: '30.00',
      terms: null,
      share: '0.10',
      exact: '3.00',
      owed: '3.00',
    };
    expect(reckon(entryOf('3.00', fee))).toBeNull();
  });
});
