import type { Account, Money } from './money.js';
import type { TransferRecord, TransferStatus } from './records.js';
import type { RoyaltyReturnRecord } from './trade-records.js';
import type { TradeRoom } from './trade-room.js';
import { fen } from './yuan.js';

/** Money on its way to a payee, or there: by itself, as a detail of a batch or a leg of a split. */
export interface Transfer {
  readonly record: TransferRecord;
  readonly amountMinor: bigint;
  /** The payee as it was found when the transfer was accepted. */
  readonly account: Account;
  status: TransferStatus;
  queries: number;
  errorCode: string | null;
  failReason: string | null;
  /** Parts of a split that went back with refunds. */
  readonly returns: RoyaltyReturnRecord[];
}

export interface StatusChange {
  readonly status: TransferStatus;
  readonly at: number;
  readonly errorCode: string | null;
  readonly failReason: string | null;
}

/** One number is one transfer within an app, a product and a scene. */
export function transferKey(
  appId: string,
  productCode: string,
  bizScene: string,
  outBizNo: string,
): string {
  return JSON.stringify([appId, productCode, bizScene, outBizNo]);
}

/** Every transfer that was accepted, whichever way it went. */
export class TransferRoom {
  readonly all: Transfer[] = [];
  readonly #byKey = new Map<string, Transfer>();
  readonly #byOrderId = new Map<string, Transfer>();
  readonly #byFundOrderId = new Map<string, Transfer>();
  readonly #byWhole = new Map<string, Transfer[]>();

  constructor(
    private readonly money: Money,
    private readonly trades: TradeRoom,
  ) {}

  byKey(key: string): Transfer | undefined {
    return this.#byKey.get(key);
  }

  byOrderId(orderId: string): Transfer | undefined {
    return this.#byOrderId.get(orderId);
  }

  byFundOrderId(fundOrderId: string): Transfer | undefined {
    return this.#byFundOrderId.get(fundOrderId);
  }

  /** The details of a batch, or the legs of a split, that were accepted. */
  partsOf(whole: string): readonly Transfer[] {
    return this.#byWhole.get(whole) ?? [];
  }

  accept(record: TransferRecord): void {
    const amountMinor = fen(record.amount);
    const account = this.money.kept(this.money.accountOf(record.identity));
    const { status } = record;
    const rest = { queries: 0, errorCode: null, failReason: null, returns: [] };
    const transfer: Transfer = { record, amountMinor, account, status, ...rest };
    this.#index(transfer);
    this.#movePayer(transfer, -amountMinor, record.at);
    this.#countDay(transfer, amountMinor);
    if (status === 'SUCCESS') this.#movePayee(transfer, amountMinor, record.at);
  }

  noteQuery(orderId: string): void {
    this.#known(orderId).queries += 1;
  }

  changeStatus(orderId: string, to: StatusChange): void {
    const transfer = this.#known(orderId);
    const from = transfer.status;
    transfer.status = to.status;
    transfer.errorCode = to.errorCode;
    transfer.failReason = to.failReason;
    if (to.status === 'SUCCESS') return this.#movePayee(transfer, transfer.amountMinor, to.at);
    if (to.status === 'DEALING') return;
    if (from === 'SUCCESS') this.#movePayee(transfer, -transfer.amountMinor, to.at);
    this.#movePayer(transfer, transfer.amountMinor, to.at);
    this.#countDay(transfer, -transfer.amountMinor);
  }

  /** A part of a split goes back to the merchant. */
  giveBack(record: RoyaltyReturnRecord): void {
    const transfer = this.#known(record.orderId);
    const { appId, orderId, outBizNo, identity, tradeNo } = transfer.record;
    const amountMinor = fen(record.amount);
    const { at, outRequestNo: refundNo } = record;
    transfer.returns.push(record);
    this.money.moveAccount(transfer.account, -amountMinor, { outBizNo, appId, at });
    this.money.moveMerchant(appId, amountMinor, at, {
      type: 'royalty-return',
      outBizNo,
      alipayOrderNo: orderId,
      counterparty: identity,
      title: '分账退回',
      tradeNo: tradeNo ?? null,
      refundNo,
    });
    if (tradeNo !== undefined) this.trades.splitReturned(tradeNo, amountMinor);
  }

  #index(transfer: Transfer): void {
    const { appId, productCode, bizScene, outBizNo, orderId, fundOrderId, partOf } =
      transfer.record;
    this.all.push(transfer);
    this.#byKey.set(transferKey(appId, productCode, bizScene, outBizNo), transfer);
    this.#byOrderId.set(orderId, transfer);
    this.#byFundOrderId.set(fundOrderId, transfer);
    if (partOf === undefined) return;
    const parts = this.#byWhole.get(partOf);
    if (parts === undefined) this.#byWhole.set(partOf, [transfer]);
    else parts.push(transfer);
  }

  #movePayer(transfer: Transfer, amountMinor: bigint, at: number): void {
    const { appId, outBizNo, way, identity, title, fundOrderId, tradeNo } = transfer.record;
    const back = amountMinor > 0n;
    const [type, typeBack] =
      way === 'royalty'
        ? (['royalty', 'royalty-return'] as const)
        : (['transfer', 'transfer-return'] as const);
    this.money.moveMerchant(appId, amountMinor, at, {
      type: back ? typeBack : type,
      outBizNo,
      alipayOrderNo: fundOrderId,
      counterparty: identity,
      title,
      tradeNo: tradeNo ?? null,
    });
    if (tradeNo !== undefined) this.trades.split(tradeNo, -amountMinor);
  }

  #movePayee(transfer: Transfer, amountMinor: bigint, at: number): void {
    const { outBizNo, appId } = transfer.record;
    this.money.moveAccount(transfer.account, amountMinor, { outBizNo, appId, at });
  }

  /** Limits of the day are for transfers; a split has its own. */
  #countDay(transfer: Transfer, amountMinor: bigint): void {
    const { appId, at, way } = transfer.record;
    if (way === 'royalty') return;
    this.money.countDay(appId, transfer.account.identity, amountMinor, at);
  }

  #known(orderId: string): Transfer {
    const transfer = this.#byOrderId.get(orderId);
    if (transfer === undefined) throw new Error(`the book names the unknown order ${orderId}`);
    return transfer;
  }
}
