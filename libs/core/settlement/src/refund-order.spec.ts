import { describe, expect, it } from '@jest/globals';
import { readPlan } from '@qingfen/core-plan';
import { minor } from '@qingfen/money';
import type { OrderFact, OrderItem } from './accrue-order.js';
import { misfitOf, stagesOf, type OrderHistory, type OrderStep } from './order-stages.js';
import { rebindOrder, unbindOrder } from './rebind-order.js';
import { refundOrder, type RefundItem, type RefundedSoFar } from './refund-order.js';

function planOf(document: object) {
  const reading = readPlan(document, { levelsMax: 3 });
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

const plan = planOf({
  platformFee: { rate: '0.10' },
  commission: { levels: [{ rate: '0.50' }] },
  supplier: {},
});

const line = (itemId: string, amount: bigint, subsidy: bigint): OrderItem => ({
  itemId,
  supplierId: 's-1',
  kind: 'goods',
  amountMinor: minor(amount),
  subsidyMinor: minor(subsidy),
});

const order = (more: Partial<OrderFact> = {}): OrderFact => ({
  shopId: 'shop-1',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: new Date(0),
  completedAt: new Date('2026-01-01T00:00:00Z'),
  alipayTradeNo: '2026',
  items: [line('1', 80n, 20n), line('2', 100n, 0n)],
  distributors: ['d-1'],
  ...more,
});

const taken = (itemId: string, amount: bigint, subsidy = 0n): RefundItem => ({
  itemId,
  amountMinor: minor(amount),
  subsidyMinor: minor(subsidy),
});
const soFar = (...items: RefundItem[]): RefundedSoFar =>
  new Map(
    items.map(({ itemId, amountMinor, subsidyMinor }) => [itemId, { amountMinor, subsidyMinor }]),
  );

/** What a refund does, in short: refused with why, or who is owed how much more or less. */
function judged(items: RefundItem[], before: RefundedSoFar = new Map(), of = order()): string[] {
  const made = refundOrder(of, plan, before, items);
  if (made.kind === 'refused') return [`${made.code} ${made.itemId}`];
  return made.differences.map((one) => `${one.itemId} ${one.kind} ${one.amountMinor}`);
}

describe('R-REF-1 a refund against its order', () => {
  it('takes from every party of a line what it is owed less', () => {
    expect(judged([taken('1', 40n, 10n)])).toEqual([
      '1 platform-fee -5',
      '1 commission -22',
      '1 supplier -23',
    ]);
    expect(judged([taken('1', 40n), taken('2', 100n), taken('1', 0n, 10n)])).toEqual([
      '1 platform-fee -5',
      '1 commission -22',
      '1 supplier -23',
      '2 platform-fee -10',
      '2 commission -45',
      '2 supplier -45',
    ]);
    expect(judged([taken('1', -40n, -10n)], soFar(taken('1', 40n, 10n)))).toEqual([
      '1 platform-fee 5',
      '1 commission 22',
      '1 supplier 23',
    ]);
  });

  it.each<[string, RefundItem[], RefundedSoFar]>([
    ['more than was paid', [taken('1', 81n)], soFar()],
    ['more of the subsidy', [taken('1', 0n, 21n)], soFar()],
    ['more than is left', [taken('1', 41n)], soFar(taken('1', 40n))],
    ['more in two rows', [taken('1', 41n), taken('1', 40n)], soFar()],
    ['more of the subsidy than is left', [taken('1', 0n, 11n)], soFar(taken('1', 0n, 10n))],
    ['more given back than was refunded', [taken('1', -41n)], soFar(taken('1', 40n))],
    ['more subsidy given back', [taken('1', 0n, -11n)], soFar(taken('1', 0n, 10n))],
  ])('refuses %s, with a plan and without', (_, items, before) => {
    expect(judged(items, before)).toEqual(['refund-exceeds-paid 1']);
    expect(refundOrder(order(), undefined, before, items)).toEqual({
      kind: 'refused',
      code: 'refund-exceeds-paid',
      itemId: '1',
    });
  });

  it('refuses a line that the order has not, whatever else is in it', () => {
    expect(judged([taken('1', 1n), taken('3', 1n)])).toEqual(['unknown-line 3']);
  });

  it('remembers what was refunded, line by line, and owes nothing without a plan', () => {
    const before = soFar(taken('1', 10n, 5n));
    const made = refundOrder(order(), undefined, before, [taken('1', 70n, 15n), taken('2', 1n)]);
    expect(made).toEqual({
      kind: 'applied',
      differences: [],
      legs: [],
      refunded: soFar(taken('1', 80n, 20n), taken('2', 1n)),
      cappedMinor: 0n,
    });
    expect(before).toEqual(soFar(taken('1', 10n, 5n)));
  });

  it('moves the money back where it came from', () => {
    const legs = (of: OrderFact, items = [taken('1', 40n, 10n)]): string[] => {
      const made = refundOrder(of, plan, new Map(), items);
      return made.kind === 'applied'
        ? made.legs.map((leg) => `${leg.account} ${leg.amountMinor}`)
        : [];
    };
    const parties = [
      'revenue:platform-fee 5',
      'payable:commission:d-1 22',
      'payable:supplier:s-1 23',
      'clearing -50',
      'clearing 10',
      'expense:subsidy -10',
    ];
    expect(legs(order())).toEqual(parties);
    const { alipayTradeNo: _, ...outside } = order();
    expect(legs(outside)).toEqual([...parties, 'clearing 40', 'owner -40']);
    expect(legs(order(), [taken('2', 100n)])).toEqual([
      'revenue:platform-fee 10',
      'payable:commission:d-1 45',
      'payable:supplier:s-1 45',
      'clearing -100',
    ]);
  });

  it('says the greatest cut of what is left', () => {
    const capping = planOf({
      commission: { basis: 'gross', levels: [{ fixed: '0.60' }, { rate: '0.5', min: '0.70' }] },
    });
    const of = order({ distributors: ['d-1', 'd-2'] });
    const cut = (items: RefundItem[]): bigint | string => {
      const made = refundOrder(of, capping, new Map(), items);
      return made.kind === 'applied' ? made.cappedMinor : made.code;
    };
    expect(cut([taken('1', 50n), taken('2', 10n)])).toBe(50n);
    expect(cut([taken('2', 10n), taken('1', 50n)])).toBe(50n);
  });
});

describe('R-RUL-5 binding an order anew', () => {
  const richer = planOf({ commission: { levels: [{ rate: '0.60' }] }, supplier: {} });
  const own = planOf({ commission: { levels: [{ rate: '0.60' }] } });
  const shown = (parts: readonly { itemId: string; kind: string; amountMinor: bigint }[]) =>
    parts.map((one) => `${one.itemId} ${one.kind} ${one.amountMinor}`);
  const one = order({ items: [line('1', 80n, 20n)] });

  it('splits what is left under both versions', () => {
    const made = rebindOrder(one, { from: plan, to: richer }, soFar(taken('1', 40n, 10n)));
    expect(shown(made.before)).toEqual(['1 platform-fee 5', '1 commission 23', '1 supplier 22']);
    expect(shown(made.after)).toEqual(['1 commission 30', '1 supplier 20']);
    expect(shown(made.differences)).toEqual([
      '1 platform-fee -5',
      '1 commission 7',
      '1 supplier -2',
    ]);
    expect(made.legs.map((leg) => `${leg.account} ${leg.amountMinor}`)).toEqual([
      'revenue:platform-fee 5',
      'payable:commission:d-1 -7',
      'payable:supplier:s-1 2',
    ]);
    expect(made.after[0]).toEqual({
      itemId: '1',
      itemIndex: 0,
      kind: 'commission',
      level: 1,
      payeeId: 'd-1',
      account: 'payable:commission:d-1',
      amountMinor: 30n,
      maturesAt: new Date('2026-01-08T00:00:00Z'),
    });
  });

  it('gives what a supplier had to the shop where the new version has none', () => {
    const made = rebindOrder(one, { from: richer, to: own }, new Map());
    expect(shown(made.after)).toEqual(['1 commission 60']);
    expect(made.legs.map((leg) => `${leg.account} ${leg.amountMinor}`)).toEqual([
      'payable:supplier:s-1 40',
      'revenue:own-goods -40',
    ]);
    expect(rebindOrder(one, { from: plan, to: plan }, new Map())).toMatchObject({
      differences: [],
      legs: [],
    });
  });

  it('stays in one currency', () => {
    const dollars = { ...plan, currency: 'USD' };
    for (const versions of [
      { from: dollars, to: plan },
      { from: plan, to: dollars },
    ]) {
      expect(() => rebindOrder(one, versions, new Map())).toThrow('in the currency of its plan');
    }
  });

  it('takes everything back where no version is left', () => {
    const made = unbindOrder(one, plan, soFar(taken('1', 40n, 10n)));
    expect(shown(made.before)).toEqual(['1 platform-fee 5', '1 commission 23', '1 supplier 22']);
    expect(made.after).toEqual([]);
    expect(shown(made.differences)).toEqual([
      '1 platform-fee -5',
      '1 commission -23',
      '1 supplier -22',
    ]);
    const nothing = { before: [], after: [], differences: [], legs: [] };
    expect(unbindOrder(one, plan, soFar(taken('1', 80n, 20n)))).toEqual(nothing);
  });

  it('stops at an order that has one line twice', () => {
    const twice = order({ items: [line('1', 80n, 20n), line('1', 80n, 20n)] });
    expect(() => unbindOrder(twice, plan, new Map())).toThrow('not more than is left');
  });
});

describe('R-EXP-1 the stages of an order', () => {
  const at = new Date(0);
  const bound = { plan, version: 1 };
  const refund = (causeId: string, ...items: RefundItem[]): OrderStep => ({
    cause: 'refund',
    causeId,
    at,
    items,
    batchId: 2n,
  });
  const binding = (cause: 'binding' | 'rebinding', to: typeof bound | null): OrderStep => ({
    cause,
    causeId: 'v',
    at,
    to,
    batchId: 3n,
  });
  const history = (...steps: OrderStep[]): OrderHistory => ({
    order: order(),
    first: bound,
    batchId: 1n,
    steps,
  });
  const shown = (...steps: OrderStep[]): string[] =>
    stagesOf(history(...steps)).map(
      (stage) =>
        `${stage.step?.cause ?? 'order'} ${stage.batchId} v${stage.bound?.version ?? '-'} ` +
        [...stage.bases].map(([itemId, base]) => `${itemId}:${base}`).join(' '),
    );

  it('tell what is left of each line, and which version binds it', () => {
    const next = { plan, version: 2 };
    expect(
      shown(
        refund('r-1', taken('1', 30n, 5n), taken('2', 100n)),
        binding('rebinding', null),
        binding('binding', next),
        refund('r-2', taken('1', 80n, 20n)),
      ),
    ).toEqual([
      'order 1 v1 1:100 2:100',
      'refund 2 v1 1:65 2:0',
      'rebinding 3 v- 1:65 2:0',
      'binding 3 v2 1:100 2:100',
      'refund 2 v2 1:0 2:100',
    ]);
  });

  it.each<[string, OrderStep[], string, string]>([
    ['no line', [refund('r-1', taken('3', 1n))], 'refund r-1 of no line', 'lines of its order'],
    [
      'more than is left',
      [refund('r-1', taken('1', 60n)), refund('r-2', taken('1', 41n))],
      'refund r-2 of more than is left of line 1',
      'no more is taken',
    ],
    [
      'more than was taken',
      [refund('r-1', taken('1', 60n)), refund('r-2', taken('1', -61n))],
      'refund r-2 of more than was taken of 1',
      'no more is taken',
    ],
  ])('a step of %s is a misfit, and throws', (_, steps, misfit, thrown) => {
    expect(misfitOf(history(...steps))).toBe(misfit);
    expect(() => stagesOf(history(...steps))).toThrow(thrown);
  });

  it('that fit are none, to the last fen, and begin anew with a binding', () => {
    expect(misfitOf(history())).toBeNull();
    const whole = refund('r-1', taken('1', 80n, 20n));
    expect(misfitOf(history(whole, refund('r-1', taken('1', -80n, -20n))))).toBeNull();
    expect(misfitOf(history(whole, binding('binding', bound), whole))).toBeNull();
    expect(misfitOf(history(whole, binding('rebinding', bound), whole))).toBe(
      'refund r-1 of more than is left of line 1',
    );
  });
});
