import type { Minor } from '@qingfen/money';

/** One movement of the merchant's balance as Alipay's bill lists it. */
export interface BillLine {
  /** The place in the file, from 1. */
  readonly lineNo: number;
  /** 账务流水号: Alipay's number of the movement. */
  readonly logNo: string;
  /** 业务流水号: of a transfer its fund order; empty where there is none. */
  readonly alipayNo: string;
  /** 业务基础订单号 of newer files, else 业务流水号: of a payment and its refunds the trade. */
  readonly tradeNo: string;
  /** 商户订单号: our number of a payout, the order system's of a trade; empty where there is none. */
  readonly outNo: string;
  readonly title: string;
  readonly at: Date;
  /** 对方账号, masked by Alipay. */
  readonly account: string;
  /** Fen; negative for what left the account. */
  readonly amountMinor: Minor;
  /** The balance after it, fen. */
  readonly balanceMinor: Minor;
  /** 业务类型, such as 转账. */
  readonly kind: string;
  readonly memo: string;
}

/** What a whole bill comes to. */
export interface BillSummary {
  /** Alipay's name of the account: its user id and 0156. */
  readonly account: string;
  readonly lineCount: number;
  readonly incomeMinor: Minor;
  readonly expenseMinor: Minor;
  /** Before the first line and after the last; null for a day without lines. */
  readonly openingMinor: Minor | null;
  readonly closingMinor: Minor | null;
}

/** Why a file is not taken for the bill of a day. */
export type BillProblem =
  | 'not-a-zip'
  | 'truncated'
  | 'too-large'
  | 'no-detail'
  | 'wrong-encoding'
  | 'not-a-bill'
  | 'wrong-day'
  | 'unknown-columns'
  | 'bad-line'
  | 'missing-rows'
  | 'duplicated-rows'
  | 'totals-differ';

/** What came of reading a file: all of it or nothing is to be believed. */
export type BillReading =
  | { readonly kind: 'read'; readonly summary: BillSummary }
  | { readonly kind: 'unreadable'; readonly problem: BillProblem; readonly why: string };

/** A file that is no bill, on its way out of the reader. */
export class UnreadableBill extends Error {
  override readonly name = 'UnreadableBill';

  constructor(
    readonly problem: BillProblem,
    why: string,
  ) {
    super(why);
  }
}
