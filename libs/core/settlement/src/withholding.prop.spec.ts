import { describe, it } from '@jest/globals';
import { Big } from 'big.js';
import fc from 'fast-check';
import type { Tier } from '@qingfen/core-plan';
import { minor, ppm, ZERO, type Minor } from '@qingfen/money';
import { decimal } from './arbitraries.js';
import { leastGross, withheldShares, withhold, type StatedBefore } from './index.js';
import {
  referenceTax,
  referenceWithheld,
  type ReferenceStep,
} from './reference/withholding-reference.js';

const RUNS = { numRuns: 2_000 };

/** Ascending tiers from 0, with rates as laws write them and all others. */
const tiers: fc.Arbitrary<readonly Tier[]> = fc
  .array(
    fc.record({
      step: fc.oneof(fc.bigInt({ min: 1n, max: 500n }), fc.bigInt({ min: 1n, max: 5_000_000n })),
      rate: fc.oneof(
        fc.constantFrom(0n, 30_000n, 160_000n, 200_000n, 320_000n, 1_000_000n),
        fc.bigInt({ min: 0n, max: 1_000_000n }),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((steps) => {
    let from = 0n;
    return steps.map(({ step, rate }, index) => {
      if (index > 0) from += step;
      return { fromMinor: minor(from), ratePpm: ppm(rate), fixedMinor: ZERO };
    });
  });
const gross = fc.oneof(
  fc.bigInt({ min: 1n, max: 300n }),
  fc.bigInt({ min: 1n, max: 20_000_000n }),
  fc.bigInt({ min: 1n, max: 99_999_999_999_999n }),
);
/** Statements of a period, one after another; of some all is given back at once. */
const statements = fc.array(fc.record({ gross, isGivenBack: fc.boolean() }), { maxLength: 8 });

const written = (list: readonly Tier[]) =>
  list.map(({ fromMinor, ratePpm }) => ({
    from: decimal(fromMinor, 2),
    rate: decimal(ratePpm, 6),
  }));

describe('R-TAX-1 withholding over a period', () => {
  it('R-TAX-1 M1 agrees with the reference, statement by statement, whatever was given back', () => {
    fc.assert(
      fc.property(tiers, statements, (by, all) => {
        const steps: ReferenceStep[] = [];
        let before: StatedBefore = { grossMinor: ZERO, withheldMinor: ZERO };
        return all.every((one) => {
          const taxed = withhold(minor(one.gross), { tiers: by, before });
          const expected = referenceWithheld(written(by), decimal(one.gross, 2), steps);
          if (!one.isGivenBack) {
            before = {
              grossMinor: minor(before.grossMinor + taxed.grossMinor),
              withheldMinor: minor(before.withheldMinor + taxed.withheldMinor),
            };
            steps.push({ gross: decimal(one.gross, 2), withheld: expected.toFixed(2) });
          }
          return (
            new Big(decimal(taxed.withheldMinor, 2)).eq(expected) &&
            taxed.netMinor + taxed.withheldMinor === one.gross &&
            taxed.netMinor >= 0n
          );
        });
      }),
      RUNS,
    );
  });

  it('R-TAX-1 M5 however a sum is divided into statements, the same is withheld of it in the end', () => {
    fc.assert(
      fc.property(tiers, fc.array(gross, { minLength: 1, maxLength: 8 }), (by, all) => {
        let before: StatedBefore = { grossMinor: ZERO, withheldMinor: ZERO };
        for (const one of all) {
          const taxed = withhold(minor(one), { tiers: by, before });
          before = {
            grossMinor: minor(before.grossMinor + taxed.grossMinor),
            withheldMinor: minor(before.withheldMinor + taxed.withheldMinor),
          };
        }
        const tax = referenceTax(written(by), new Big(decimal(before.grossMinor, 2)));
        return tax.eq(decimal(before.withheldMinor, 2));
      }),
      RUNS,
    );
  });

  it('R-TAX-1 the least gross reaches the minimum, the fen below does not, and all above do', () => {
    fc.assert(
      fc.property(tiers, gross, gross, gross, (by, sum, least, more) => {
        const withheldMinor = minor(sum / 3n);
        const terms = { tiers: by, before: { grossMinor: minor(sum), withheldMinor } };
        const net = (amount: bigint): bigint => withhold(minor(amount), terms).netMinor;
        const found = leastGross(minor(least), terms);
        if (found === null) return net(more) < least;
        return (
          net(found) >= least &&
          (found === 1n || net(found - 1n) < least) &&
          net(found + more) >= least
        );
      }),
      RUNS,
    );
  });

  it('R-TAX-1 the payouts of a statement share its tax, none less than nothing', () => {
    const payouts = fc.array(gross, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(payouts, fc.bigInt({ min: 0n, max: 9_999_999n }), (amounts, withheld) => {
        const shares: readonly Minor[] = withheldShares(minor(withheld), amounts.map(minor));
        const sum = shares.reduce<bigint>((total, share) => total + share, 0n);
        return sum === withheld && shares.every((share) => share >= 0n);
      }),
      RUNS,
    );
  });
});
