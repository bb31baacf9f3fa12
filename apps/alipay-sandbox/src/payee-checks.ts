import type { Merchant } from './money.js';
import { availableMinor } from './money.js';
import type { SandboxState } from './state.js';
import { fen } from './yuan.js';

/** A payment to one payee that is about to be accepted. */
export interface Payment {
  readonly merchant: Merchant;
  readonly identity: string;
  readonly name: string | null;
  readonly amountMinor: bigint;
  /** Business time, milliseconds. */
  readonly at: number;
}

/** What others of the same call have taken before this payment, in fen. */
export interface Taken {
  readonly payerMinor: bigint;
  readonly payeeMinor: bigint;
}

const NOTHING_TAKEN: Taken = { payerMinor: 0n, payeeMinor: 0n };

/** The sub-code with which this payee's account refuses; undefined when it takes the money. */
export function againstPayee(
  state: SandboxState,
  { merchant, identity, name }: Payment,
): string | undefined {
  const account = state.money.accountOf(identity);
  const { pid } = merchant.terms;
  if (identity === pid || account.userId === pid) return 'PAYER_PAYEE_CANNOT_SAME';
  if (account.status === 'missing') return 'PAYEE_NOT_EXIST';
  if (name !== null && account.name !== null && account.name !== name) {
    return 'PAYEE_USERINFO_ERROR';
  }
  if (account.status === 'frozen') return 'BLOCK_USER_FORBBIDEN_RECIEVE';
  if (account.status === 'unverified') return 'PAYEE_NOT_RELNAME_CERTIFY';
  return undefined;
}

/** The sub-code of the limit, or the lack of money, that this payment runs into. */
export function againstLimits(
  state: SandboxState,
  payment: Payment,
  taken: Taken = NOTHING_TAKEN,
): string | undefined {
  const { single, payerDaily, payeeDaily } = state.settings.limits;
  const { merchant, identity, amountMinor, at } = payment;
  const { money } = state;
  const over = (limit: string | null, movedMinor: bigint): boolean =>
    limit !== null && movedMinor + amountMinor > fen(limit);
  if (over(single, 0n)) return 'EXCEED_LIMIT_SM_AMOUNT';
  const paid = money.movedOnDay('payer', merchant.terms.appId, at) + taken.payerMinor;
  if (over(payerDaily, paid)) return 'EXCEED_LIMIT_DM_AMOUNT';
  const payee = money.accountOf(identity).identity;
  const received = money.movedOnDay('payee', payee, at) + taken.payeeMinor;
  if (over(payeeDaily, received)) return 'EXCEED_LIMIT_UNRN_DM_AMOUNT';
  const left = availableMinor(merchant) - taken.payerMinor;
  return left < amountMinor ? 'PAYER_BALANCE_NOT_ENOUGH' : undefined;
}
