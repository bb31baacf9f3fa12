import { BatchRoom } from './batch-room.js';
import { Money } from './money.js';
import type { Authorities, BookRecord } from './records.js';
import { RequestLog } from './request-log.js';
import { Settings } from './settings.js';
import { TradeRoom } from './trade-room.js';
import { TransferRoom } from './transfer-room.js';
import { fen, signedFen } from './yuan.js';

/** All that the sandbox knows: a fold over the book, the same after every restart. */
export class SandboxState {
  clockMs = 0;
  authorities: Authorities | undefined;
  readonly money = new Money();
  readonly trades = new TradeRoom(this.money);
  readonly transfers = new TransferRoom(this.money, this.trades);
  readonly batches = new BatchRoom();
  readonly requests = new RequestLog();
  readonly settings = new Settings();

  /** Takes one record of the book, in order; the only way in which anything here changes. */
  apply(record: BookRecord): void {
    switch (record.t) {
      case 'clock':
        this.clockMs = Math.max(this.clockMs, record.now);
        break;
      case 'authorities':
        this.authorities = record.authorities;
        break;
      case 'request':
        this.requests.add(record);
        break;
      case 'merchant':
      case 'merchant-movement':
      case 'account':
      case 'account-balance':
        this.#applyMoney(record);
        break;
      case 'transfer':
      case 'queried':
      case 'status':
      case 'royalty-returned':
        this.#applyTransfer(record);
        break;
      case 'settle':
      case 'trade':
      case 'trade-refund':
      case 'royalty-bound':
      case 'royalty-unbound':
        this.trades.apply(record);
        break;
      case 'batch':
      case 'batch-paid':
      case 'batch-closed':
      case 'batch-detail-failed':
        this.batches.apply(record);
        break;
      default:
        this.settings.apply(record);
    }
  }

  #applyMoney(
    record: Extract<
      BookRecord,
      { t: 'merchant' | 'merchant-movement' | 'account' | 'account-balance' }
    >,
  ): void {
    switch (record.t) {
      case 'merchant':
        return this.money.putMerchant(record.terms);
      case 'merchant-movement': {
        const { appId, amount, at, type, tradeNo, memo } = record;
        const trade = tradeNo === undefined ? {} : { tradeNo, alipayOrderNo: tradeNo };
        const title = memo === undefined ? {} : { title: memo };
        return this.money.moveMerchant(appId, signedFen(amount), at, { type, ...trade, ...title });
      }
      case 'account':
        return this.money.putAccount(record.identity, record);
      case 'account-balance':
        return this.money.setBalance(record.identity, fen(record.balance), record.at);
    }
  }

  #applyTransfer(
    record: Extract<BookRecord, { t: 'transfer' | 'queried' | 'status' | 'royalty-returned' }>,
  ): void {
    switch (record.t) {
      case 'transfer':
        return this.transfers.accept(record);
      case 'queried':
        return this.transfers.noteQuery(record.orderId);
      case 'status':
        return this.transfers.changeStatus(record.orderId, record);
      case 'royalty-returned':
        return this.transfers.giveBack(record);
    }
  }
}
