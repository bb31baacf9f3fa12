import { createHash } from 'node:crypto';

import { beijingDay } from './clock.js';
import type {
  AccountStatus,
  Authorities,
  BookRecord,
  FaultRecord,
  Limits,
  MerchantTerms,
  MovementType,
  NotificationMode,
  NotificationRecord,
  RequestRecord,
  TransferRecord,
  TransferStatus,
} from './records.js';
import { fen, signedFen } from './yuan.js';

export interface MerchantMovement {
  readonly amountMinor: bigint;
  readonly balanceMinor: bigint;
  readonly type: MovementType | 'transfer' | 'transfer-return';
  readonly outBizNo: string | null;
  readonly at: number;
}

export interface Merchant {
  terms: MerchantTerms;
  balanceMinor: bigint;
  readonly movements: MerchantMovement[];
}

export interface AccountMovement {
  readonly outBizNo: string | null;
  readonly appId: string | null;
  readonly amountMinor: bigint;
  readonly balanceMinor: bigint;
  readonly at: number;
  readonly kind: 'transfer' | 'return' | 'set';
}

export interface Account {
  readonly identity: string;
  name: string | null;
  status: AccountStatus;
  userId: string;
  balanceMinor: bigint;
  readonly movements: AccountMovement[];
}

export interface Transfer {
  readonly record: TransferRecord;
  readonly amountMinor: bigint;
  /** The payee as it was found when the transfer was accepted. */
  readonly account: Account;
  status: TransferStatus;
  queries: number;
  errorCode: string | null;
  failReason: string | null;
}

export interface Fault {
  readonly record: FaultRecord;
  left: number | null;
  hits: number;
}

export interface PendingNotification {
  readonly record: NotificationRecord;
  deliveries: number;
  dueAt: number;
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

/** The user id that Alipay would show for an account that was never given one: 2088 + 12 digits. */
export function derivedUserId(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex').slice(0, 15);
  return `2088${(BigInt(`0x${hex}`) % 10n ** 12n).toString().padStart(12, '0')}`;
}

/** All that the sandbox knows: a fold over the book, the same after every restart. */
export class SandboxState {
  clockMs = 0;
  authorities: Authorities | undefined;
  readonly merchants = new Map<string, Merchant>();
  readonly accounts = new Map<string, Account>();
  readonly transfers: Transfer[] = [];
  readonly requests: RequestRecord[] = [];
  faults: Fault[] = [];
  faultCount = 0;
  limits: Limits = { single: null, payerDaily: null, payeeDaily: null, perSecond: null };
  notificationMode: NotificationMode = 'normal';
  notificationCount = 0;
  readonly notifications = new Map<string, PendingNotification>();

  readonly #byKey = new Map<string, Transfer>();
  readonly #byOrderId = new Map<string, Transfer>();
  readonly #byFundOrderId = new Map<string, Transfer>();
  readonly #requestsByNumber = new Map<string, RequestRecord[]>();
  readonly #identityByUserId = new Map<string, string>();
  readonly #paidByDay = new Map<string, bigint>();

  /** Takes one record of the book, in order; the only way in which anything here changes. */
  apply(record: BookRecord): void {
    switch (record.t) {
      case 'clock':
        this.clockMs = Math.max(this.clockMs, record.now);
        break;
      case 'authorities':
        this.authorities = record.authorities;
        break;
      case 'merchant':
        this.#putMerchant(record.terms);
        break;
      case 'merchant-movement':
        this.#moveMerchant(record.appId, signedFen(record.amount), record.type, null, record.at);
        break;
      case 'account':
        this.#putAccount(record.identity, record);
        break;
      case 'account-balance':
        this.#setBalance(this.accountOf(record.identity), fen(record.balance), record.at);
        break;
      case 'transfer':
        this.#accept(record);
        break;
      case 'queried':
        this.#known(record.orderId).queries += 1;
        break;
      case 'status':
        this.#changeStatus(this.#known(record.orderId), record);
        break;
      case 'request':
        this.#logRequest(record);
        break;
      default:
        this.#applyControl(record);
    }
  }

  transferByKey(key: string): Transfer | undefined {
    return this.#byKey.get(key);
  }

  transferByOrderId(orderId: string): Transfer | undefined {
    return this.#byOrderId.get(orderId);
  }

  transferByFundOrderId(fundOrderId: string): Transfer | undefined {
    return this.#byFundOrderId.get(fundOrderId);
  }

  requestsOf(outBizNo: string): readonly RequestRecord[] {
    return this.#requestsByNumber.get(outBizNo) ?? [];
  }

  /** The account behind a log-in id, user id or open id. One never put exists, normal and empty. */
  accountOf(identity: string): Account {
    const owner = this.#identityByUserId.get(identity);
    const known = this.accounts.get(owner ?? identity);
    if (known !== undefined) return known;
    const userId = /^2088\d{12}$/.test(identity) ? identity : derivedUserId(identity);
    const account: Account = {
      identity,
      name: null,
      status: 'normal',
      userId,
      balanceMinor: 0n,
      movements: [],
    };
    return account;
  }

  /** What this payer, or this payee, has moved on the Beijing day of `at`, in fen. */
  movedOnDay(side: 'payer' | 'payee', who: string, at: number): bigint {
    return this.#paidByDay.get(dayKey(side, who, at)) ?? 0n;
  }

  #putMerchant(terms: MerchantTerms): void {
    const merchant = this.merchants.get(terms.appId);
    if (merchant === undefined) {
      this.merchants.set(terms.appId, { terms, balanceMinor: 0n, movements: [] });
    } else {
      merchant.terms = terms;
    }
  }

  #moveMerchant(
    appId: string,
    amountMinor: bigint,
    type: MerchantMovement['type'],
    outBizNo: string | null,
    at: number,
  ): void {
    const merchant = this.merchants.get(appId);
    if (merchant === undefined) throw new Error(`the book moves money of ${appId}, never put`);
    merchant.balanceMinor += amountMinor;
    const { balanceMinor } = merchant;
    merchant.movements.push({ amountMinor, balanceMinor, type, outBizNo, at });
  }

  #putAccount(
    identity: string,
    terms: { name: string | null; status: AccountStatus; userId: string },
  ): void {
    const account = this.#kept(this.accountOf(identity));
    account.name = terms.name;
    account.status = terms.status;
    account.userId = terms.userId;
    this.#identityByUserId.set(terms.userId, account.identity);
  }

  #setBalance(found: Account, balanceMinor: bigint, at: number): void {
    const account = this.#kept(found);
    const amountMinor = balanceMinor - account.balanceMinor;
    account.balanceMinor = balanceMinor;
    account.movements.push({
      outBizNo: null,
      appId: null,
      amountMinor,
      balanceMinor,
      at,
      kind: 'set',
    });
  }

  #kept(account: Account): Account {
    this.accounts.set(account.identity, account);
    return account;
  }

  #accept(record: TransferRecord): void {
    const amountMinor = fen(record.amount);
    const account = this.#kept(this.accountOf(record.identity));
    const transfer: Transfer = {
      record,
      amountMinor,
      account,
      status: record.status,
      queries: 0,
      errorCode: null,
      failReason: null,
    };
    const { appId, productCode, bizScene, outBizNo } = record;
    this.transfers.push(transfer);
    this.#byKey.set(transferKey(appId, productCode, bizScene, outBizNo), transfer);
    this.#byOrderId.set(record.orderId, transfer);
    this.#byFundOrderId.set(record.fundOrderId, transfer);
    this.#moveMerchant(appId, -amountMinor, 'transfer', outBizNo, record.at);
    this.#countDay(transfer, amountMinor);
    if (record.status === 'SUCCESS') this.#moveAccount(transfer, amountMinor, record.at);
  }

  #changeStatus(
    transfer: Transfer,
    to: { status: TransferStatus; at: number; errorCode: string | null; failReason: string | null },
  ): void {
    const from = transfer.status;
    transfer.status = to.status;
    transfer.errorCode = to.errorCode;
    transfer.failReason = to.failReason;
    if (to.status === 'SUCCESS') {
      this.#moveAccount(transfer, transfer.amountMinor, to.at);
      return;
    }
    if (to.status === 'DEALING') return;
    if (from === 'SUCCESS') this.#moveAccount(transfer, -transfer.amountMinor, to.at);
    const { appId, outBizNo } = transfer.record;
    this.#moveMerchant(appId, transfer.amountMinor, 'transfer-return', outBizNo, to.at);
    this.#countDay(transfer, -transfer.amountMinor);
  }

  #moveAccount(transfer: Transfer, amountMinor: bigint, at: number): void {
    const { account } = transfer;
    const { outBizNo, appId } = transfer.record;
    account.balanceMinor += amountMinor;
    const { balanceMinor } = account;
    const kind = amountMinor > 0n ? 'transfer' : 'return';
    account.movements.push({ outBizNo, appId, amountMinor, balanceMinor, at, kind });
  }

  #countDay(transfer: Transfer, amountMinor: bigint): void {
    const { appId, at } = transfer.record;
    for (const key of [
      dayKey('payer', appId, at),
      dayKey('payee', transfer.account.identity, at),
    ]) {
      this.#paidByDay.set(key, (this.#paidByDay.get(key) ?? 0n) + amountMinor);
    }
  }

  #logRequest(record: RequestRecord): void {
    this.requests.push(record);
    if (record.outBizNo === null) return;
    const sameNumber = this.#requestsByNumber.get(record.outBizNo);
    if (sameNumber === undefined) this.#requestsByNumber.set(record.outBizNo, [record]);
    else sameNumber.push(record);
  }

  #known(orderId: string): Transfer {
    const transfer = this.#byOrderId.get(orderId);
    if (transfer === undefined) throw new Error(`the book names the unknown order ${orderId}`);
    return transfer;
  }

  #applyControl(record: BookRecord): void {
    switch (record.t) {
      case 'fault':
        this.faultCount += 1;
        this.faults.push({ record, left: record.times, hits: 0 });
        break;
      case 'fault-hit':
        this.#hitFault(record.id);
        break;
      case 'faults-cleared':
        this.faults = [];
        break;
      case 'limits':
        this.limits = record.limits;
        break;
      case 'notification-mode':
        this.notificationMode = record.mode;
        break;
      case 'notification':
        this.notificationCount += 1;
        this.notifications.set(record.notifyId, { record, deliveries: 0, dueAt: record.dueAt });
        break;
      case 'delivery':
        this.#noteDelivery(record.notifyId, record.nextDueAt);
        break;
      default:
        break; // records of money and accounts are applied by their own rooms
    }
  }

  #hitFault(id: string): void {
    const fault = this.faults.find((candidate) => candidate.record.id === id);
    if (fault === undefined) return;
    fault.hits += 1;
    if (fault.left !== null) fault.left -= 1;
  }

  #noteDelivery(notifyId: string, nextDueAt: number | null): void {
    const pending = this.notifications.get(notifyId);
    if (pending === undefined) return;
    pending.deliveries += 1;
    if (nextDueAt === null) this.notifications.delete(notifyId);
    else pending.dueAt = nextDueAt;
  }
}

function dayKey(side: 'payer' | 'payee', who: string, at: number): string {
  return `${side}|${who}|${beijingDay(at)}`;
}
