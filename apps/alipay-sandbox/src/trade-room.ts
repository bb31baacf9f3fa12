import type { Money } from './money.js';
import type {
  Receiver,
  SettleRecord,
  TradeBookRecord,
  TradeRecord,
  TradeRefundRecord,
} from './trade-records.js';
import { fen } from './yuan.js';

export interface Trade {
  readonly record: TradeRecord;
  readonly totalMinor: bigint;
  refundedMinor: bigint;
  /** What has been split and has not come back. */
  splitMinor: bigint;
  frozenMinor: bigint;
  /** No more can be split. */
  finished: boolean;
  readonly settles: SettleRecord[];
  readonly refunds: TradeRefundRecord[];
}

/** Trades, their refunds and splits, and the receivers that each merchant has bound. */
export class TradeRoom {
  readonly all: Trade[] = [];
  readonly #byTradeNo = new Map<string, Trade>();
  readonly #byOutTradeNo = new Map<string, Trade>();
  readonly #settles = new Map<string, SettleRecord>();
  readonly #settlesByRequest = new Map<string, SettleRecord>();
  readonly #receivers = new Map<string, Map<string, Receiver>>();

  constructor(private readonly money: Money) {}

  byTradeNo(tradeNo: string): Trade | undefined {
    return this.#byTradeNo.get(tradeNo);
  }

  byOutTradeNo(appId: string, outTradeNo: string): Trade | undefined {
    return this.#byOutTradeNo.get(ownKey(appId, outTradeNo));
  }

  get settleCount(): number {
    return this.#settles.size;
  }

  settleByNo(settleNo: string): SettleRecord | undefined {
    return this.#settles.get(settleNo);
  }

  settleByRequest(appId: string, outRequestNo: string): SettleRecord | undefined {
    return this.#settlesByRequest.get(ownKey(appId, outRequestNo));
  }

  /** The receivers of a merchant's splits, in order of their binding. */
  receiversOf(appId: string): ReadonlyMap<string, Receiver> {
    return this.#receivers.get(appId) ?? new Map();
  }

  apply(record: Exclude<TradeBookRecord, { t: 'royalty-returned' }>): void {
    switch (record.t) {
      case 'trade':
        return this.#open(record);
      case 'trade-refund':
        return this.#refund(record);
      case 'settle':
        return this.#settle(record);
      case 'royalty-bound':
        return this.#bind(record.appId, record.receivers);
      case 'royalty-unbound':
        return this.#unbind(record.appId, record.accounts);
    }
  }

  /** A split has taken so much of a trade; below zero, so much has come back to it. */
  split(tradeNo: string, amountMinor: bigint): void {
    const trade = this.#known(tradeNo);
    trade.splitMinor += amountMinor;
    if (trade.record.royaltyFreeze && !trade.finished) this.#freeze(trade, -amountMinor);
  }

  /** A split has come back with a refund, to the merchant's own money. */
  splitReturned(tradeNo: string, amountMinor: bigint): void {
    this.#known(tradeNo).splitMinor -= amountMinor;
  }

  #open(record: TradeRecord): void {
    const { appId, tradeNo, outTradeNo, at } = record;
    const totalMinor = fen(record.amount);
    const feeMinor = fen(record.fee);
    const trade: Trade = {
      record,
      totalMinor,
      refundedMinor: 0n,
      splitMinor: 0n,
      frozenMinor: 0n,
      finished: false,
      settles: [],
      refunds: [],
    };
    this.all.push(trade);
    this.#byTradeNo.set(tradeNo, trade);
    this.#byOutTradeNo.set(ownKey(appId, outTradeNo), trade);
    const purpose = {
      outBizNo: outTradeNo,
      alipayOrderNo: tradeNo,
      tradeNo,
      title: record.subject,
    };
    const counterparty = record.buyerLogonId;
    this.money.moveMerchant(appId, totalMinor, at, { ...purpose, type: 'payment', counterparty });
    if (feeMinor > 0n) this.money.moveMerchant(appId, -feeMinor, at, { ...purpose, type: 'fee' });
    if (record.royaltyFreeze) this.#freeze(trade, totalMinor - feeMinor);
  }

  #refund(record: TradeRefundRecord): void {
    const { appId, tradeNo, outRequestNo, at, amount, reason } = record;
    const trade = this.#known(tradeNo);
    const amountMinor = fen(amount);
    trade.refundedMinor += amountMinor;
    trade.refunds.push(record);
    const { frozenMinor } = trade;
    this.#freeze(trade, frozenMinor < amountMinor ? -frozenMinor : -amountMinor);
    this.money.moveMerchant(appId, -amountMinor, at, {
      type: 'refund',
      outBizNo: trade.record.outTradeNo,
      alipayOrderNo: tradeNo,
      tradeNo,
      counterparty: trade.record.buyerLogonId,
      title: reason ?? trade.record.subject,
      refundNo: outRequestNo,
    });
  }

  /** Its legs came before it, as records of their own: what it releases is the rest. */
  #settle(record: SettleRecord): void {
    const trade = this.#known(record.tradeNo);
    trade.settles.push(record);
    this.#settles.set(record.settleNo, record);
    this.#settlesByRequest.set(ownKey(record.appId, record.outRequestNo), record);
    if (record.releases === null) return;
    const all = record.releases === 'all';
    this.#freeze(trade, all ? -trade.frozenMinor : -fen(record.releases));
    trade.finished = all;
  }

  #freeze(trade: Trade, amountMinor: bigint): void {
    trade.frozenMinor += amountMinor;
    this.money.freeze(trade.record.appId, amountMinor);
  }

  #bind(appId: string, receivers: readonly Receiver[]): void {
    const bound = this.#receivers.get(appId) ?? new Map<string, Receiver>();
    for (const receiver of receivers) {
      bound.set(this.money.accountOf(receiver.account).identity, receiver);
    }
    this.#receivers.set(appId, bound);
  }

  #unbind(appId: string, accounts: readonly string[]): void {
    const bound = this.#receivers.get(appId);
    for (const account of accounts) bound?.delete(this.money.accountOf(account).identity);
  }

  #known(tradeNo: string): Trade {
    const trade = this.#byTradeNo.get(tradeNo);
    if (trade === undefined) throw new Error(`the book names the unknown trade ${tradeNo}`);
    return trade;
  }
}

/** A merchant's own number. */
function ownKey(appId: string, number: string): string {
  return JSON.stringify([appId, number]);
}
