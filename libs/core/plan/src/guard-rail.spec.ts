import { describe, expect, it } from '@jest/globals';
import { fraction, isLess, parseRate, plus, ppm, times, type Fraction } from '@qingfen/money';
import fc from 'fast-check';
import { bendsOf } from './bends.js';
import { commissionRatioMax } from './commission-ratio.js';
import { caseAt } from './exceeds-base.js';
import {
  payoutRatioWarning,
  readPlan,
  type CommissionPart,
  type Plan,
  type PlatformFee,
} from './index.js';

function planOf(commission: object, platformFee: object = { rate: '0' }): Plan {
  const reading = readPlan({ platformFee, commission }, { levelsMax: 3 });
  if (reading.kind === 'ok') return reading.plan;
  throw new Error(JSON.stringify(reading.problems));
}

function ratioOf(commission: object, platformFee?: object): Fraction {
  const plan = planOf(commission, platformFee);
  if (plan.commission === undefined) throw new Error('the plan has a commission');
  return commissionRatioMax(plan.platformFee, plan.commission);
}

const of = (numerator: bigint, denominator: bigint): Fraction => fraction(numerator, denominator);

describe('R-RUL-7 what commissions of a line can come to', () => {
  it.each<[string, object, object | undefined, Fraction]>([
    ['a cascade', { levels: [{ rate: '0.3' }, { rate: '0.2' }] }, { rate: '0.1' }, of(396n, 1000n)],
    [
      'flat',
      { basis: 'flat', levels: [{ rate: '0.3' }, { rate: '0.2' }] },
      { rate: '0.1' },
      of(45n, 100n),
    ],
    [
      'gross',
      { basis: 'gross', levels: [{ rate: '0.3' }, { rate: '0.2' }] },
      { rate: '0.1' },
      of(1n, 2n),
    ],
    [
      'fixed and min, which are left out',
      { levels: [{ fixed: '9.00' }, { rate: '0.1', min: '5.00' }] },
      undefined,
      of(1n, 10n),
    ],
    [
      'a fee with a bound: the larger the line',
      { levels: [{ rate: '0.5' }] },
      { rate: '0.2', max: '0.00' },
      of(1n, 2n),
    ],
    [
      'the greatest tier',
      {
        levels: [
          {
            tiers: [
              { from: '0', rate: '0.1' },
              { from: '10.00', rate: '0.4' },
              { from: '20.00', rate: '0.2' },
            ],
          },
        ],
      },
      undefined,
      of(4n, 10n),
    ],
    [
      'slices, just below the next tier',
      {
        levels: [
          {
            method: 'marginal',
            tiers: [
              { from: '0', rate: '0' },
              { from: '10.00', rate: '0.9' },
              { from: '100.00', rate: '0' },
            ],
          },
        ],
      },
      undefined,
      // 9 of every 10 fen above 10.00, of a line of 100.00: the last tier gives 0 to what is above it.
      of(81n, 100n),
    ],
    [
      'a tier of the whole line, up to where its bound begins to hold',
      {
        basis: 'flat',
        levels: [
          {
            tiers: [
              { from: '0', rate: '0' },
              { from: '100.00', rate: '0.2' },
            ],
            max: '25.00',
          },
          {
            method: 'marginal',
            tiers: [
              { from: '0', rate: '0' },
              { from: '110.00', rate: '0.1' },
            ],
          },
        ],
      },
      undefined,
      // At 125.00 the first has come to its 25.00, and the second to 1.50; from there on the ratio falls.
      of(2650n, 12500n),
    ],
    [
      'a rate that follows a fact',
      {
        levels: [
          {
            rate: {
              by: 'payee-level',
              tiers: [
                { from: '0', rate: '0.1' },
                { from: '5', rate: '0.6' },
              ],
            },
          },
        ],
      },
      undefined,
      of(6n, 10n),
    ],
    [
      'a rate that falls with a fact',
      {
        levels: [
          {
            rate: {
              by: 'payee-level',
              tiers: [
                { from: '0', rate: '0.6' },
                { from: '5', rate: '0.1' },
              ],
            },
          },
        ],
      },
      undefined,
      of(6n, 10n),
    ],
    [
      // It would hold above the largest line that there can be: that line's ratio counts.
      'a bound that no line reaches',
      {
        levels: [
          {
            method: 'marginal',
            max: '999999999999.99',
            tiers: [
              { from: '0', rate: '0' },
              { from: '10.00', rate: '0.9' },
            ],
          },
        ],
      },
      undefined,
      of(9n * (99_999_999_999_999n - 1_000n), 10n * 99_999_999_999_999n),
    ],
    [
      // Half of the line is the fee, until it is 1.00; the share is all of the rest, until it is 50.00.
      'a bound that begins to hold between a bound of the fee and the largest line',
      { basis: 'flat', levels: [{ rate: '1', max: '50.00' }] },
      { rate: '0.5', max: '1.00' },
      of(5_000n, 5_100n),
    ],
    [
      // The share is 0.7 of the line less 5.00, until it is 9.00; the fee grows on until the line is 50.00.
      'a bound that begins to hold before the bound of the fee',
      {
        levels: [
          {
            rate: '0.25',
            method: 'marginal',
            max: '9.00',
            tiers: [
              { from: '0', rate: '0' },
              { from: '10.00', rate: '0.5' },
            ],
          },
        ],
      },
      { rate: '0.2', max: '10.00' },
      of(900n, 2_000n),
    ],
    [
      'never more than the line',
      { basis: 'gross', levels: [{ rate: '0.6', max: '5.00' }, { rate: '0.6' }] },
      undefined,
      of(1n, 1n),
    ],
  ])('R-RUL-7 %s', (_, commission, fee, expected) => {
    expect(ratioOf(commission, fee)).toEqual(expected);
  });

  const tenth = fc
    .integer({ min: 0, max: 10 })
    .map((tenths) => (tenths === 10 ? '1' : `0.${tenths}`));
  const fen = (max: number): fc.Arbitrary<string> =>
    fc
      .integer({ min: 0, max })
      .map((fens) => `${Math.floor(fens / 100)}.${String(fens % 100).padStart(2, '0')}`);
  const tiers = fc.uniqueArray(fc.integer({ min: 1, max: 150 }), { maxLength: 2 }).chain((froms) =>
    fc.tuple(
      ...[0, ...froms.sort((a, b) => a - b)].map((from) =>
        tenth.map((rate) => ({
          from: `${Math.floor(from / 100)}.${String(from % 100).padStart(2, '0')}`,
          rate,
        })),
      ),
    ),
  );
  const method = fc.constantFrom('whole', 'marginal');
  const level = fc.oneof(
    fc.record({ rate: tenth, max: fen(60) }, { requiredKeys: ['rate'] }),
    fc.record({ rate: tenth, tiers, method, max: fen(60) }, { requiredKeys: ['rate', 'tiers'] }),
  );
  const commission = fc.record({
    basis: fc.constantFrom('cascade', 'flat', 'gross'),
    levels: fc.array(level, { minLength: 1, maxLength: 3 }),
  });
  const fee = fc.record({ rate: tenth, max: fen(60) }, { requiredKeys: ['rate'] });

  it('R-RUL-7 is what trying every base up to beyond the last bend finds', () => {
    let compared = 0;
    fc.assert(
      fc.property(commission, fee, (parts, platformFee) => {
        const reading = readPlan({ platformFee, commission: parts }, { levelsMax: 3 });
        if (reading.kind !== 'ok' || reading.plan.commission === undefined) return true;
        const known = reading.plan.platformFee;
        const last = bendsOf(known, reading.plan.commission).at(-1) ?? fraction(0n);
        const beyond = last.numerator / last.denominator + 2n;
        if (beyond > 1_500n) return true;
        // Far enough for a bend that was overlooked, too.
        const until = beyond < 700n ? 700n : beyond;
        compared += 1;
        const whole = fraction(1n);
        const tried = triedUntil(until, known, reading.plan.commission);
        const expected = isLess(whole, tried) ? whole : tried;
        const found = commissionRatioMax(known, reading.plan.commission);
        return found.numerator === expected.numerator && found.denominator === expected.denominator;
      }),
      { numRuns: 1_000 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});

function triedUntil(until: bigint, fee: PlatformFee, commission: CommissionPart): Fraction {
  let greatest = fraction(0n);
  for (const base of [...range(until), 99_999_999_999_999n]) {
    const { shares } = caseAt(base, fee, commission);
    const ratio = times(shares.reduce(plus, fraction(0n)), fraction(1n, base));
    if (isLess(greatest, ratio)) greatest = ratio;
  }
  return greatest;
}

function* range(until: bigint): Generator<bigint> {
  for (let base = 1n; base <= until; base += 1n) yield base;
}

describe('R-RUL-7 the guard rail', () => {
  const plan = planOf({ levels: [{ rate: '0.3' }, { rate: '0.2' }] }, { rate: '0.1' });

  it('R-RUL-7 lets pass what stays at the limit, and warns of a hair above it', () => {
    expect(payoutRatioWarning(plan, parseRate('0.396'))).toBeUndefined();
    expect(payoutRatioWarning(plan, parseRate('0.395999'))).toEqual({
      pointer: '/commission/levels',
      message:
        "Commission › levels: all levels together can come to 39.6% of a line, above the shop's limit of 39.5999%; a second person has to approve the plan.",
      messageZh:
        '分销佣金 › 各级分成：各级佣金合计最高可达商品行金额的 39.6%，超过店铺上限 39.5999%；须由第二人审批。',
    });
  });

  it('R-RUL-7 warns of nothing where nobody gets a commission', () => {
    const reading = readPlan({ supplier: {} }, { levelsMax: 3 });
    if (reading.kind !== 'ok') throw new Error('the plan is right');
    expect(payoutRatioWarning(reading.plan, ppm(0n))).toBeUndefined();
  });
});
