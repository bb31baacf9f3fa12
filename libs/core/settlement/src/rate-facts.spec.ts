import { describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from '@qingfen/core-plan';
import { minor } from '@qingfen/money';
import {
  factsWanted,
  levelValue,
  monthBefore,
  paidVolumes,
  refundedVolumes,
  refundRate,
  usesMonthFacts,
  type OrderFact,
  type OrderItem,
} from './index.js';

const tiers = [{ from: '0', rate: '0.1' }];
const by = (fact: string): object => ({ rate: { by: fact, tiers } });
const fixed = { rate: '0.1' };

function planOf(levels: object[], more: object = {}): Plan {
  const reading = readPlan(
    { supplier: {}, ...(levels.length > 0 && { commission: { levels } }), ...more },
    { levelsMax: 3 },
  );
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

const item = (itemId: string, amount: bigint, kind: OrderItem['kind'] = 'goods'): OrderItem => ({
  itemId,
  supplierId: 's-1',
  kind,
  amountMinor: minor(amount),
  subsidyMinor: minor(5n),
});

const order = (distributors: OrderFact['distributors'], items: OrderItem[] = []): OrderFact => ({
  shopId: 'shop-1',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: new Date(0),
  completedAt: new Date(0),
  items: items.length > 0 ? items : [item('1', 100n), item('2', 30n, 'shipping')],
  distributors,
});

describe('R-RUL-6 the facts that rates follow', () => {
  it('are wanted of the payees whose level has a dynamic rate, each once', () => {
    const plan = planOf([by('payee-level'), fixed, by('payee-level')]);
    const shown = (distributors: OrderFact['distributors']): string[] =>
      factsWanted(order(distributors), plan).map((fact) => `${fact.by} ${fact.payeeId}`);
    expect(shown(['d-1', 'd-2', 'd-3'])).toEqual(['payee-level d-1', 'payee-level d-3']);
    expect(shown(['d-1', 'd-2', 'd-1'])).toEqual(['payee-level d-1']);
    expect(shown([null, 'd-2', 'd-3', 'd-4'])).toEqual(['payee-level d-3']);
    expect(shown(['d-1'])).toEqual(['payee-level d-1']);
    expect(shown([])).toEqual([]);
    expect(factsWanted(order(['d-1']), planOf([]))).toEqual([]);
    const two = planOf([by('payee-level'), by('payee-refund-rate')]);
    expect(factsWanted(order(['d-1', 'd-1']), two)).toEqual([
      { by: 'payee-level', payeeId: 'd-1' },
      { by: 'payee-refund-rate', payeeId: 'd-1' },
    ]);
  });

  it('are of the month before where a rate follows what was sold', () => {
    expect(usesMonthFacts(planOf([]))).toBe(false);
    expect(usesMonthFacts(planOf([fixed]))).toBe(false);
    expect(usesMonthFacts(planOf([by('payee-level')]))).toBe(false);
    expect(usesMonthFacts(planOf([fixed, by('payee-month-volume')]))).toBe(true);
    expect(usesMonthFacts(planOf([by('payee-refund-rate'), fixed]))).toBe(true);
  });

  it('count goods with their subsidies, once for each payee, and no shipping', () => {
    const plan = planOf([fixed, fixed]);
    expect(paidVolumes(order(['d-1', 'd-2', 'd-3']), plan)).toEqual([
      { payeeId: 'd-1', amountMinor: 105n },
      { payeeId: 'd-2', amountMinor: 105n },
    ]);
    expect(paidVolumes(order(['d-1', 'd-1']), plan)).toEqual([
      { payeeId: 'd-1', amountMinor: 105n },
    ]);
    expect(paidVolumes(order(['d-1'], [item('1', 30n, 'shipping')]), plan)).toEqual([]);
    expect(paidVolumes(order([null, null]), plan)).toEqual([]);
    const sum = order(['d-1'], [item('1', 100n), item('2', 7n)]);
    expect(paidVolumes(sum, plan)).toEqual([{ payeeId: 'd-1', amountMinor: 117n }]);
  });

  it('count what was refunded of goods in the same way, a reversal negative', () => {
    const plan = planOf([fixed]);
    const of = (itemId: string, amount: bigint, subsidy = 0n) => ({
      itemId,
      amountMinor: minor(amount),
      subsidyMinor: minor(subsidy),
    });
    const refunded = (...items: ReturnType<typeof of>[]) =>
      refundedVolumes(order(['d-1']), plan, items).map(({ amountMinor }) => amountMinor);
    expect(refunded(of('1', 40n, 2n))).toEqual([42n]);
    expect(refunded(of('1', -40n), of('2', 30n))).toEqual([-40n]);
    expect(refunded(of('2', 30n))).toEqual([]);
    expect(refunded(of('1', 5n), of('1', -5n))).toEqual([]);
  });

  it('are told in millionths', () => {
    expect([levelValue(null), levelValue('3'), levelValue('2.5')]).toEqual([
      0n,
      3_000_000n,
      2_500_000n,
    ]);
    expect(refundRate(1n, 3n)).toBe(333_333n);
    expect(refundRate(5n, 0n)).toBe(0n);
    expect(refundRate(5n, -1n)).toBe(0n);
    expect(refundRate(1n, 1n)).toBe(1_000_000n);
  });

  it('are those of the calendar month before', () => {
    expect(['2026-01', '2026-03', '2026-12'].map(monthBefore)).toEqual([
      '2025-12',
      '2026-02',
      '2026-11',
    ]);
  });
});
