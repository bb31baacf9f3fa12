import type { Payout, QueryAnswer, SendOutcome } from '@qingfen/core-payout';
import type { PayeeAccount } from './payee.store.js';

/** What a notification of Alipay says, once its signature and application are proven. */
export interface ProvenNotification {
  readonly notifyId: string;
  readonly method: string;
  readonly outBizNo: string | null;
  readonly status: string | null;
  /** As Alipay writes it; null where it names none. */
  readonly amountText: string | null;
}

/** What a "test connection" found. */
export interface TestAnswer {
  readonly ok: boolean;
  readonly mode: 'key' | 'certificate';
  readonly code: string;
  readonly subCode: string | null;
  readonly message: string;
}

/** One shop's Alipay application, ready to be used. Nothing it does throws. */
export interface Merchant {
  readonly appId: string;
  /** Gives Alipay a stored request, byte for byte. */
  send(text: string, payout: Payout): Promise<SendOutcome>;
  /** Asks about our number; where that says nothing for long, the account's log is a second witness. */
  ask(payout: Pick<Payout, 'outBizNo' | 'asked'>): Promise<QueryAnswer>;
  /** What the account can pay now, in fen; null where Alipay does not tell. */
  balanceMinor(): Promise<bigint | null>;
  /** The notification if it is Alipay's and for this application, else why not. */
  prove(form: Readonly<Record<string, string>>): ProvenNotification | { readonly refused: string };
  /** Signs and asks, and tells what came back. */
  test(): Promise<TestAnswer>;
}

/** Whom a request pays, and what the payee sees. */
export interface RequestFacts {
  readonly payout: Payout;
  readonly account: PayeeAccount;
  readonly shopName: string;
}
