/** One payment of a batch, as asked for. */
export interface BatchDetail {
  readonly outBizNo: string;
  /** Yuan with two decimals. */
  readonly amount: string;
  readonly identity: string;
  readonly identityType: string;
  readonly name: string | null;
  readonly title: string;
  readonly remark: string | null;
  readonly passbackParams: string | null;
  /** Alipay's number of this detail. */
  readonly detailId: string;
}

/** A batch that was accepted. Times are milliseconds of business time. */
export interface BatchRecord {
  readonly t: 'batch';
  readonly appId: string;
  readonly outBatchNo: string;
  readonly batchTransId: string;
  readonly productCode: string;
  readonly bizScene: string;
  readonly title: string;
  readonly total: string;
  readonly details: readonly BatchDetail[];
  /** Nobody can confirm it from here on. */
  readonly expiresAt: number;
  readonly at: number;
  readonly digest: string;
}

export type BatchBookRecord =
  | BatchRecord
  /** Confirmed by the payer: from here its details are paid. */
  | { readonly t: 'batch-paid'; readonly batchTransId: string; readonly at: number }
  | { readonly t: 'batch-closed'; readonly batchTransId: string; readonly at: number }
  | {
      readonly t: 'batch-detail-failed';
      readonly batchTransId: string;
      readonly outBizNo: string;
      readonly errorCode: string;
      readonly errorMessage: string;
      readonly at: number;
    };
