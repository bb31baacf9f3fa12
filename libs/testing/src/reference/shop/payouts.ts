import { fenOf } from '../../fen.js';
import { placeHold } from './holds.js';
import { accountOf } from './payees.js';
import type { ReferencePayout, ShopState } from './state.js';
import type { Hearing, PayoutResult } from './told.js';

/** How a payout ended: paid, or given back to the payee's next statement (domain.md 7). */
export function hearResult(shop: ShopState, data: PayoutResult): Hearing {
  const payout = shop.payouts.get(data.payoutId);
  if (payout === undefined || fenOf(data.amount) !== payout.fen) return 'refused';
  if (data.seq <= payout.seq || data.status === payout.status) return 'known';
  const isFirst = payout.status === null;
  const isReturn = payout.status === 'succeeded' && data.status === 'returned';
  if (!isFirst && !isReturn) return 'refused';
  payout.status = data.status;
  payout.seq = data.seq;
  if (data.status !== 'succeeded') giveBack(shop, payout, data);
  return 'counts';
}

/** The only place where the money of a payout stands that did not arrive. */
function giveBack(shop: ShopState, payout: ReferencePayout, data: PayoutResult): void {
  const { kind, payeeId, payoutId, fen } = payout;
  shop.open.add({
    kind,
    owner: payeeId,
    cause: 'give-back',
    causeId: payoutId,
    orderId: '',
    itemId: '',
    level: 0,
    fen,
    maturesMs: Date.parse(data.at),
    windowMs: null,
    place: 'open',
  });
  if (data.payeeFault === true) {
    // Not where the account has changed since the one that was tried.
    if (accountOf(shop, payeeId) !== payout.account) return;
    const { account } = payout;
    placeHold(shop, { on: 'payee', id: payeeId, reason: 'payee-account', key: payoutId, account });
  } else if (data.status === 'failed') {
    placeHold(shop, { on: 'give-back', id: payoutId, reason: 'operator', key: payoutId });
  }
}
