import { minor, ZERO } from '@qingfen/money';
import { asRequested, type Payout } from './payout.js';

/** A payout of 12.30 that was just requested; for specs. */
export function requestedPayout(change: Partial<Payout> = {}): Payout {
  const at = new Date('2026-01-05T02:00:00+08:00');
  const instruction = {
    shopId: 's-1',
    payoutId: 'po_1',
    statementId: 'st_1',
    part: 1,
    parts: 1,
    payeeId: 'd-1',
    kind: 'commission',
    amountMinor: minor(1230n),
    withheldMinor: ZERO,
    currency: 'CNY',
    payVia: 'transfer',
    tradeNo: null,
    remark: '佣金',
    requestedAt: at,
    outBizNo: 'QF0123456789abcdef0123456789abcd',
  } as const;
  return { ...asRequested(instruction, { makers: [], at }), ...change };
}
