import { AmountError, parseAmount } from '@qingfen/money';
import type { Minor } from '@qingfen/money';

import { classify, textIn } from './classify.js';
import type { AlipayFailure, Outcome } from './classify.js';
import { callAlipay, connectAlipay } from './connection.js';
import type { AlipayAnswer, AlipayConnection } from './connection.js';
import type { AlipayCredentials } from './credentials.js';
import { isPayeeFault } from './error-classes.js';
import { readNotification } from './notification.js';
import type { Notification } from './notification.js';

export const TRANSFER_STATUSES = [
  'SUCCESS',
  'FAIL',
  'CLOSED',
  'DEALING',
  'WAIT_PAY',
  'REFUND',
] as const;
export type TransferStatus = (typeof TRANSFER_STATUSES)[number];

/** Anything but an answer to the question. */
export type NoAnswer = Exclude<Outcome, { kind: 'accepted' }>;

/** What Alipay knows of a transfer. */
export interface FoundTransfer {
  readonly kind: 'found';
  readonly status: TransferStatus;
  readonly outBizNo: string | null;
  readonly orderId: string | null;
  /** Yuan; Alipay names it only when the status is SUCCESS. */
  readonly amountText: string | null;
  /** Beijing time, `yyyy-MM-dd HH:mm:ss`. */
  readonly payDate: string | null;
  readonly errorCode: string | null;
  readonly failReason: string | null;
}

export type TransferQuery = FoundTransfer | { readonly kind: 'not-found' } | NoAnswer;

/** What an answer names as proof. */
export interface Evidence {
  readonly outBizNo: string | null;
  readonly amountMinor: Minor | null;
  readonly alipayOrderId: string | null;
}

/** The answer about our number as the core of payouts wants it. */
export type QueryAnswer =
  | { readonly kind: 'success'; readonly evidence: Evidence }
  | { readonly kind: 'returned'; readonly evidence: Evidence }
  | { readonly kind: 'not-found' }
  | {
      readonly kind: 'ended';
      readonly outBizNo: string | null;
      readonly payeeFault: boolean;
      readonly failure: AlipayFailure;
    }
  | { readonly kind: 'unclear'; readonly why: string; readonly isKnown: boolean };

export type BalanceQuery =
  | { readonly kind: 'found'; readonly availableMinor: Minor; readonly frozenMinor: Minor }
  | NoAnswer;

/** What a test of the credentials told. */
export interface ConnectionTest {
  readonly ok: boolean;
  readonly mode: 'key' | 'certificate';
  readonly code: string;
  readonly subCode: string | null;
  readonly message: string;
}

const QUERY = 'alipay.fund.trans.common.query';
const BALANCE = 'alipay.fund.account.query';

/** Asks Alipay for one merchant. Moves no money. Every answer's signature is checked. */
export class AlipayReader {
  readonly connection: AlipayConnection;

  /** @throws AlipayCredentialError when the credentials cannot work. */
  constructor(credentials: AlipayCredentials | AlipayConnection) {
    this.connection = 'sdk' in credentials ? credentials : connectAlipay(credentials);
  }

  /** What became of the transfer with our number. */
  async queryTransfer(
    outBizNo: string,
    way = { productCode: 'TRANS_ACCOUNT_NO_PWD', bizScene: 'DIRECT_TRANSFER' },
  ): Promise<TransferQuery> {
    const answer = await callAlipay(this.connection, QUERY, {
      out_biz_no: outBizNo,
      product_code: way.productCode,
      biz_scene: way.bizScene,
    });
    const outcome = classify(answer);
    if (outcome.kind === 'accepted') return foundIn(outcome.node);
    if (outcome.kind === 'refused' && outcome.failure.subCode === 'ORDER_NOT_EXIST') {
      return { kind: 'not-found' };
    }
    return outcome;
  }

  /** The same, told as evidence for or against a payment. */
  async askTransfer(outBizNo: string): Promise<QueryAnswer> {
    return answerOf(await this.queryTransfer(outBizNo));
  }

  /** The merchant's balance in fen. */
  async queryBalance(): Promise<BalanceQuery> {
    const outcome = classify(await this.#askBalance());
    if (outcome.kind !== 'accepted') return outcome;
    const availableMinor = amountIn(outcome.node, 'availableAmount');
    if (availableMinor === null) {
      const why = 'the answer names no balance';
      return { kind: 'unknown', why, isListed: true, isConflict: false, failure: null };
    }
    const frozenMinor = amountIn(outcome.node, 'freezeAmount') ?? parseAmount('0', 'CNY');
    return { kind: 'found', availableMinor, frozenMinor };
  }

  /** Whether this form, posted to us, is Alipay's, for this merchant, and what it says. */
  verifyNotification(form: Readonly<Record<string, string>>): Notification {
    return readNotification(this.connection, form);
  }

  /** Signs, asks for the balance and checks the answer's signature. */
  async testConnection(): Promise<ConnectionTest> {
    const { mode } = this.connection;
    const answer = await this.#askBalance();
    const outcome = classify(answer);
    if (outcome.kind === 'accepted') {
      return {
        ok: true,
        mode,
        code: '10000',
        subCode: null,
        message: 'Alipay knows this merchant',
      };
    }
    if (outcome.kind === 'refused') return { ok: false, mode, ...outcome.failure };
    if (outcome.kind === 'unknown' && outcome.failure !== null) {
      return { ok: false, mode, ...outcome.failure };
    }
    const unsigned = outcome.kind === 'unknown' ? await this.#unsignedFailure() : undefined;
    const failure = unsigned ?? { code: '', subCode: null, message: outcome.why };
    return { ok: false, mode, ...failure };
  }

  #askBalance(): Promise<AlipayAnswer> {
    return callAlipay(this.connection, BALANCE, this.#balanceQuestion());
  }

  #balanceQuestion(): Record<string, string> {
    const { pid } = this.connection;
    const accountType = { account_type: 'ACCTRANS_ACCOUNT' };
    return pid === null ? accountType : { alipay_user_id: pid, ...accountType };
  }

  /** Alipay does not sign what it tells an app that it does not know: read for the message only. */
  async #unsignedFailure(): Promise<AlipayFailure | undefined> {
    try {
      const node = await this.connection.sdk.exec(BALANCE, { bizContent: this.#balanceQuestion() });
      const outcome = classify({ kind: 'answered', node });
      return outcome.kind === 'refused' ? outcome.failure : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * Turns what a query found into evidence. FAIL and CLOSED are over; DEALING and WAIT_PAY are not.
 */
export function answerOf(query: TransferQuery): QueryAnswer {
  switch (query.kind) {
    case 'not-found':
      return query;
    case 'refused':
      return { kind: 'unclear', why: query.failure.subCode ?? query.failure.code, isKnown: false };
    case 'unknown':
    case 'not-sent':
      return { kind: 'unclear', why: query.why, isKnown: false };
    case 'found':
      return evidenceIn(query);
  }
}

function evidenceIn(found: FoundTransfer): QueryAnswer {
  const { status, outBizNo, orderId, amountText, errorCode, failReason } = found;
  const amountMinor = amountText === null ? null : amountOrNothing(amountText);
  const evidence = { outBizNo, amountMinor, alipayOrderId: orderId };
  switch (status) {
    case 'SUCCESS':
      return { kind: 'success', evidence };
    case 'REFUND':
      return { kind: 'returned', evidence };
    case 'FAIL':
    case 'CLOSED': {
      const message = failReason ?? `the transfer is ${status}`;
      const failure = { code: status, subCode: errorCode, message };
      return { kind: 'ended', outBizNo, payeeFault: isPayeeFault(errorCode), failure };
    }
    case 'DEALING':
    case 'WAIT_PAY':
      return { kind: 'unclear', why: `the transfer is ${status}`, isKnown: true };
  }
}

function foundIn(node: Readonly<Record<string, unknown>>): TransferQuery {
  const told = textIn(node, 'status');
  const status = TRANSFER_STATUSES.find((known) => known === told);
  if (status === undefined) {
    const why = `a status that nobody knows: ${told ?? 'none'}`;
    return { kind: 'unknown', why, isListed: false, isConflict: false, failure: null };
  }
  return {
    kind: 'found',
    status,
    outBizNo: textIn(node, 'outBizNo'),
    orderId: textIn(node, 'orderId'),
    amountText: textIn(node, 'transAmount'),
    payDate: textIn(node, 'payDate'),
    errorCode: textIn(node, 'errorCode'),
    failReason: textIn(node, 'failReason'),
  };
}

function amountIn(node: Readonly<Record<string, unknown>>, name: string): Minor | null {
  const text = textIn(node, name);
  return text === null ? null : amountOrNothing(text);
}

/** Fen of a yuan text; null when it is none. */
export function amountOrNothing(text: string): Minor | null {
  try {
    return parseAmount(text, 'CNY');
  } catch (error) {
    if (error instanceof AmountError) return null;
    throw error;
  }
}
