import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyLine } from './classify-line.js';
import { compareLine } from './compare-line.js';
import { comparePayout, nothingMoved, type Moved, type PayoutFact } from './compare-payout.js';
import type { Finding } from './difference.js';

const until = new Date('2026-01-06T00:00:00+08:00');
const horizon = { until, crossingMs: 30 * 60_000 };
const noon = new Date('2026-01-05T12:00:00+08:00');
const late = new Date('2026-01-05T23:45:00+08:00');
const after = new Date('2026-01-06T00:10:00+08:00');

/** A movement of the account under a number, before anybody classed it. */
interface Movement {
  readonly outNo: string;
  readonly kind: string;
  readonly amountMinor: bigint;
}

/** What both sides have of one day; each is changed apart from the other. */
interface World {
  readonly payouts: Map<string, PayoutFact>;
  readonly movements: Movement[];
  balanceMinor: bigint;
}

const numberOf = (index: number): string => `QF${index.toString(16).padStart(30, '0')}`;

/** What can go wrong with a payout that is fine, and what must be told of it. */
const wrongs = [
  'missing-at-alipay',
  'missing-here',
  'unknown-transfer-out',
  'amount-differs',
  'status-differs',
  'duplicate',
  'next-day',
] as const;
type Wrong = (typeof wrongs)[number] | null;

const days = fc.array(
  fc.record({
    amountMinor: fc.bigInt({ min: 10n, max: 5_000_000n }),
    status: fc.constantFrom('succeeded', 'returned', 'failed', 'cancelled', null),
    wrong: fc.option(fc.constantFrom(...wrongs), { nil: null, freq: 3 }),
    by: fc.bigInt({ min: 1n, max: 9n }),
    first: fc.boolean(),
  }),
  { maxLength: 40 },
);
type Day = typeof days extends fc.Arbitrary<infer T> ? T : never;

/** A day on which both sides agree on everything, but for what is wrong on purpose. */
function live(day: Day): { world: World; expected: string[] } {
  const world: World = { payouts: new Map(), movements: [], balanceMinor: 0n };
  const expected: string[] = [];
  const move = (outNo: string, amountMinor: bigint, kind = '转账'): void => {
    world.movements.push({ outNo, kind, amountMinor });
    world.balanceMinor += amountMinor;
  };
  for (const [index, one] of day.entries()) {
    const { amountMinor, wrong } = one;
    const status = wrong === null ? one.status : 'succeeded';
    const isPaid = status === 'succeeded' || status === 'returned';
    const outNo = numberOf(index);
    const fact: PayoutFact = {
      payoutId: `po_${index}`,
      amountMinor,
      status,
      succeededAt: isPaid ? noon : null,
      returnedAt: status === 'returned' ? noon : null,
    };
    world.payouts.set(outNo, fact);
    if (isPaid) move(outNo, -amountMinor);
    if (status === 'returned') move(outNo, amountMinor);
    move(`T${index}`, amountMinor, '在线支付');
    if (wrong !== null) expected.push(spoil(world, { ...one, wrong, fact, outNo, index }));
  }
  return { world, expected };
}

function spoil(
  world: World,
  at: {
    wrong: Exclude<Wrong, null>;
    fact: PayoutFact;
    outNo: string;
    index: number;
    by: bigint;
    first: boolean;
  },
): string {
  const { wrong, fact, outNo, by, first } = at;
  const place = world.movements.findIndex((one) => one.outNo === outNo);
  const change = (next: Movement[]): void => {
    const [old] = world.movements.splice(place, 1, ...next);
    world.balanceMinor += next.reduce(
      (sum, one) => sum + one.amountMinor,
      -(old?.amountMinor ?? 0n),
    );
  };
  const line = { outNo, kind: '转账', amountMinor: -fact.amountMinor };
  switch (wrong) {
    case 'missing-at-alipay':
      change([]);
      return `${wrong} ${outNo} ${fact.amountMinor}`;
    case 'missing-here':
      world.payouts.delete(outNo);
      return `${wrong} ${outNo} ${fact.amountMinor}`;
    case 'unknown-transfer-out':
      change([line, { outNo: `hand${at.index}`, kind: '转账', amountMinor: -by }]);
      return `${wrong} hand${at.index} ${by}`;
    case 'amount-differs':
      change([{ ...line, amountMinor: line.amountMinor - (first ? by : -by) }]);
      return `${wrong} ${outNo} ${first ? by : -by}`;
    case 'status-differs':
      world.payouts.set(outNo, { ...fact, status: first ? 'failed' : null, succeededAt: null });
      return `${wrong} ${outNo} ${fact.amountMinor}`;
    case 'duplicate':
      change([line, line]);
      return `${wrong} ${outNo} ${fact.amountMinor}`;
    case 'next-day':
      if (first) change([]);
      world.payouts.set(outNo, { ...fact, succeededAt: first ? late : after });
      return `${wrong} ${outNo} ${fact.amountMinor}`;
    default: {
      const never: never = wrong;
      return never;
    }
  }
}

/** All that the comparisons say of a world. */
function findingsOf({ payouts, movements }: World): Finding[] {
  const moved = new Map<string, Moved>();
  const stray: Finding[] = [];
  for (const [index, movement] of movements.entries()) {
    const { outNo, amountMinor } = movement;
    const lineClass = classifyLine(movement);
    if (lineClass === 'ours') {
      const before = moved.get(outNo) ?? nothingMoved;
      moved.set(outNo, {
        outCount: before.outCount + (amountMinor < 0n ? 1 : 0),
        outMinor: before.outMinor - (amountMinor < 0n ? amountMinor : 0n),
        inCount: before.inCount + (amountMinor < 0n ? 0 : 1),
        inMinor: before.inMinor + (amountMinor < 0n ? 0n : amountMinor),
      });
    }
    if (lineClass !== 'other' && lineClass !== 'split') continue;
    const facts = { logNo: `${index}`, class: lineClass, at: noon, account: '', title: '' };
    const found = compareLine({ ...movement, ...facts });
    if (found !== null) stray.push({ ...found, subject: { type: 'bill-line', id: outNo } });
  }
  const numbers = new Set([...payouts.keys(), ...moved.keys()]);
  const found = [...numbers].flatMap((outBizNo) => {
    const facts = {
      payout: payouts.get(outBizNo) ?? null,
      moved: moved.get(outBizNo) ?? nothingMoved,
    };
    return comparePayout({ outBizNo, ...facts }, horizon) ?? [];
  });
  return [...found, ...stray];
}

describe('O8 the power of a reconciliation', () => {
  it('R-REC-3 R-REC-4 O8 reports exactly what is wrong, each once, by its class and amount', () => {
    fc.assert(
      fc.property(days, (day) => {
        const { world, expected } = live(day);
        const told = findingsOf(world).map(
          ({ class: found, subject, amountMinor }) => `${found} ${subject.id} ${amountMinor}`,
        );
        expect(told.sort()).toEqual(expected.sort());
      }),
      { numRuns: 500 },
    );
  });

  it('R-REC-4 O8 the balance is the books, what is booked by day, and what the differences have', () => {
    fc.assert(
      fc.property(days, (day) => {
        const { world } = live(day);
        let booksMinor = 0n;
        for (const { amountMinor, succeededAt, returnedAt } of world.payouts.values()) {
          if (succeededAt !== null && succeededAt < until) booksMinor -= amountMinor;
          if (returnedAt !== null && returnedAt < until) booksMinor += amountMinor;
        }
        for (const movement of world.movements) {
          if (classifyLine(movement) === 'trade') booksMinor += movement.amountMinor;
        }
        const suspenseMinor = findingsOf(world).reduce((sum, one) => sum + one.cashMinor, 0n);
        return booksMinor + suspenseMinor === world.balanceMinor;
      }),
      { numRuns: 500 },
    );
  });
});
