import { describe, expect, it } from '@jest/globals';
import { readPlan } from './index.js';
import { LIMITS, said } from './plan-document.fixture.js';

describe('R-RUL-7 exceeds-base', () => {
  const exceeds = (basis: string, rates: string[], platformFee?: object): boolean => {
    const levels = rates.map((rate) => ({ rate }));
    return said({
      commission: { basis, levels },
      ...(platformFee && { platformFee }),
    }).includes('/commission/levels exceeds-base');
  };

  it.each<[string, string[], object | undefined, boolean]>([
    ['cascade', ['1', '1', '1'], { rate: '1' }, false],
    ['flat', ['0.5', '0.5'], { rate: '0.9' }, false],
    ['flat', ['0.5', '0.500001'], { rate: '0.9' }, true],
    ['flat', ['0.6', '0.6'], { rate: '1' }, false],
    ['flat', ['0.6', '0.6'], { rate: '1', max: '1.00' }, true],
    ['gross', ['0.5', '0.4'], { rate: '0.1' }, false],
    ['gross', ['0.5', '0.400001'], { rate: '0.1' }, true],
    ['gross', ['0.5', '0.400001'], { rate: '0.1', max: '0.00' }, false],
    ['gross', ['0.5', '0.400001'], { rate: '0.1', max: '5.00' }, true],
    ['gross', ['0.5', '0.5'], { rate: '0.1', max: '0.00' }, false],
    ['gross', ['1'], undefined, false],
    ['gross', ['1'], { rate: '0', min: '5.00' }, false],
    ['gross', ['1', '0.000001'], undefined, true],
  ])('%s %j with fee %j: %s', (basis, rates, fee, expected) => {
    expect(exceeds(basis, rates, fee)).toBe(expected);
  });

  it.each<[string, object, object, string | undefined]>([
    [
      'where the fee stops growing, and nowhere else',
      {
        basis: 'gross',
        levels: [
          {
            method: 'marginal',
            tiers: [
              { from: '0', rate: '0' },
              { from: '10.00', rate: '0.95' },
            ],
          },
        ],
      },
      { rate: '0.1', max: '50.00' },
      'of a line of 500.00',
    ],
    [
      'a fen above where the fee stops growing',
      {
        basis: 'gross',
        levels: [1, 2].map(() => ({
          method: 'marginal',
          tiers: [
            { from: '0', rate: '0' },
            { from: '1.00', rate: '0.5001' },
          ],
        })),
      },
      { rate: '0.3', max: '1.00' },
      'of a line of 3.34',
    ],
    [
      'although a tier leaves less than nothing for the level behind it',
      {
        levels: [
          { tiers: [{ from: '0', rate: '0.6' }] },
          // All of what is left, which is nothing, and 0.3 of the line.
          { rate: '1', tiers: [{ from: '0', rate: '0.3' }] },
        ],
      },
      { rate: '0.5' },
      'of a large line, fee and all levels together are 140%',
    ],
  ])('R-RUL-7 is found %s', (_, commission, platformFee, words) => {
    const reading = readPlan({ platformFee, commission }, LIMITS);
    const problems = reading.kind === 'ok' ? [] : reading.problems;
    expect(problems.map(({ code }) => code)).toEqual(['exceeds-base']);
    expect(problems[0]?.message).toContain(words);
  });

  it('R-RUL-7 is not looked for above the largest line that there can be', () => {
    const tiers = [
      { from: '0', rate: '0' },
      { from: '100000000000.00', rate: '0.95' },
    ];
    const commission = { basis: 'gross', levels: [{ method: 'marginal', tiers }] };
    const platformFee = { rate: '0.1', max: '999999999999.99' };
    expect(said({ platformFee, commission })).toEqual([]);
  });

  it('R-RUL-7 is not looked for in a plan with other mistakes', () => {
    const commission = { basis: 'gross', levels: [{ rate: '1' }, { rate: '1' }] };
    expect(said({ commission, returnWindowDays: -1 })).toEqual(['/returnWindowDays bad-value']);
  });

  it('agrees with trying many bases, the bend of the fee and huge ones among them', () => {
    const rates = [0n, 1n, 400_000n, 500_000n, 600_000n, 999_999n, 1_000_000n];
    const maxima = [null, 0n, 1n, 700n];
    for (const basis of ['cascade', 'flat', 'gross'] as const) {
      for (const fee of rates) {
        for (const max of maxima) {
          for (const one of rates) {
            for (const two of rates) {
              const document = {
                platformFee: {
                  rate: text(fee, 6),
                  ...(max === null ? {} : { max: text(max, 2) }),
                },
                commission: { basis, levels: [{ rate: text(one, 6) }, { rate: text(two, 6) }] },
              };
              const reading = readPlan(document, LIMITS);
              const expected = anyBaseExceeded({ basis, fee, max, rates: [one, two] });
              expect({ document, refused: reading.kind === 'refused' }).toEqual({
                document,
                refused: expected,
              });
            }
          }
        }
      }
    }
  });
});

/** A plain decimal of a scaled integer. */
function text(value: bigint, digits: number): string {
  const padded = value.toString().padStart(digits + 1, '0');
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

function anyBaseExceeded(plan: {
  basis: 'cascade' | 'flat' | 'gross';
  fee: bigint;
  max: bigint | null;
  rates: readonly bigint[];
}): boolean {
  const one = 1_000_000n;
  const bend = plan.max === null || plan.fee === 0n ? 0n : (plan.max * one) / plan.fee;
  const bases = [1n, 2n, 100n, bend, bend + 1n, 10n ** 30n].filter((base) => base > 0n);
  return bases.some((base) => {
    // Everything at a scale of 10^12, so that two rates in a row stay exact.
    const whole = base * one * one;
    const rated = base * plan.fee * one;
    const fee = plan.max !== null && rated > plan.max * one * one ? plan.max * one * one : rated;
    let rest = whole - fee;
    let sum = fee;
    for (const rate of plan.rates) {
      const on = plan.basis === 'gross' ? whole : rest;
      const share = (on * rate) / one;
      sum += share;
      if (plan.basis === 'cascade') rest -= share;
    }
    return sum > whole;
  });
}
