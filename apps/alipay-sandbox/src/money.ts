import { createHash } from 'node:crypto';

import { beijingDay } from './clock.js';
import type { AccountStatus, MerchantTerms, MovementType } from './records.js';

/** Why money came to a merchant's account or left it. */
export type MovementKind =
  MovementType | 'transfer' | 'transfer-return' | 'royalty' | 'royalty-return' | 'refund';

/** What a movement was for, as bills tell it. */
export interface Purpose {
  readonly type: MovementKind;
  /** The merchant's own number. */
  readonly outBizNo: string | null;
  /** Alipay's number of the transfer, trade or split. */
  readonly alipayOrderNo: string | null;
  readonly counterparty: string | null;
  readonly title: string | null;
  /** The trade that it belongs to. */
  readonly tradeNo: string | null;
  readonly refundNo: string | null;
}

export interface MerchantMovement extends Purpose {
  /** The how-manieth movement of this merchant it is, from 1. */
  readonly serial: number;
  readonly amountMinor: bigint;
  /** The balance after it, in order of booking. */
  readonly balanceMinor: bigint;
  /** Business time, milliseconds. */
  readonly at: number;
}

export interface Merchant {
  terms: MerchantTerms;
  balanceMinor: bigint;
  /** Part of the balance that waits for its trades to be split. */
  frozenMinor: bigint;
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

const NO_PURPOSE = {
  outBizNo: null,
  alipayOrderNo: null,
  counterparty: null,
  title: null,
  tradeNo: null,
  refundNo: null,
} as const;

/** The user id that Alipay would show for an account that was never given one: 2088 + 12 digits. */
export function derivedUserId(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex').slice(0, 15);
  return `2088${(BigInt(`0x${hex}`) % 10n ** 12n).toString().padStart(12, '0')}`;
}

/** What a merchant may spend. */
export function availableMinor(merchant: Merchant): bigint {
  return merchant.balanceMinor - merchant.frozenMinor;
}

/** Merchants' and payees' accounts, and what was moved between them. */
export class Money {
  readonly merchants = new Map<string, Merchant>();
  readonly accounts = new Map<string, Account>();

  readonly #identityByUserId = new Map<string, string>();
  readonly #paidByDay = new Map<string, bigint>();

  putMerchant(terms: MerchantTerms): void {
    const merchant = this.merchants.get(terms.appId);
    if (merchant === undefined) {
      this.merchants.set(terms.appId, { terms, balanceMinor: 0n, frozenMinor: 0n, movements: [] });
    } else {
      merchant.terms = terms;
    }
  }

  /** @throws Error when the book moves money of a merchant that was never put. */
  moveMerchant(
    appId: string,
    amountMinor: bigint,
    at: number,
    purpose: Pick<Purpose, 'type'> & Partial<Purpose>,
  ): void {
    const merchant = this.#merchant(appId);
    merchant.balanceMinor += amountMinor;
    const { balanceMinor, movements } = merchant;
    const serial = movements.length + 1;
    movements.push({ ...NO_PURPOSE, ...purpose, serial, amountMinor, balanceMinor, at });
  }

  /** Freezes (or, below zero, frees) a part of the balance. */
  freeze(appId: string, amountMinor: bigint): void {
    this.#merchant(appId).frozenMinor += amountMinor;
  }

  putAccount(
    identity: string,
    terms: { name: string | null; status: AccountStatus; userId: string },
  ): void {
    const account = this.kept(this.accountOf(identity));
    account.name = terms.name;
    account.status = terms.status;
    account.userId = terms.userId;
    this.#identityByUserId.set(terms.userId, account.identity);
  }

  setBalance(identity: string, balanceMinor: bigint, at: number): void {
    const account = this.kept(this.accountOf(identity));
    const amountMinor = balanceMinor - account.balanceMinor;
    account.balanceMinor = balanceMinor;
    const nobody = { outBizNo: null, appId: null };
    account.movements.push({ ...nobody, amountMinor, balanceMinor, at, kind: 'set' });
  }

  moveAccount(
    account: Account,
    amountMinor: bigint,
    from: { outBizNo: string; appId: string; at: number },
  ): void {
    account.balanceMinor += amountMinor;
    const { balanceMinor } = account;
    const kind = amountMinor > 0n ? 'transfer' : 'return';
    account.movements.push({ ...from, amountMinor, balanceMinor, kind });
  }

  /** The account behind a log-in id, user id or open id. One never put exists, normal and empty. */
  accountOf(identity: string): Account {
    const owner = this.#identityByUserId.get(identity);
    const known = this.accounts.get(owner ?? identity);
    if (known !== undefined) return known;
    const userId = /^2088\d{12}$/.test(identity) ? identity : derivedUserId(identity);
    return { identity, name: null, status: 'normal', userId, balanceMinor: 0n, movements: [] };
  }

  /** From now on this account is the one of its identity. */
  kept(account: Account): Account {
    this.accounts.set(account.identity, account);
    return account;
  }

  /** What this payer, or this payee, has moved on the Beijing day of `at`, in fen. */
  movedOnDay(side: 'payer' | 'payee', who: string, at: number): bigint {
    return this.#paidByDay.get(dayKey(side, who, at)) ?? 0n;
  }

  /** Counts a transfer (below zero: takes it back) for the limits of its Beijing day. */
  countDay(payer: string, payee: string, amountMinor: bigint, at: number): void {
    for (const key of [dayKey('payer', payer, at), dayKey('payee', payee, at)]) {
      this.#paidByDay.set(key, (this.#paidByDay.get(key) ?? 0n) + amountMinor);
    }
  }

  #merchant(appId: string): Merchant {
    const merchant = this.merchants.get(appId);
    if (merchant === undefined) throw new Error(`the book moves money of ${appId}, never put`);
    return merchant;
  }
}

function dayKey(side: 'payer' | 'payee', who: string, at: number): string {
  return `${side}|${who}|${beijingDay(at)}`;
}
