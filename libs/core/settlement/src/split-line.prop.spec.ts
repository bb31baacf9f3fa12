import { describe, it } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { formatAmount } from '@qingfen/money';
import {
  chainOfCase,
  decimal,
  lineCase,
  lineOf,
  referenceLineOf,
  referencePlanOf,
  type LineCase,
} from './arbitraries.js';
import { explainLine, splitLine, type LineSplit } from './index.js';
import { referenceSplit } from './reference/split-reference.js';

const RUNS = { numRuns: 2_000 };

const Exact = Big();
Exact.DP = 60;

/** A decimal, or a fraction that none can hold. */
function numberOf(text: string): Big {
  const [numerator = '', denominator = '1'] = text.split('/');
  return new Exact(numerator).div(denominator);
}

function splitOf(given: LineCase): LineSplit {
  return splitLine(lineOf(given), chainOfCase(given), given.plan);
}

describe('R-COM-2 splitting a line', () => {
  it('R-COM-2 lessons 20, 21: M1 loses nothing and invents nothing, and nobody owes', () => {
    fc.assert(
      fc.property(lineCase, (given) => {
        const split = splitOf(given);
        const owed = [split.feeMinor, ...split.levels.map((l) => l.owedMinor), split.supplierMinor];
        const sum = owed.reduce<bigint>((total, amount) => total + amount, 0n);
        return sum === given.baseMinor && owed.every((amount) => amount >= 0n);
      }),
      RUNS,
    );
  });

  it('R-RUL-2 R-RUL-6 M1 agrees with the big.js reference on every amount, whatever the shares', () => {
    fc.assert(
      fc.property(lineCase, (given) => {
        const split = splitOf(given);
        const expected = referenceSplit(
          referenceLineOf(given),
          referencePlanOf(given.plan, given.facts),
        );
        const actual = {
          fee: decimal(split.feeMinor, 2),
          levels: split.levels.map(({ level, payeeId, owedMinor }) => ({
            level,
            payeeId,
            owed: decimal(owedMinor, 2),
          })),
          supplier: decimal(split.supplierMinor, 2),
        };
        return JSON.stringify(actual) === JSON.stringify(expected);
      }),
      RUNS,
    );
  });

  it('M2 nobody gets more than one minor unit above their exact share', () => {
    fc.assert(
      fc.property(lineCase, (given) => {
        const how = explainLine(lineOf(given), chainOfCase(given), given.plan);
        return how.levels.every(({ how: step }) => {
          const [owed, exact] = [numberOf(step.owed), numberOf(step.exact)];
          return owed.minus(exact).lt('0.01');
        });
      }),
      RUNS,
    );
  });

  it('R-SUP-2 the explanation tells the amounts of the split', () => {
    fc.assert(
      fc.property(lineCase, (given) => {
        const split = splitOf(given);
        const how = explainLine(lineOf(given), chainOfCase(given), given.plan);
        return (
          how.fee.owed === formatAmount(split.feeMinor, 'CNY') &&
          how.supplier.owed === formatAmount(split.supplierMinor, 'CNY') &&
          how.levels.length === split.levels.length
        );
      }),
      RUNS,
    );
  });

  it('a missing level takes nothing from the next', () => {
    fc.assert(
      fc.property(lineCase, (given) => {
        const { commission } = given.plan;
        if (commission === undefined || commission.levels.length < 2) return true;
        const [, ...others] = commission.levels;
        const without = { ...given.plan, commission: { ...commission, levels: others } };
        const missing = splitOf({ ...given, distributors: [null, ...given.distributors] });
        const shorter = splitOf({ ...given, plan: without });
        return missing.supplierMinor === shorter.supplierMinor;
      }),
      RUNS,
    );
  });
});
