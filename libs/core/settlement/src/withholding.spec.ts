import { describe, expect, it } from '@jest/globals';
import { readWithholding, type Tier, type WithholdingSettings } from '@qingfen/core-plan';
import { formatAmount, minor, parseAmount, type Minor } from '@qingfen/money';
import {
  isWithheldFrom,
  leastGross,
  payoutGivenBackLegs,
  payoutReturnedLegs,
  payoutSucceededLegs,
  statementIssuedLegs,
  taxOn,
  taxPaidLegs,
  withheldBack,
  withheldShares,
  withhold,
  withholdingPeriod,
} from './index.js';
import { sumsOf } from './ledger.fixture.js';

const tiersOf = (tiers: WithholdingSettings['tiers']): readonly Tier[] => {
  const reading = readWithholding({ period: 'month', kinds: ['commission'], tiers });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.withholding.tiers;
};
const yuan = (text: string): Minor => parseAmount(text, 'CNY');
const text = (units: bigint): string => formatAmount(minor(units), 'CNY');
const nothing = { grossMinor: minor(0n), withheldMinor: minor(0n) };

/** 劳务报酬, as it is withheld of what a person is paid in a month. */
const labour = tiersOf([
  { from: '0', rate: '0' },
  { from: '800', rate: '0.20' },
  { from: '4000', rate: '0.16' },
  { from: '25000', rate: '0.24' },
  { from: '62500', rate: '0.32' },
]);

/**
 * The same as the law has it: up to 4,000 all but 800 is taxed, above it 80 %; 20 % of that, above 20,000
 * 30 % less 2,000, above 50,000 40 % less 7,000. In yuan, which these numbers divide.
 */
function labourTax(gross: number): number {
  const taxed = gross <= 4000 ? Math.max(0, gross - 800) : gross * 0.8;
  if (taxed <= 20_000) return taxed * 0.2;
  return taxed <= 50_000 ? taxed * 0.3 - 2000 : taxed * 0.4 - 7000;
}

describe('R-TAX-1 the tax on what a payee was stated in a period', () => {
  it.each([1, 800, 801, 3999, 4000, 4001, 24_999, 25_000, 25_001, 62_500, 62_501, 1_000_000])(
    'R-TAX-1 劳务报酬 of %i yuan by marginal tiers is that of the law',
    (gross) => {
      expect(text(taxOn(labour, yuan(`${gross}`)))).toBe(labourTax(gross).toFixed(2));
    },
  );

  it.each([
    ['0.00', '0.00'],
    ['800.02', '0.00'],
    ['800.03', '0.01'], // 0.006
    ['4000.03', '640.00'], // 640.0048
    ['4000.04', '640.01'], // 640.0064
    ['62500.00', '13000.00'],
  ])('R-TAX-1 on %s it is %s: rounded once, half up', (gross, tax) => {
    expect(text(taxOn(labour, yuan(gross)))).toBe(tax);
  });

  it.each<[string, string, string, string]>([
    ['nothing before', '1000.00', '0.00 0.00', '40.00'],
    ['below the first tier', '799.00', '0.00 0.00', '0.00'],
    ['a second statement of the month', '1000.00', '1000.00 40.00', '200.00'],
    ['of a sum that no tax was withheld of yet', '100.00', '900.00 0.00', '40.00'],
    ['more is withheld than is due', '100.00', '1000.00 200.00', '0.00'],
    ['more is due than it comes to', '10.00', '5000.00 0.00', '10.00'],
  ])('R-TAX-1 withheld of a statement: %s', (_, gross, before, withheld) => {
    const [grossBefore = '', withheldBefore = ''] = before.split(' ');
    const taxed = withhold(yuan(gross), {
      tiers: labour,
      before: { grossMinor: yuan(grossBefore), withheldMinor: yuan(withheldBefore) },
    });
    expect(text(taxed.withheldMinor)).toBe(withheld);
    expect(taxed.netMinor + taxed.withheldMinor).toBe(yuan(gross));
  });

  it('R-TAX-1 the least gross that leaves a minimum, and none where the last tier takes all', () => {
    const before = { grossMinor: yuan('5000.00'), withheldMinor: yuan('800.00') };
    expect(leastGross(yuan('0.10'), { tiers: labour, before })).toBe(12n); // 0.12 − 0.02
    expect(leastGross(yuan('0.10'), { tiers: labour, before: nothing })).toBe(10n);
    const owing = { grossMinor: yuan('5000.00'), withheldMinor: yuan('0.00') };
    expect(text(leastGross(yuan('0.10'), { tiers: labour, before: owing }) ?? 0n)).toBe('952.50');
    const all = tiersOf([
      { from: '0', rate: '0' },
      { from: '100', rate: '1' },
    ]);
    expect(leastGross(yuan('100.00'), { tiers: all, before: nothing })).toBe(10_000n);
    expect(leastGross(yuan('100.01'), { tiers: all, before: nothing })).toBeNull();
  });

  it('R-TAX-1 every payout has its part of the tax, and gives it back with itself', () => {
    const amounts = [50_000n, 50_000n, 1n].map(minor);
    expect(withheldShares(minor(3n), amounts)).toEqual([1n, 1n, 1n]);
    expect(withheldShares(minor(0n), amounts)).toEqual([0n, 0n, 0n]);
    const payout = { amountMinor: 300n, withheldMinor: 10n };
    expect([0n, 29n, 30n, 299n, 300n].map((back) => withheldBack(payout, back))).toEqual([
      0n,
      0n,
      1n,
      9n,
      10n,
    ]);
    expect(() => withheldBack(payout, 301n)).toThrow('no more comes back');
  });

  it('R-TAX-1 a statement of nothing is none', () => {
    expect(() => withhold(minor(0n), { tiers: labour, before: nothing })).toThrow('nothing');
  });
});

describe('R-TAX-1 of whom and for which time', () => {
  const withholding = { kinds: ['commission', 'team-reward'] as const, accountTypes: ['personal'] };

  it.each<[string, 'commission' | 'supplier', string, string | null, boolean]>([
    ['a person', 'commission', 'CNY', 'PERSONAL', true],
    ['nobody said what it is', 'commission', 'CNY', null, true],
    ['an enterprise', 'commission', 'CNY', 'enterprise', false],
    ['another kind', 'supplier', 'CNY', 'personal', false],
    ['another currency', 'commission', 'JPY', 'personal', false],
  ])('R-TAX-1 %s', (_, kind, currency, accountType, is) => {
    expect(isWithheldFrom(withholding, { kind, currency, accountType })).toBe(is);
  });

  it.each<['month' | 'year', string, string, string, string]>([
    ['month', '2026-01-31T23:59:59.999+08:00', 'Asia/Shanghai', '2026-01-01', '2026-02-01'],
    ['month', '2026-02-01T00:00:00+08:00', 'Asia/Shanghai', '2026-02-01', '2026-03-01'],
    ['month', '2026-12-31T12:00:00+08:00', 'Asia/Shanghai', '2026-12-01', '2027-01-01'],
    ['year', '2026-06-01T00:00:00+08:00', 'Asia/Shanghai', '2026-01-01', '2027-01-01'],
  ])('R-TAX-1 the %s of %s', (period, at, timezone, from, to) => {
    expect(withholdingPeriod(period, new Date(at), timezone)).toEqual({
      from: new Date(`${from}T00:00:00+08:00`),
      to: new Date(`${to}T00:00:00+08:00`),
    });
  });
});

describe('R-TAX-1 what withholding posts', () => {
  const fact = {
    kind: 'commission' as const,
    payeeId: 'd-1',
    amountMinor: minor(960n),
    withheldMinor: minor(40n),
  };

  it('R-TAX-1 stated: the gross is no longer payable, the net is on its way, the tax is owed', () => {
    expect(sumsOf(statementIssuedLegs(fact))).toEqual({
      'payable:commission:d-1': 1000n,
      'payout-in-transit': -960n,
      'payable:tax': -40n,
    });
    const paid = [payoutSucceededLegs(fact.amountMinor), taxPaidLegs(fact.withheldMinor)];
    expect(sumsOf(statementIssuedLegs(fact), ...paid)).toEqual({
      'payable:commission:d-1': 1000n,
      'alipay-cash': -960n,
      owner: -40n,
    });
  });

  it('R-TAX-1 R-FAI-1 given back: all is as before, the tax, too', () => {
    const issued = statementIssuedLegs(fact);
    expect(sumsOf(issued, payoutGivenBackLegs(fact))).toEqual({});
    const paid = payoutSucceededLegs(fact.amountMinor);
    expect(sumsOf(issued, paid, payoutReturnedLegs(fact))).toEqual({});
  });

  it('R-TAX-1 without tax the legs are those of a shop that withholds nothing', () => {
    const untaxed = { ...fact, withheldMinor: minor(0n) };
    expect(statementIssuedLegs(untaxed)).toEqual([
      { account: 'payable:commission:d-1', amountMinor: 960n },
      { account: 'payout-in-transit', amountMinor: -960n },
    ]);
    expect(() => statementIssuedLegs({ ...fact, withheldMinor: minor(-1n) })).toThrow('less than');
    expect(() => statementIssuedLegs({ ...fact, amountMinor: minor(0n) })).toThrow('more than');
  });
});
