import type { Payout } from '@qingfen/core-payout';
import { canonicalJson, sha256Hex } from '@qingfen/security';
import type { PayeeAccount } from './payee.store.js';

/**
 * What an approver of a payout approves: payee, account (or that there is none), amount and number
 * (domain.md 7). A request that is made names its account for ever, so what was approved stands.
 */
export function approvalHashOf(payout: Payout, account: PayeeAccount | null): string {
  if (payout.appId !== null && payout.approvedHash !== null) return payout.approvedHash;
  const { shopId, payoutId, outBizNo, payeeId, amountMinor, currency } = payout;
  const of = { shopId, payoutId, outBizNo, payeeId, amount: String(amountMinor), currency };
  const to = account === null ? null : [account.identityType, account.identity, account.name];
  return sha256Hex(canonicalJson({ ...of, to }));
}
