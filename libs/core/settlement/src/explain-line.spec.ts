import { describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { minor } from '@qingfen/money';
import { explainLine, rateFactKey, type Chain, type Line } from './index.js';
import { factText, termsText } from './share-terms.js';

function planOf(document: object): Plan {
  const reading = readPlan({ supplier: {}, ...document }, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

const line = (base: bigint, paid = base, kind: Line['kind'] = 'goods'): Line => ({
  baseMinor: minor(base),
  paidMinor: minor(paid),
  kind,
});
const chain = (more: Partial<Chain> = {}): Chain => ({
  distributors: ['a', 'b'],
  orderPaidMinor: minor(0n),
  ...more,
});

/** How the first level of a plan with this one share is explained. */
function told(share: object, of = line(10_000n), more: Partial<Chain> = {}) {
  const plan = planOf({ commission: { basis: 'gross', levels: [share] } });
  const [first] = explainLine(of, chain({ distributors: ['a'], ...more }), plan).levels;
  if (first === undefined) throw new Error('the first level is there');
  return first.how;
}

const TIERS = [
  { from: '0', rate: '0.01' },
  { from: '50.00', rate: '0.02', fixed: '1.00' },
  { from: '100.01', rate: '0.03' },
];

describe('R-SUP-2 the terms of a share', () => {
  it.each<[string, object, Line, string, object]>([
    [
      'a rate',
      { rate: '0.3' },
      line(10_000n),
      '0.3',
      {
        fixed: null,
        rate: { rate: '0.3', amount: '30.00', by: null, value: null },
        tiers: null,
        min: null,
        max: null,
      },
    ],
    [
      'a fixed amount, prorated',
      { fixed: '2.00' },
      line(5_000n, 10_000n),
      '2.00',
      { fixed: { fixed: '2.00', amount: '1.00' }, rate: null, tiers: null },
    ],
    [
      'all of them within bounds',
      { fixed: '2.00', rate: '0.1', tiers: TIERS, min: '1.00', max: '20.00' },
      line(10_000n),
      '2.00 + 0.1 + tier 0.02 and 1.00 from 50.00, at least 1.00, at most 20.00',
      {
        fixed: { fixed: '2.00', amount: '2.00' },
        rate: { rate: '0.1', amount: '10.00', by: null, value: null },
        tiers: {
          method: 'whole',
          reached: [{ from: '50.00', rate: '0.02', fixed: '1.00' }],
          amount: '3.00',
        },
        min: '1.00',
        max: '20.00',
      },
    ],
    [
      'tiers slice by slice',
      { tiers: TIERS, method: 'marginal' },
      line(10_000n),
      'tiers 0.01 from 0.00; 0.02 and 1.00 from 50.00',
      {
        fixed: null,
        rate: null,
        tiers: {
          method: 'marginal',
          reached: [
            { from: '0.00', rate: '0.01', fixed: '0.00' },
            { from: '50.00', rate: '0.02', fixed: '1.00' },
          ],
          amount: '2.50',
        },
      },
    ],
    [
      'no tier on nothing',
      { tiers: TIERS },
      line(0n, 10_000n),
      'no tier',
      { tiers: { method: 'whole', reached: [], amount: '0.00' } },
    ],
    [
      'the one tier that is reached',
      { tiers: TIERS },
      line(4_999n),
      'tier 0.01 from 0.00',
      { tiers: { reached: [{ from: '0.00', rate: '0.01', fixed: '0.00' }] } },
    ],
    [
      'a tier from its very amount on',
      { tiers: TIERS },
      line(5_000n),
      'tier 0.02 and 1.00 from 50.00',
      { tiers: { amount: '2.00' } },
    ],
    [
      'the last of three',
      { tiers: TIERS },
      line(10_001n),
      'tier 0.03 from 100.01',
      { tiers: { reached: [{ from: '100.01', rate: '0.03', fixed: '0.00' }] } },
    ],
    ['a rate of nothing', { rate: '0' }, line(10_000n), '0', { rate: null }],
  ])('are told one by one: %s', (_, share, of, text, terms) => {
    const how = told(share, of);
    expect(how.share).toBe(text);
    expect(how.terms).toMatchObject(terms);
  });

  it('R-RUL-6 has the fact that a rate follows, in its own unit', () => {
    const rate = (by: string, from: string): object => ({
      rate: {
        by,
        tiers: [
          { from: '0', rate: '0' },
          { from, rate: '0.2' },
        ],
      },
    });
    const facts = new Map([
      [rateFactKey('payee-level', 'a'), 3_000_000n],
      [rateFactKey('payee-month-volume', 'a'), 123_456n],
    ]);
    expect(told(rate('payee-level', '3'), undefined, { rateFacts: facts }).terms?.rate).toEqual({
      rate: '0.2',
      amount: '20.00',
      by: 'payee-level',
      value: '3',
    });
    const month = told(rate('payee-month-volume', '9999'), undefined, { rateFacts: facts });
    expect(month.terms?.rate).toEqual({
      rate: '0',
      amount: '0.00',
      by: 'payee-month-volume',
      value: '1234.56',
    });
    expect(factText('payee-refund-rate', 50_000n, 'CNY')).toBe('0.05');
    expect(() => told(rate('payee-refund-rate', '0.1'), undefined, { rateFacts: facts })).toThrow(
      'facts that a rate follows are read with the order',
    );
    expect(() => told(rate('payee-level', '1'))).toThrow('facts that a rate follows');
  });

  it('are 0 where there are none', () => {
    expect(termsText({ fixed: null, rate: null, tiers: null, min: null, max: null })).toBe('0');
  });
});

describe('R-SUP-2 what held an amount', () => {
  it.each<[string, object, string, string | null]>([
    ['nothing', { rate: '0.3' }, '30.00', null],
    ['the least', { rate: '0.3', min: '31.00' }, '31.00', 'min'],
    ['the greatest', { rate: '0.3', max: '29.00' }, '29.00', 'max'],
    ['what was left', { fixed: '101.00' }, '100.00', 'left'],
  ])('%s', (_, share, owed, bound) => {
    expect(told(share)).toMatchObject({ owed, bound, base: '100.00', paid: '100.00' });
  });

  it.each([
    [{ rate: '0.10' }, 10_000n, '10.00', '0.00', null],
    [{ rate: '0.10', max: '4.00' }, 10_000n, '4.00', '6.00', 'max'],
    [{ rate: '0.10', min: '12.00' }, 10_000n, '12.00', '2.00', 'min'],
    [{ rate: '0.10', min: '12.00' }, 1_100n, '11.00', '9.90', 'left'],
  ])('of a fee %j on %s', (platformFee, base, owed, cappedBy, bound) => {
    const { fee } = explainLine(line(base), chain(), planOf({ platformFee }));
    expect(fee).toMatchObject({ owed, cappedBy, bound, share: '0.1', terms: null });
  });

  it('shows what each level is computed on, and what no decimal can hold', () => {
    const levels = [{ rate: '0.4' }, { rate: '0.5' }];
    const before = (basis: string, platformFee: object): string[] =>
      explainLine(
        line(10_000n),
        chain(),
        planOf({ platformFee, commission: { basis, levels } }),
      ).levels.map(({ how }) => how.before);
    expect(before('cascade', { rate: '0.1' })).toEqual(['90.00', '54.00']);
    expect(before('flat', { rate: '0' })).toEqual(['100.00', '100.00']);
    expect(before('flat', { rate: '0.1', max: '5.00' })).toEqual(['95.00', '95.00']);
    expect(before('gross', { rate: '0.1', max: '5.00' })).toEqual(['100.00', '100.00']);
    const third = told({ fixed: '1.00' }, line(100n, 300n));
    expect(third).toMatchObject({ exact: '1/3', owed: '0.33', cappedBy: '0.00', paid: '3.00' });
  });

  it('explains shipping as its supplier’s alone', () => {
    const plan = planOf({
      platformFee: { rate: '0.1', min: '1.00' },
      commission: { levels: [{ rate: '0.5' }] },
    });
    const { fee, levels, supplier } = explainLine(line(800n, 900n, 'shipping'), chain(), plan);
    expect(fee).toMatchObject({ share: '0', exact: '0.00', owed: '0.00', bound: null });
    expect(levels).toEqual([]);
    expect(supplier).toEqual({
      base: '8.00',
      paid: '9.00',
      fee: '0.00',
      before: '8.00',
      share: 'rest',
      terms: null,
      exact: '8.00',
      rounding: 'half-up',
      owed: '8.00',
      cappedBy: '0.00',
      bound: null,
    });
  });

  it('stops at a currency that nobody knows', () => {
    const plan = { ...planOf({}), currency: 'XXX' };
    expect(() => explainLine(line(1n), chain(), plan)).toThrow('is a currency of a plan');
    const paying = planOf({ commission: { levels: [{ fixed: '0.01' }] } });
    expect(() => explainLine(line(1n), chain(), { ...paying, currency: 'XXX' })).toThrow(
      'is a currency of a plan',
    );
  });
});
