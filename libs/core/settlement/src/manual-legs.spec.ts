import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import type { LedgerLeg } from './ledger.js';
import {
  adjustmentLegs,
  openingLegs,
  recoveryDemandedLegs,
  recoveryReceivedLegs,
  recoveryWithdrawnLegs,
  recoveryWrittenOffLegs,
  settledOutsideLegs,
} from './manual-legs.js';

const fact = { kind: 'commission', payeeId: 'd-1', amountMinor: minor(1250n) } as const;
const against = { ...fact, amountMinor: minor(-1250n) };
const shown = (legs: readonly LedgerLeg[]): string =>
  legs.map(({ account, amountMinor }) => `${account} ${amountMinor}`).join(', ');

describe('the ledger rows of manual acts', () => {
  it.each([
    ['adjustment', adjustmentLegs(fact), 'expense:adjustment 1250, payable:commission:d-1 -1250'],
    ['against', adjustmentLegs(against), 'expense:adjustment -1250, payable:commission:d-1 1250'],
    ['opening', openingLegs(against), 'owner -1250, payable:commission:d-1 1250'],
    ['outside', settledOutsideLegs(fact), 'payable:commission:d-1 1250, owner -1250'],
    ['demanded', recoveryDemandedLegs(fact), 'receivable:d-1 1250, payable:commission:d-1 -1250'],
    ['withdrawn', recoveryWithdrawnLegs(fact), 'payable:commission:d-1 1250, receivable:d-1 -1250'],
    ['received', recoveryReceivedLegs(fact), 'owner 1250, receivable:d-1 -1250'],
    ['written off', recoveryWrittenOffLegs(fact), 'expense:bad-debt 1250, receivable:d-1 -1250'],
  ])('R-REF-3 R-OPS-2 %s', (_, legs, text) => {
    expect(shown(legs)).toBe(text);
  });

  it('refuses nothing at all, and a recovery of less', () => {
    expect(() => adjustmentLegs({ ...fact, amountMinor: minor(0n) })).toThrow('nothing');
    for (const amountMinor of [minor(0n), minor(-1250n)]) {
      expect(() => recoveryDemandedLegs({ ...fact, amountMinor })).toThrow('more than nothing');
    }
  });
});
