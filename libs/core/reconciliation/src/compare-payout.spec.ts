import { describe, expect, it } from '@jest/globals';
import { comparePayout, nothingMoved, type Moved, type PayoutFact } from './compare-payout.js';

const until = new Date('2026-01-06T00:00:00+08:00');
const horizon = { until, crossingMs: 30 * 60_000 };
const noon = new Date('2026-01-05T12:00:00+08:00');
const late = new Date('2026-01-05T23:59:58+08:00');
const after = new Date('2026-01-06T00:00:03+08:00');

const payout = (more: Partial<PayoutFact>): PayoutFact => ({
  payoutId: 'po_1',
  amountMinor: 1230n,
  status: null,
  succeededAt: null,
  returnedAt: null,
  ...more,
});
const paid = payout({ status: 'succeeded', succeededAt: noon });
const back = payout({ status: 'returned', succeededAt: noon, returnedAt: noon });
const out = (outMinor: bigint, outCount = 1): Moved => ({ ...nothingMoved, outCount, outMinor });
const round = (inMinor: bigint): Moved => ({ ...out(1230n), inCount: 1, inMinor });

const told = (fact: PayoutFact | null, moved: Moved): string => {
  const finding = comparePayout({ outBizNo: 'QF1', payout: fact, moved }, horizon);
  if (finding === null) return 'agree';
  return `${finding.class} ${finding.amountMinor} cash ${finding.cashMinor}`;
};

describe('a payout and the bills', () => {
  it.each<[string, PayoutFact | null, Moved, string]>([
    ['paid and there', paid, out(1230n), 'agree'],
    ['returned and there both ways', back, round(1230n), 'agree'],
    ['under way, nothing moved', payout({}), nothingMoved, 'agree'],
    ['failed, nothing moved', payout({ status: 'failed' }), nothingMoved, 'agree'],
    ['failed, and what left came back', payout({ status: 'failed' }), round(1230n), 'agree'],
    ['paid and not there', paid, nothingMoved, 'missing-at-alipay 1230 cash 1230'],
    ['there and unknown', null, out(500n), 'missing-here 500 cash -500'],
    ['there with another amount', paid, out(1231n), 'amount-differs 1 cash -1'],
    ['there twice', paid, out(2460n, 2), 'duplicate 1230 cash -1230'],
    [
      'moved, and failed here',
      payout({ status: 'failed' }),
      out(1230n),
      'status-differs 1230 cash -1230',
    ],
    ['moved, and under way here', payout({}), out(1230n), 'status-differs 1230 cash -1230'],
    ['came back, and paid here', paid, round(1230n), 'status-differs 1230 cash 1230'],
    ['returned here, and not back there', back, out(1230n), 'missing-at-alipay 1230 cash -1230'],
    ['less came back', back, round(1000n), 'amount-differs -230 cash -230'],
  ])('R-REC-3 R-REC-4 %s', (_, fact, moved, expected) => expect(told(fact, moved)).toBe(expected));

  it.each<[string, PayoutFact, Moved, string]>([
    [
      'paid just before midnight, not in the bill yet',
      payout({ status: 'succeeded', succeededAt: late }),
      nothingMoved,
      'next-day 1230 cash 1230',
    ],
    [
      'in the bill, and told here after midnight',
      payout({ status: 'succeeded', succeededAt: after }),
      out(1230n),
      'next-day 1230 cash -1230',
    ],
    [
      'paid after midnight, and not in the bill',
      payout({ status: 'succeeded', succeededAt: after }),
      nothingMoved,
      'agree',
    ],
    [
      'returned after midnight, and not in the bill',
      { ...back, returnedAt: after },
      out(1230n),
      'agree',
    ],
  ])('R-REC-3 O8 across midnight: %s', (_, fact, moved, expected) => {
    expect(told(fact, moved)).toBe(expected);
  });

  it('R-REC-3 a difference has the evidence of both sides', () => {
    const finding = comparePayout({ outBizNo: 'QF1', payout: paid, moved: out(1231n) }, horizon);
    expect(finding).toMatchObject({
      subject: { type: 'number', id: 'QF1' },
      ours: { payoutId: 'po_1', amountMinor: '1230', status: 'succeeded' },
      theirs: { out: { count: 1, amountMinor: '1231' } },
    });
    expect(
      comparePayout({ outBizNo: 'QF1', payout: paid, moved: nothingMoved }, horizon)?.theirs,
    ).toBeNull();
    expect(
      comparePayout({ outBizNo: 'QF1', payout: null, moved: out(1n) }, horizon)?.ours,
    ).toBeNull();
  });
});
