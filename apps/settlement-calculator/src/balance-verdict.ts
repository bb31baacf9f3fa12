import { formatAmount, minor } from '@qingfen/money';
import type { ComparedAccount } from './balance-check.store.js';

/** An account that is not what the facts come to, in words. */
export interface BalanceDifference {
  readonly subject: { readonly type: 'account'; readonly id: string };
  readonly message: string;
  readonly messageZh: string;
}

/** An account as alerts name it. */
export function accountSubject(account: Pick<ComparedAccount, 'currency' | 'label'>): {
  readonly type: 'account';
  readonly id: string;
} {
  return { type: 'account', id: `${account.currency}:${account.label}` };
}

/**
 * Payables and the platform's fee are credited with what entries owe; what is unstated is what entries
 * owe, payouts under way are what was credited to payout-in-transit, and taxes that stand, less what was paid on,
 * what was credited to payable:tax (domain.md 8). Null: all agree.
 */
export function judgeAccount(account: ComparedAccount): BalanceDifference | null {
  const { posted_minor: posted, owed_minor: owed, stored_minor: stored } = account;
  const credited = -posted;
  const subject = accountSubject(account);
  const text = (units: bigint): string => formatAmount(minor(units), account.currency);
  if (owed !== null && owed !== credited) {
    return {
      subject,
      message: `Postings of ${subject.id} come to ${text(credited)}, its entries to ${text(owed)}.`,
      messageZh: `账户 ${subject.id} 的分录合计 ${text(credited)}, 其条目合计 ${text(owed)}。`,
    };
  }
  if (stored !== null && stored !== (owed ?? credited)) {
    return {
      subject,
      message: `Facts of ${subject.id} come to ${text(owed ?? credited)}, and ${text(stored)} is kept as open.`,
      messageZh: `账户 ${subject.id} 按事实重算为 ${text(owed ?? credited)}, 账上未结为 ${text(stored)}。`,
    };
  }
  return null;
}

/** A ledger whose debits are not its credits, in words. */
export function lopsidedLedger(sum: {
  readonly currency: string;
  readonly debit: bigint;
  readonly credit: bigint;
}): BalanceDifference {
  const { currency } = sum;
  const [debit, credit] = [sum.debit, sum.credit].map((units) =>
    formatAmount(minor(units), currency),
  );
  return {
    subject: { type: 'account', id: `${currency}:*` },
    message: `All debits in ${currency} come to ${debit}, all credits to ${credit}.`,
    messageZh: `${currency} 全部借方合计 ${debit}, 全部贷方合计 ${credit}。`,
  };
}
