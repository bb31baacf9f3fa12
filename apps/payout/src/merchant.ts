import type { BillDownload, LogReading, WantedBill, WantedLog } from '@qingfen/alipay';
import type {
  BatchOutcome,
  DetailAnswer,
  Payout,
  QueryAnswer,
  SendOutcome,
} from '@qingfen/core-payout';
import type { PayeeAccount } from './payee.store.js';

/** What a notification of Alipay says, once its signature and application are proven. */
export interface ProvenNotification {
  readonly notifyId: string;
  readonly method: string;
  /** Our number of the payout that it is about, by whatever way that is paid. */
  readonly outBizNo: string | null;
  /** Our number of the batch that it is about. */
  readonly outBatchNo: string | null;
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

/** How the batches of a merchant come to be paid: when the payer has confirmed them, or at once. */
export type BatchMode = 'confirmed' | 'direct';

/** How Alipay does the splits of a trade: while we wait, or afterwards. One trade knows one mode only. */
export type SplitMode = 'sync' | 'async';

/** What Alipay says of a batch. */
export interface BatchLook {
  /** Its own number of the batch; null where it does not know it or does not say. */
  readonly batchTransId: string | null;
  /** Of one of its payments. */
  readonly detailOf: (outBizNo: string) => DetailAnswer;
}

/** What came of closing a batch that nobody has confirmed. */
export type BatchClosing = { readonly kind: 'closed' } | { readonly kind: 'open'; why: string };

/** What came of finishing a trade: done, never to be, or not known yet. */
export interface FinishOutcome {
  readonly kind: 'done' | 'refused' | 'later';
  readonly why: string;
}

/** One shop's Alipay application, ready to be used. Nothing it does throws. */
export interface Merchant {
  readonly appId: string;
  readonly batchMode: BatchMode;
  /** In which mode trades are split that were not split before. */
  readonly splitMode: SplitMode;
  /** Gives Alipay a stored batch, byte for byte. */
  sendBatch(text: string): Promise<BatchOutcome>;
  /** Asks about every payment of our batch. */
  askBatch(batchNo: string): Promise<BatchLook>;
  /** Has Alipay pay nothing of a batch any more, unless its payer has confirmed it. */
  closeBatch(batchTransId: string): Promise<BatchClosing>;
  /** The page on which the payer confirms a batch; holds no secret. */
  confirmationLink(batchTransId: string): string;
  /** Gives Alipay a stored request, byte for byte. */
  send(text: string, payout: Payout): Promise<SendOutcome>;
  /** Asks about our number; where that says nothing for long, the account's log is a second witness. */
  ask(payout: Pick<Payout, 'outBizNo' | 'asked' | 'tradeNo'>): Promise<QueryAnswer>;
  /** The most of a trade that may be split, in whole percent; null where Alipay does not tell. */
  royaltyCap(): Promise<number | null>;
  /** What of a trade is frozen for splits, in fen; null where Alipay does not tell. */
  frozenMinor(tradeNo: string): Promise<bigint | null>;
  /** Gives Alipay a stored request that ends the splits of a trade, byte for byte. */
  finishTrade(text: string): Promise<FinishOutcome>;
  /** What the account can pay now, in fen; null where Alipay does not tell. */
  balanceMinor(): Promise<bigint | null>;
  /** The bill of a day, byte for byte. */
  bill(wanted: WantedBill): Promise<BillDownload>;
  /** What the account's log has of a span. */
  accountLog(wanted: WantedLog): Promise<LogReading>;
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

/** The same of a payout that is paid by itself; where it splits a trade, in this mode. */
export interface SingleFacts extends RequestFacts {
  readonly splitMode: SplitMode;
}
