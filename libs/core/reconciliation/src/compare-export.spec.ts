import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareExport, type OrderFigures } from './compare-export.js';

const completedAt = new Date('2026-01-05T10:00:00+08:00');
const deciding = { exportId: 'oe_1', asOf: new Date('2026-01-06T00:00:00+08:00') };

const figures = (paidMinor: bigint, refundedMinor = 0n, currency = 'CNY'): OrderFigures => ({
  ...{ paidMinor, refundedMinor, currency, completedAt },
});

function verdict(told: OrderFigures | null, exported: OrderFigures | null): string | null {
  const finding = compareExport({ orderId: 'o-1', deciding, told, exported });
  return finding && `${finding.class} ${finding.amountMinor} ${finding.currency}`;
}

describe('an order and its export', () => {
  it.each([
    ['the same', figures(100n, 5n), figures(100n, 5n), null],
    ['never told', null, figures(100n, 5n), 'missing-here 95 CNY'],
    ['never told, nothing left of it', null, figures(100n, 100n), null],
    ['not in the export', figures(100n, 5n), null, 'status-differs 95 CNY'],
    ['not in the export, nothing left of it', figures(100n, 100n), null, null],
    ['paid more there', figures(100n), figures(103n), 'amount-differs 3 CNY'],
    ['paid less there', figures(100n), figures(97n), 'amount-differs -3 CNY'],
    ['refunded more there', figures(100n), figures(100n, 4n), 'amount-differs -4 CNY'],
    ['refunded less there', figures(100n, 4n), figures(100n), 'amount-differs 4 CNY'],
    ['both, and as much left', figures(100n, 4n), figures(106n, 10n), 'amount-differs 6 CNY'],
    ['another currency', figures(100n), figures(100n, 0n, 'USD'), 'amount-differs 100 USD'],
  ] as const)('R-REC-2 R-REC-3 %s', (_, told, exported, expected) => {
    expect(verdict(told, exported)).toBe(expected);
  });

  it('R-REC-3 carries the evidence of both sides and moves no cash', () => {
    const finding = compareExport({
      ...{ orderId: 'o-1', deciding, told: figures(100n), exported: figures(101n, 1n) },
    });
    expect(finding).toEqual({
      ...{ comparison: 'exports', class: 'amount-differs', currency: 'CNY' },
      subject: { type: 'order', id: 'o-1' },
      ...{ amountMinor: 1n, cashMinor: 0n },
      ours: {
        ...{ currency: 'CNY', paidMinor: '100', refundedMinor: '0' },
        completedAt: '2026-01-05T02:00:00.000Z',
      },
      theirs: {
        ...{ exportId: 'oe_1', asOf: '2026-01-05T16:00:00.000Z' },
        ...{ currency: 'CNY', paidMinor: '101', refundedMinor: '1' },
        completedAt: '2026-01-05T02:00:00.000Z',
      },
    });
  });

  it('R-REC-2 O8 says nothing just where nothing differs, and an amount where both have it', () => {
    const side = fc
      .tuple(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 20n }))
      .map(([left, back]) => figures(left + back, back));
    fc.assert(
      fc.property(side, side, (told, exported) => {
        const finding = compareExport({ orderId: 'o-1', deciding, told, exported });
        const isSame =
          told.paidMinor === exported.paidMinor && told.refundedMinor === exported.refundedMinor;
        return (finding === null) === isSame && finding?.amountMinor !== 0n;
      }),
    );
  });
});
