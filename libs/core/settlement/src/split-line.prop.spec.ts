import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { formatAmount, minor } from '@qingfen/money';
import { decimal, lineCase, referencePlanOf, type LineCase } from './arbitraries.js';
import { explainLine, splitLine, type LineSplit } from './index.js';
import { referenceSplit } from './reference/split-reference.js';

const RUNS = { numRuns: 2_000 };

function splitOf(given: LineCase): LineSplit {
  const line = { baseMinor: minor(given.baseMinor), kind: given.kind };
  return splitLine(line, given.distributors, given.plan, given.buyerPayeeId);
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

  it('M1 agrees with the big.js reference on every amount', () => {
    fc.assert(
      fc.property(lineCase, (given) => {
        const split = splitOf(given);
        const line = {
          base: decimal(given.baseMinor, 2),
          kind: given.kind,
          digits: 2,
          distributors: given.distributors,
          ...(given.buyerPayeeId !== undefined && { buyerPayeeId: given.buyerPayeeId }),
        };
        const expected = referenceSplit(line, referencePlanOf(given.plan));
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
        const line = { baseMinor: minor(given.baseMinor), kind: given.kind };
        const how = explainLine(line, given.distributors, given.plan, given.buyerPayeeId);
        return how.levels.every(({ how: step }) => {
          const [owed, exact] = [step.owed, step.exact].map((text) => {
            const [whole = '', fraction = ''] = text.split('.');
            return BigInt(whole + fraction.padEnd(80, '0'));
          });
          return owed !== undefined && exact !== undefined && owed - exact < 10n ** 78n;
        });
      }),
      RUNS,
    );
  });

  it('R-SUP-2 the explanation tells the amounts of the split', () => {
    fc.assert(
      fc.property(lineCase, (given) => {
        const split = splitOf(given);
        const line = { baseMinor: minor(given.baseMinor), kind: given.kind };
        const how = explainLine(line, given.distributors, given.plan, given.buyerPayeeId);
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
