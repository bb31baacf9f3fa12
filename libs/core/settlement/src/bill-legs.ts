import { invariant, minor, type Minor } from '@qingfen/money';
import type { LedgerLeg, PlainAccount } from './ledger.js';

/** What stands in the books for a bill under one name. */
export interface BilledAmount {
  readonly account: PlainAccount;
  /** Fen that it adds to `alipay-cash`; negative for what left. */
  readonly amountMinor: Minor;
}

/**
 * The move from what stands to what is to stand: cash against the account, and from one account to
 * another where only that has changed (domain.md 8). Empty where nothing changes.
 */
export function billLegs(before: BilledAmount | null, after: BilledAmount): readonly LedgerLeg[] {
  const cashMinor = minor(after.amountMinor - (before?.amountMinor ?? 0n));
  const legs: LedgerLeg[] = [];
  const add = (account: PlainAccount, amountMinor: bigint): void => {
    if (amountMinor !== 0n) legs.push({ account, amountMinor: minor(amountMinor) });
  };
  add('alipay-cash', cashMinor);
  if (before === null || before.account === after.account) {
    add(after.account, -cashMinor);
  } else {
    add(before.account, before.amountMinor);
    add(after.account, -after.amountMinor);
  }
  const sum = legs.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  invariant(sum === 0n, 'a booking of a bill adds up');
  return legs;
}
