import { describe, expect, it } from '@jest/globals';

import type { ReferencePlan } from './plan-in-force.js';
import { splitLine } from './split-line.js';

const cascade: ReferencePlan = {
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }] },
};
const capped: ReferencePlan = { commission: { levels: [{ fixed: '2.00' }, { rate: '0.50' }] } };
const three = ['d-1', 'd-2', 'd-3'];

describe('splitLine', () => {
  it.each([
    ['100.00', cascade, three, 1000n, [2700n, 1260n, 504n], 4536n],
    ['100.00', cascade, ['d-1', null, 'd-3'], 1000n, [2700n, 630n], 5670n],
    ['99.99', cascade, three, 1000n, [2700n, 1260n, 504n], 4535n],
    ['0.01', cascade, three, 0n, [0n, 0n, 0n], 1n],
    ['0.05', cascade, three, 1n, [1n, 1n, 0n], 2n],
    ['1.00', capped, ['d-1', 'd-2'], 0n, [100n, 0n], 0n],
  ] as const)('R-COM-2 splits %s as domain.md 3 does', (amount, plan, who, fee, owed, rest) => {
    const split = splitLine(plan, { itemId: '1', supplierId: 's-1', amount }, who);
    expect(split.feeMinor).toBe(fee);
    expect(split.commissions.map(({ owedMinor }) => owedMinor)).toEqual(owed);
    expect(split.supplierMinor).toBe(rest);
  });

  it('R-RUL-2 chooses and prices tiers on the base of the line, whole or slice by slice', () => {
    const tiers = [
      { from: '0', rate: '0.01' },
      { from: '50.00', rate: '0.02', fixed: '1.00' },
    ];
    const line = { itemId: '1', supplierId: 's-1', amount: '100.00' };
    const owed = (method: 'whole' | 'marginal'): bigint | undefined =>
      splitLine({ commission: { levels: [{ tiers, method }] } }, line, ['d-1']).commissions[0]
        ?.owedMinor;
    expect(owed('whole')).toBe(300n);
    expect(owed('marginal')).toBe(250n);
  });

  it('R-COM-2 leaves shipping to its supplier, subsidy included', () => {
    const line = { itemId: '1', supplierId: 's-1', amount: '8.00', subsidy: '2.00' };
    const split = splitLine(cascade, { ...line, kind: 'shipping' }, three);
    expect(split).toEqual({ feeMinor: 0n, commissions: [], supplierMinor: 1000n });
  });
});
