import { describe, expect, it } from '@jest/globals';
import { endMs, eveningOf, midnightOf, shanghai, span, tellingFrom } from './calendar.js';
import { type Expected, expectedUntil } from './expected.js';
import { mishap } from './mishap.js';
import type { DemoOrder, News } from './news.js';
import { type Act, type Scene, writeScript } from './script.js';
import type { ShopBooks } from './shop-books.js';
import { happeningsOf, owedOf, sumsOf } from './tally.js';

const shopId = 'lotus-tea';
const hour = (day: number, hours = 12): string => shanghai(midnightOf(day) + hours * span.hour);

/** An order of the tea shop: one line of 100.00, sold by one of its distributors. */
function order(completedDay: number, seller: string, more: Partial<DemoOrder> = {}): News {
  const data = {
    shopId,
    orderId: `o-${completedDay}-${seller}`,
    currency: 'CNY',
    paidAt: hour(completedDay - 1),
    completedAt: hour(completedDay),
    items: [{ itemId: '1', supplierId: 'tea-hill', amount: '100.00', kind: 'goods' as const }],
    distributors: [seller],
    ...more,
  };
  return { topic: 'order-completed', data };
}

function refund(day: number, orderId: string, amount: string): News {
  const items = [{ itemId: '1', amount }];
  const data = { shopId, orderId, refundId: 'r-1', refundedAt: hour(day), items };
  return { topic: 'order-refunded', data };
}

/** News by the day on whose evening, or the next telling's, it is told. */
function expectedOf(
  news: readonly [number, News][],
  acts: readonly [number, Act][] = [],
): Expected {
  const scenes = new Map<number, Scene>();
  const sceneOf = (day: number): Scene => {
    const atMs = tellingFrom(eveningOf(day)) ?? endMs;
    return scenes.get(atMs) ?? { atMs, week: 0, news: [], acts: [] };
  };
  for (const [day, each] of news) {
    const scene = sceneOf(day);
    scenes.set(scene.atMs, { ...scene, news: [...scene.news, each] });
  }
  for (const [day, act] of acts) {
    const scene = sceneOf(day);
    scenes.set(scene.atMs, { ...scene, acts: [...scene.acts, act] });
  }
  return expectedUntil(
    [...scenes.values()].sort((one, other) => one.atMs - other.atMs),
    endMs,
  );
}

const stated = ({ statements }: Expected, kind: string): readonly unknown[] =>
  statements
    .filter((statement) => statement.kind === kind)
    .map(({ period, payeeId, netFen }) => [period.slice(5, 10), payeeId, netFen]);

function bookOf({ books }: Expected): ShopBooks {
  const found = books.find(({ shop }) => shop.shopId === shopId);
  if (found === undefined) throw new Error(`nobody is called ${shopId}`);
  return found;
}

describe('expectedUntil', () => {
  it('pays a commission the night after its window, a supplier on Monday', () => {
    const expected = expectedOf([[1, order(1, 'lotus-1')]]);
    expect(stated(expected, 'commission')).toEqual([['03-11', 'lotus-1', 2700n]]);
    expect(stated(expected, 'supplier')).toEqual([['03-16', 'tea-hill', 6300n]]);
  });

  it('binds an order for ever to the version in force when it was paid', () => {
    const late = order(25, 'lotus-1', { orderId: 'old', paidAt: hour(20, 23) });
    const expected = expectedOf([
      [25, late],
      [25, order(25, 'lotus-3', { orderId: 'new', paidAt: hour(21, 0) })],
      [27, refund(26, 'old', '50.00')],
    ]);
    expect(stated(expected, 'commission')).toEqual([
      ['04-04', 'lotus-1', 1350n],
      ['04-04', 'lotus-3', 2944n],
    ]);
  });

  it('takes off what is not stated and claws back what is, a debt if nothing else comes', () => {
    const expected = expectedOf([
      [1, order(1, 'lotus-1')],
      [13, refund(12, 'o-1-lotus-1', '50.00')],
    ]);
    expect(stated(expected, 'supplier')).toEqual([['03-16', 'tea-hill', 3150n]]);
    const book = bookOf(expected);
    expect(book.reference.balances().get('commission lotus-1')?.owedBack).toBe(1350n);
    expect(book.overdue()).toEqual(new Set(['lotus-1']));
    expect(sumsOf(book, 'commission').clawedFen).toBe(-1350n);
    expect(sumsOf(book, 'supplier').takenFen).toBe(-3150n);
  });

  it('lets a refund wait for its order, and gives back what a reversal gives back', () => {
    const reversed = { shopId, orderId: 'o-6-lotus-1', refundId: 'r-1', at: hour(25) };
    const expected = expectedOf([
      [2, refund(2, 'o-6-lotus-1', '40.00')],
      [6, order(6, 'lotus-1')],
      [27, { topic: 'order-refund-reversed', data: reversed }],
    ]);
    expect(stated(expected, 'commission')).toEqual([
      ['03-16', 'lotus-1', 1620n],
      ['03-30', 'lotus-1', 1080n],
    ]);
  });

  it('holds a disputed order until all its disputes are resolved', () => {
    const dispute = { shopId, orderId: 'o-1-lotus-1', disputeId: 'd-1' };
    const opened = { ...dispute, openedAt: hour(2), reason: '' };
    const resolved = { ...dispute, resolvedAt: hour(20) };
    const expected = expectedOf([
      [1, order(1, 'lotus-1')],
      [2, { topic: 'order-disputed', data: opened }],
      [2, { topic: 'order-disputed', data: { ...opened, disputeId: 'd-2' } }],
      [16, { topic: 'order-dispute-resolved', data: resolved }],
      [20, { topic: 'order-dispute-resolved', data: { ...resolved, disputeId: 'd-2' } }],
    ]);
    expect(stated(expected, 'commission')).toEqual([['03-23', 'lotus-1', 2700n]]);
  });

  it('R-COM-3 has somebody told of a late dispute until its last one is resolved', () => {
    const dispute = { shopId, orderId: 'o-1-lotus-1', disputeId: 'd-1' };
    const opened = { ...dispute, openedAt: hour(13), reason: '' };
    const late: [number, News][] = [
      [1, order(1, 'lotus-1')],
      [13, { topic: 'order-disputed', data: opened }],
      [13, { topic: 'order-disputed', data: { ...opened, disputeId: 'd-2' } }],
    ];
    const resolved = { ...dispute, resolvedAt: hour(20) };
    const one: [number, News] = [20, { topic: 'order-dispute-resolved', data: resolved }];
    const other: [number, News] = [
      20,
      { topic: 'order-dispute-resolved', data: { ...resolved, disputeId: 'd-2' } },
    ];
    const told = new Set([dispute.orderId]);
    expect(bookOf(expectedOf(late)).disputedLate).toEqual(told);
    expect(bookOf(expectedOf([...late, one])).disputedLate).toEqual(told);
    expect(bookOf(expectedOf([...late, one, other])).disputedLate).toEqual(new Set());
  });

  it('gives a refused payout back and pays it in the first run after the account was mended', () => {
    const { payeeId, frozenOnDay, mendedOnDay, newIdentity: identity } = mishap;
    const expected = expectedOf(
      [[frozenOnDay - 7, order(frozenOnDay - 7, payeeId)]],
      [
        [frozenOnDay, { what: 'freeze', shopId, payeeId }],
        [mendedOnDay, { what: 'mend', shopId, payeeId, identity }],
      ],
    );
    expect(expected.refused.map(({ fen }) => fen)).toEqual([2700n]);
    expect(stated(expected, 'commission')).toEqual([
      ['03-19', payeeId, 2700n],
      ['03-23', payeeId, 2700n],
    ]);
    const accounts = expected.statements
      .filter(({ kind }) => kind === 'commission')
      .map((statement) => statement.identity);
    expect(accounts).toEqual([`${payeeId}@pay.example`, identity]);
  });

  it("rewards a team's leader at the month's end for the goods that nobody disputes", () => {
    const items = [
      { itemId: '1', supplierId: 'tea-hill', amount: '9000.00', kind: 'goods' as const },
      { itemId: '2', supplierId: 'tea-hill', amount: '9000.00', kind: 'shipping' as const },
    ];
    const openedAt = hour(4);
    const data = { shopId, orderId: 'held', disputeId: 'd-1', openedAt, reason: '' };
    const expected = expectedOf([
      [3, order(3, 'lotus-1', { items, teamId: 'lotus-east' })],
      [3, order(3, 'lotus-1', { items, teamId: 'lotus-east', orderId: 'held' })],
      [4, { topic: 'order-disputed', data }],
    ]);
    expect(stated(expected, 'team-reward')).toEqual([['03-31', 'lotus-1', 15_500n]]);
  });
});

describe('writeScript', () => {
  it.each([1, 2, 3, 20_260_302])('has a story that adds up, for seed %d', (seed) => {
    const { books, refused, transfers } = expectedUntil(writeScript(seed), endMs);
    const all = books.map(happeningsOf);
    const names = ['refundsBefore', 'refundsAfter', 'refundsFull', 'refundsFirst'] as const;
    for (const name of [...names, 'reversals', 'disputes'] as const) {
      expect(all.some((happenings) => happenings[name] > 0)).toBe(true);
    }
    expect(refused.length).toBeGreaterThan(0);
    expect(books.some((book) => book.overdue().has('lotus-guest'))).toBe(true);
    expect(transfers.some(({ statement }) => statement.kind === 'team-reward')).toBe(true);
    const sum = (fens: Iterable<bigint>): bigint => [...fens].reduce((a, b) => a + b, 0n);
    for (const book of books) {
      expect(sum(book.accounts().values())).toBe(0n);
      const kinds = ['commission', 'supplier', 'team-reward'] as const;
      const owed = sum(kinds.map((kind) => owedOf(sumsOf(book, kind))));
      const paid = sum(
        transfers.filter(({ statement }) => statement.shop === book.shop).map(({ fen }) => fen),
      );
      const open = sum([...book.reference.state.open].map(({ fen }) => fen));
      expect(owed).toBe(paid + open);
    }
  });

  it('writes the same for the same seed', () => {
    expect(writeScript(7)).toEqual(writeScript(7));
    expect(writeScript(7)).not.toEqual(writeScript(8));
  });
});
