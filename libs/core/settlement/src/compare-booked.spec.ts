import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import { compareBooked, type BookedRow } from './compare-booked.js';
import type { OrderStep } from './order-stages.js';
import type { ExpectedRow } from './replay-order.js';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const party = { itemId: '1', kind: 'commission', level: 1, payeeId: 'd-1' } as const;

/** An entry of 30.00, an adjustment of it by a refund, a correction of it by another. */
const expected: ExpectedRow[] = (
  [
    ['entry', 3_000n, day(9), 1n, 'order', null],
    ['adjustment', -500n, day(9), 2n, 'refund', 'r-1'],
    ['correction', -100n, day(20), 3n, 'refund', 'r-2'],
  ] as const
).map(([row, amount, maturesAt, batchId, cause, causeId]) => ({
  ...party,
  row,
  amountMinor: minor(amount),
  maturesAt,
  batchId,
  begunBy: 1n,
  planVersion: 4,
  cause,
  causeId,
  baseMinor: minor(10_000n),
  targetMinor: minor(0n),
}));

const booked: BookedRow[] = expected.map((row, index) => ({
  ...party,
  row: row.row,
  entryId: [7n, 7n, 8n][index] ?? 0n,
  corrects: row.row === 'correction' ? 7n : null,
  amountMinor: row.amountMinor,
  maturesAt: row.maturesAt,
  batchId: row.batchId,
  cause: row.cause,
  causeId: row.causeId,
  planVersion: row.row === 'adjustment' ? null : 4,
}));

const steps: OrderStep[] = [2n, 3n].map((batchId, index) => ({
  cause: 'refund',
  causeId: `r-${index + 1}`,
  at: index === 0 ? day(12) : day(20),
  items: [],
  batchId,
}));

function differences(rows: readonly BookedRow[], must = expected): string[] {
  return compareBooked({ expected: must, booked: rows, steps, currency: 'CNY' }).map(
    (one) =>
      `${one.what} ${one.entryId} ${one.row} ${one.batchId} ${one.party.payeeId}: ` +
      `${one.expected}, not ${one.booked}`,
  );
}

/** The rows, one of them otherwise. */
const otherwise = (index: number, change: Partial<BookedRow>): BookedRow[] =>
  booked.map((row, at) => (at === index ? { ...row, ...change } : row));

describe('R-EXP-1 comparing the books of an order with its facts', () => {
  it('finds nothing where there is nothing', () => {
    expect(differences(booked)).toEqual([]);
    expect(differences([], [])).toEqual([]);
  });

  it.each<[string, BookedRow[], string[]]>([
    [
      'another amount',
      otherwise(0, { amountMinor: minor(2_999n) }),
      ['amount 7 entry 1 d-1: 30.00, not 29.99'],
    ],
    ['a row that is gone', booked.slice(0, 2), ['missing null correction 3 d-1: -1.00, not null']],
    [
      'a change that is gone',
      otherwise(1, { amountMinor: minor(0n) }),
      ['amount 7 adjustment 2 d-1: -5.00, not 0.00'],
    ],
    [
      'an entry of somebody else, in place of the own one',
      otherwise(0, { payeeId: 'd-2' }),
      [
        'missing null entry 1 d-1: 30.00, not null',
        'unexpected 7 entry 1 d-2: null, not 30.00',
        'corrects 7 adjustment 2 d-1: null, not en_7',
        'corrects 8 correction 3 d-1: null, not en_7',
      ],
    ],
    [
      'an entry in two',
      [
        ...otherwise(0, { amountMinor: minor(1_000n) }),
        ...otherwise(0, { amountMinor: minor(2_000n), entryId: 9n }).slice(0, 1),
      ],
      [
        'unexpected 9 entry 1 d-1: 30.00, not 30.00',
        'corrects 7 adjustment 2 d-1: en_9, not en_7',
        'corrects 8 correction 3 d-1: en_9, not en_7',
      ],
    ],
    [
      'an entry that matures later',
      otherwise(0, { maturesAt: day(10) }),
      ['matures-at 7 entry 1 d-1: 2026-01-09T00:00:00.000Z, not 2026-01-10T00:00:00.000Z'],
    ],
    [
      'a correction that matures with its entry',
      otherwise(2, { maturesAt: day(9) }),
      ['matures-at 8 correction 3 d-1: 2026-01-20T00:00:00.000Z, not 2026-01-09T00:00:00.000Z'],
    ],
    ['another version', otherwise(0, { planVersion: 5 }), ['plan-version 7 entry 1 d-1: 4, not 5']],
    [
      'a change of another entry',
      otherwise(1, { entryId: 6n }),
      ['corrects 6 adjustment 2 d-1: en_7, not en_6'],
    ],
    [
      'a correction of another entry, and of none',
      otherwise(2, { corrects: null }),
      ['corrects 8 correction 3 d-1: en_7, not null'],
    ],
    [
      'a change by a refund that nobody knows',
      otherwise(1, { causeId: 'r-9' }),
      ['unexpected 7 adjustment 2 d-1: null, not refund r-9'],
    ],
  ])('tells %s', (_, rows, wanted) => {
    expect(differences(rows)).toEqual(wanted);
  });

  it('R-RUL-5 knows what a batch begins from what it changes besides', () => {
    const [first, change] = booked;
    const [wanted, changed] = expected;
    if (first === undefined || change === undefined) return;
    if (wanted === undefined || changed === undefined) return;
    // Batch 2 binds the order anew: what is owed goes, an entry of its own comes; batch 3 changes that.
    const gone = { cause: 'rebinding', causeId: 'v-2', amountMinor: minor(-3_000n) } as const;
    const begun = { amountMinor: minor(2_000n), batchId: 2n } as const;
    const later = { batchId: 3n, causeId: 'r-2' } as const;
    const must: ExpectedRow[] = [
      wanted,
      { ...changed, ...gone },
      { ...wanted, ...begun, begunBy: 2n },
      { ...changed, ...later, begunBy: 2n },
    ];
    const rows: BookedRow[] = [
      first,
      { ...first, ...begun, entryId: 9n },
      { ...change, ...gone },
      { ...change, ...later, entryId: 9n },
    ];
    const bound = {
      cause: 'rebinding',
      causeId: 'v-2',
      at: day(12),
      to: null,
      batchId: 2n,
    } as const;
    const told = { expected: must, booked: rows, steps: [bound, ...steps], currency: 'CNY' };
    expect(compareBooked(told)).toEqual([]);
  });

  it('takes refunds that one batch booked by their sum', () => {
    const two = (first: bigint, second: bigint): ExpectedRow[] =>
      [first, second].flatMap((amount) =>
        expected
          .filter(({ row }) => row === 'adjustment')
          .map((row) => ({ ...row, amountMinor: minor(amount) })),
      );
    const must = [...expected.filter(({ row }) => row !== 'adjustment'), ...two(-200n, -300n)];
    const [entry, adjustment, correction] = booked;
    if (entry === undefined || adjustment === undefined || correction === undefined) return;
    const parts = [-250n, -250n].map((amount) => ({ ...adjustment, amountMinor: minor(amount) }));
    expect(differences([entry, ...parts, correction], must)).toEqual([]);
  });
});
