import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minor } from '@qingfen/money';
import { readPlan, type Plan } from '@qingfen/core-plan';
import {
  buyerPayeeId,
  chainOfCase,
  distributors,
  facts,
  lineKind,
  plan as anyPlan,
} from './arbitraries.js';
import {
  accrueOrder,
  maturesAt,
  refundLine,
  type LineAmount,
  type OrderFact,
  type OrderItem,
} from './index.js';

const FULL = {
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.30' }, { rate: '0.20' }, { rate: '0.10' }] },
  supplier: { delayDays: 10 },
};

function planOf(document: object): Plan {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

function item(itemId: string, amount: bigint, more: Partial<OrderItem> = {}): OrderItem {
  const amountMinor = minor(amount);
  return {
    itemId,
    supplierId: 's-1',
    amountMinor,
    subsidyMinor: minor(0n),
    kind: 'goods',
    ...more,
  };
}

function order(items: readonly OrderItem[], more: Partial<OrderFact> = {}): OrderFact {
  return {
    shopId: 'shop-1',
    orderId: 'o-1',
    currency: 'CNY',
    paidAt: new Date('2026-01-01T00:00:00Z'),
    completedAt: new Date('2026-01-02T00:00:00Z'),
    alipayTradeNo: '2026010122001',
    items,
    distributors: ['d-1', 'd-2', 'd-3'],
    ...more,
  };
}

function shown(fact: OrderFact, plan: Plan): { entries: string[]; legs: string[] } {
  const accrual = accrueOrder(fact, plan, 4);
  return {
    entries: accrual.entries.map(
      (e) =>
        `${e.itemId} ${e.kind} ${e.level ?? '-'} ${e.payeeId ?? '-'} ${e.amountMinor} ` +
        e.maturesAt.toISOString().slice(0, 10),
    ),
    legs: accrual.legs.map((leg) => `${leg.itemId} ${leg.account} ${leg.amountMinor}`),
  };
}

describe('accruing an order', () => {
  it('R-COM-2 R-SUP-1 R-REF-1 books entries with their maturity, and legs that add up', () => {
    expect(shown(order([item('i-1', 10_000n)]), planOf(FULL))).toEqual({
      entries: [
        'i-1 platform-fee - - 1000 2026-01-09',
        'i-1 commission 1 d-1 2700 2026-01-09',
        'i-1 commission 2 d-2 1260 2026-01-09',
        'i-1 commission 3 d-3 504 2026-01-09',
        'i-1 supplier - s-1 4536 2026-01-12',
      ],
      legs: [
        'i-1 revenue:platform-fee -1000',
        'i-1 payable:commission:d-1 -2700',
        'i-1 payable:commission:d-2 -1260',
        'i-1 payable:commission:d-3 -504',
        'i-1 payable:supplier:s-1 -4536',
        'i-1 clearing 10000',
      ],
    });
  });

  it('a subsidy is part of the base and paid by the platform', () => {
    const line = item('i-1', 8_000n, { subsidyMinor: minor(2_000n) });
    expect(shown(order([line], { distributors: [] }), planOf(FULL)).legs).toEqual([
      'i-1 revenue:platform-fee -1000',
      'i-1 payable:supplier:s-1 -9000',
      'i-1 clearing 10000',
      'i-1 expense:subsidy 2000',
      'i-1 clearing -2000',
    ]);
  });

  it('an order without Alipay trade: what the buyer paid is with the owner', () => {
    const line = item('i-1', 8_000n, { subsidyMinor: minor(2_000n) });
    const { alipayTradeNo, ...fact } = order([line], { distributors: [] });
    expect(alipayTradeNo).toBeDefined();
    expect(shown(fact, planOf(FULL)).legs.slice(2)).toEqual([
      'i-1 clearing 10000',
      'i-1 expense:subsidy 2000',
      'i-1 clearing -2000',
      'i-1 owner 8000',
      'i-1 clearing -8000',
    ]);
  });

  it('without supplier part what remains is the shop’s own and no entry', () => {
    const plan = planOf({ commission: { levels: [{ rate: '0.1' }] } });
    expect(shown(order([item('i-1', 1_000n)]), plan)).toEqual({
      entries: ['i-1 commission 1 d-1 100 2026-01-09'],
      legs: ['i-1 payable:commission:d-1 -100', 'i-1 revenue:own-goods -900', 'i-1 clearing 1000'],
    });
  });

  it('zero amounts and free lines book nothing; shipping goes to its supplier', () => {
    const items = [
      item('i-1', 0n),
      item('i-2', 1n),
      item('i-3', 600n, { kind: 'shipping', supplierId: 's-2' }),
    ];
    expect(shown(order(items), planOf(FULL))).toEqual({
      entries: ['i-2 supplier - s-1 1 2026-01-12', 'i-3 supplier - s-2 600 2026-01-12'],
      legs: [
        'i-2 payable:supplier:s-1 -1',
        'i-2 clearing 1',
        'i-3 payable:supplier:s-2 -600',
        'i-3 clearing 600',
      ],
    });
  });

  it('R-REF-1 the supplier matures at the later of window and delay', () => {
    const at = new Date('2026-01-02T10:00:00Z');
    const short = planOf({ returnWindowDays: 15, supplier: { delayDays: 3 } });
    expect(maturesAt('supplier', at, short).toISOString()).toBe('2026-01-17T10:00:00.000Z');
    expect(maturesAt('supplier', at, planOf(FULL)).toISOString()).toBe('2026-01-12T10:00:00.000Z');
    expect(maturesAt('commission', at, planOf(FULL)).toISOString()).toBe(
      '2026-01-09T10:00:00.000Z',
    );
  });

  it('stops at another currency', () => {
    expect(() => accrueOrder(order([], { currency: 'USD' }), planOf(FULL), 1)).toThrow('currency');
  });
});

/** Small amounts: many refunds of one line, each of which rounds. */
const amount = fc.bigInt({ min: 0n, max: 5_000n });
const lineOf = fc.record({ amount, subsidy: amount, kind: lineKind });

describe('properties of orders', () => {
  it('M1 legs add up, payables are the entries, clearing keeps what the buyer paid', () => {
    const fact = fc.record({
      lines: fc.array(lineOf, { minLength: 1, maxLength: 5 }),
      distributors,
      buyerPayeeId,
      facts,
      hasTrade: fc.boolean(),
    });
    fc.assert(
      fc.property(anyPlan, fact, (plan, given) => {
        const items = given.lines.map((line, index) =>
          item(`i-${index}`, line.amount, { subsidyMinor: minor(line.subsidy), kind: line.kind }),
        );
        const { alipayTradeNo, ...bare } = order(items, { distributors: given.distributors });
        const made = accrueOrder(
          {
            ...bare,
            ...(given.hasTrade && alipayTradeNo !== undefined && { alipayTradeNo }),
            ...(given.buyerPayeeId !== undefined && { buyerPayeeId: given.buyerPayeeId }),
            rateFacts: chainOfCase(given).rateFacts,
          },
          plan,
          1,
        );
        const total = (pick: (account: string) => boolean): bigint =>
          made.legs.reduce((sum, leg) => sum + (pick(leg.account) ? leg.amountMinor : 0n), 0n);
        const paid = given.lines.reduce((sum, line) => sum + line.amount, 0n);
        const subsidy = given.lines.reduce((sum, line) => sum + line.subsidy, 0n);
        const entries = made.entries.reduce((sum, entry) => sum + entry.amountMinor, 0n);
        return (
          total(() => true) === 0n &&
          total((account) => account === 'clearing') === (given.hasTrade ? paid : 0n) &&
          total((account) => account === 'owner') === (given.hasTrade ? 0n : paid) &&
          total((account) => account === 'expense:subsidy') === subsidy &&
          -total((a) => a.startsWith('payable:') || a === 'revenue:platform-fee') === entries &&
          made.entries.every((entry) => entry.amountMinor > 0n) &&
          made.legs.every((leg) => leg.amountMinor !== 0n)
        );
      }),
    );
  });

  it('R-REF-2 M3 refunds in any steps leave what is left of a line; all of it leaves zero', () => {
    const given = fc.record({
      line: lineOf,
      steps: fc.array(fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 100 })), { maxLength: 5 }),
      distributors,
      buyerPayeeId,
      facts,
      hasTrade: fc.boolean(),
    });
    fc.assert(
      fc.property(anyPlan, given, (plan, { line, steps, ...rest }) => {
        const subsidyMinor = minor(line.subsidy);
        const refundable = {
          item: item('i-1', line.amount, { subsidyMinor, kind: line.kind }),
          chain: chainOfCase({ ...rest, baseMinor: line.amount + line.subsidy }),
          hasTrade: rest.hasTrade,
        };
        const owed = new Map<string, bigint>();
        const add = (amounts: readonly LineAmount[]): void => {
          for (const { kind, level, payeeId, amountMinor } of amounts) {
            const key = `${kind}|${level}|${payeeId}`;
            owed.set(key, (owed.get(key) ?? 0n) + amountMinor);
          }
        };
        let [amountLeft, subsidyLeft] = [line.amount, line.subsidy];
        const refund = (amountTaken: bigint, subsidyTaken: bigint): void => {
          const made = refundLine(
            {
              ...refundable,
              refundedAmountMinor: minor(line.amount - amountLeft),
              refundedSubsidyMinor: minor(line.subsidy - subsidyLeft),
            },
            { amountMinor: minor(amountTaken), subsidyMinor: minor(subsidyTaken) },
            plan,
          );
          if (made === undefined) throw new Error('a refund of what is left is never refused');
          add(made.differences);
          amountLeft -= amountTaken;
          subsidyLeft -= subsidyTaken;
        };
        // From nothing to the whole line: a refund turned round.
        [amountLeft, subsidyLeft] = [0n, 0n];
        refund(-line.amount, -line.subsidy);
        for (const [one, two] of steps) {
          refund((amountLeft * BigInt(one)) / 100n, (subsidyLeft * BigInt(two)) / 100n);
          if ([...owed.values()].some((sum) => sum < 0n)) return false;
        }
        const sum = [...owed.values()].reduce((total, one) => total + one, 0n);
        if (sum !== amountLeft + subsidyLeft) return false;
        refund(amountLeft, subsidyLeft);
        return [...owed.values()].every((one) => one === 0n);
      }),
    );
  });

  it('R-REF-2 more than is left of a part is refused, even where the other part has room', () => {
    const line = {
      item: item('i-1', 100n, { subsidyMinor: minor(100n) }),
      chain: { distributors: [], orderPaidMinor: minor(200n) },
      hasTrade: true,
      refundedAmountMinor: minor(40n),
      refundedSubsidyMinor: minor(0n),
    };
    const refund = (amountMinor: bigint, subsidyMinor: bigint): unknown =>
      refundLine(
        line,
        { amountMinor: minor(amountMinor), subsidyMinor: minor(subsidyMinor) },
        planOf(FULL),
      );
    expect(refund(61n, 0n)).toBeUndefined();
    expect(refund(0n, 101n)).toBeUndefined();
    expect(refund(-41n, 0n)).toBeUndefined();
    expect(refund(0n, -1n)).toBeUndefined();
    expect(refund(60n, 100n)).toBeDefined();
  });
});
