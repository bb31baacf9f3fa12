import type { BookRecord, Fate } from './records.js';
import type { Transfer } from './transfer-room.js';

/** What a query finds out about a transfer, and what its asking changes. */
export interface Asked {
  /** The transfer as the query sees it. */
  readonly seen: Transfer;
  /** Set when this very query is the event at which the transfer's fate comes true. */
  readonly becomes: Fate['becomes'] | null;
  readonly records: readonly BookRecord[];
}

/** A query may be the event at which a transfer's fate comes true; it then sees the new state. */
export function ask(transfer: Transfer, at: number): Asked {
  const { fate, orderId, status } = transfer.record;
  if (fate === null || transfer.status !== status) {
    return { seen: transfer, becomes: null, records: [] };
  }
  if (transfer.queries < fate.afterQueries) {
    return { seen: transfer, becomes: null, records: [{ t: 'queried', orderId }] };
  }
  const { becomes } = fate;
  const reason = reasonOf(fate);
  const seen: Transfer = { ...transfer, status: becomes, ...reason };
  return { seen, becomes, records: [{ t: 'status', orderId, status: becomes, at, ...reason }] };
}

/** Why a transfer became what it became; nothing for a success. */
export function reasonOf(fate: Fate): { errorCode: string | null; failReason: string | null } {
  if (fate.becomes === 'SUCCESS') return { errorCode: null, failReason: null };
  return fate.becomes === 'FAIL'
    ? { errorCode: fate.subCode ?? 'PAYEE_ACCOUNT_STATUS_ERROR', failReason: '收款方账户状态异常' }
    : { errorCode: 'PAYEE_CARD_INFO_ERROR', failReason: '收款账户信息有误，资金已退回' };
}
