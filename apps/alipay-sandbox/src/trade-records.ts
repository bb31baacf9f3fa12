/** A buyer's payment of a trade. Amounts are yuan texts, times milliseconds of business time. */
export interface TradeRecord {
  readonly t: 'trade';
  readonly appId: string;
  readonly tradeNo: string;
  readonly outTradeNo: string;
  readonly amount: string;
  readonly subject: string;
  readonly buyerUserId: string;
  readonly buyerLogonId: string;
  /** Its money stays frozen until it is split or released (`royalty_freeze`). */
  readonly royaltyFreeze: boolean;
  /** Alipay's fee for taking the payment, `0.00` for none. */
  readonly fee: string;
  readonly at: number;
}

/** A refund of a trade, accepted and paid back. */
export interface TradeRefundRecord {
  readonly t: 'trade-refund';
  readonly appId: string;
  readonly tradeNo: string;
  readonly outRequestNo: string;
  readonly amount: string;
  readonly reason: string | null;
  readonly at: number;
  /** SHA-256 over the canonical parameters: a repeat must have the same. */
  readonly digest: string;
}

/** A part of a split that went back to the merchant with a refund. */
export interface RoyaltyReturnRecord {
  readonly t: 'royalty-returned';
  /** The split's detail. */
  readonly orderId: string;
  readonly outRequestNo: string;
  readonly amount: string;
  readonly at: number;
}

/** A split of a trade that was accepted; its legs are transfers of way `royalty`. */
export interface SettleRecord {
  readonly t: 'settle';
  readonly appId: string;
  readonly tradeNo: string;
  readonly outRequestNo: string;
  readonly settleNo: string;
  readonly mode: 'sync' | 'async';
  /** What is released of the frozen rest besides; `all` ends splitting. */
  readonly releases: string | null;
  readonly at: number;
  readonly digest: string;
}

export interface Receiver {
  readonly type: 'userId' | 'loginName' | 'openId';
  readonly account: string;
  readonly name: string | null;
  readonly memo: string | null;
}

export type TradeBookRecord =
  | TradeRecord
  | TradeRefundRecord
  | RoyaltyReturnRecord
  | SettleRecord
  | { readonly t: 'royalty-bound'; readonly appId: string; readonly receivers: readonly Receiver[] }
  | {
      readonly t: 'royalty-unbound';
      readonly appId: string;
      readonly accounts: readonly string[];
    };
