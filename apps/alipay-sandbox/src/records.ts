import type { BatchBookRecord } from './batch-records.js';
import type { TradeBookRecord } from './trade-records.js';

/** Key material of one party. PEM throughout: private keys PKCS#1, public keys SPKI. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The two certification authorities that the sandbox signs certificates with. */
export interface Authorities {
  readonly app: { readonly certificate: string; readonly privateKey: string };
  readonly alipay: { readonly certificate: string; readonly privateKey: string };
}

/** A merchant's contract: what PUT /_sandbox/merchants/:appId made of it, without the balance. */
export interface MerchantTerms {
  readonly appId: string;
  readonly pid: string;
  readonly mode: 'key' | 'certificate';
  /** Absent when the caller keeps its private key to itself. */
  readonly appPrivateKey?: string;
  readonly appPublicKey: string;
  readonly alipay: KeyPair;
  readonly certificates?: { readonly app: string; readonly alipay: string; readonly root: string };
  readonly notifyUrl: string | null;
  /** Whether a transfer must name its scene and report it. */
  readonly sceneRule: boolean;
  /** The most of a trade that may be split, in percent; null without a contract, absent for 30. */
  readonly royaltyRatio?: number | null;
  /** Whether batches may be paid without anybody's confirmation; absent for no. */
  readonly batchDirect?: boolean;
}

export type TransferStatus = 'SUCCESS' | 'FAIL' | 'DEALING' | 'REFUND';
export type AccountStatus = 'normal' | 'frozen' | 'missing' | 'unverified';
export type MovementType = 'top-up' | 'withdrawal' | 'fee' | 'payment' | 'set';
export type NotificationMode = 'normal' | 'duplicate' | 'never' | 'late' | 'forged';

/** What becomes of a transfer whose first answer is not its last. */
export interface Fate {
  readonly becomes: 'SUCCESS' | 'FAIL' | 'REFUND';
  /** Why it failed; absent for a payee's account that is not in order. */
  readonly subCode?: string;
  /** So many queries still see the first state. */
  readonly afterQueries: number;
}

export interface TransferRecord {
  readonly t: 'transfer';
  /** Absent for a transfer by itself. */
  readonly way?: 'batch' | 'royalty';
  /** The batch, or the split, that it is a part of. */
  readonly partOf?: string;
  /** The trade that a split takes from. */
  readonly tradeNo?: string;
  readonly appId: string;
  readonly productCode: string;
  readonly bizScene: string;
  readonly outBizNo: string;
  readonly identity: string;
  readonly identityType: string;
  readonly name: string | null;
  /** Yuan with two decimals. */
  readonly amount: string;
  readonly status: 'SUCCESS' | 'DEALING';
  readonly orderId: string;
  readonly fundOrderId: string;
  readonly title: string;
  readonly remark: string | null;
  readonly passbackParams: string | null;
  /** Business time, milliseconds. */
  readonly at: number;
  /** SHA-256 over the canonical parameters: a repeat must have the same. */
  readonly digest: string;
  readonly fate: Fate | null;
}

export interface RequestRecord {
  readonly t: 'request';
  /** Business time, milliseconds. */
  readonly at: number;
  /** Real time at which the call came, milliseconds. */
  readonly realAt: number;
  readonly appId: string | null;
  readonly method: string | null;
  readonly outBizNo: string | null;
  readonly verified: boolean;
  readonly answer: { code: string; subCode: string | null; status: string | null } | null;
  readonly fault: string | null;
  /** Whether this very request moved money. */
  readonly executed: boolean;
  /** SHA-256 (hex) of biz_content as it arrived. */
  readonly bizContentSha256: string | null;
}

export interface FaultRecord {
  readonly t: 'fault';
  readonly id: string;
  readonly api: string;
  readonly match: { outBizNo?: string; identity?: string; appId?: string };
  readonly fault: string;
  /** null: without end. */
  readonly times: number | null;
  readonly rate: number | null;
  readonly seed: string;
  readonly then: 'succeeds' | 'fails' | null;
  readonly afterQueries: number | null;
  readonly delayMs: number | null;
  readonly subCode: string | null;
}

export interface Limits {
  /** Yuan texts; null is no limit. */
  readonly single: string | null;
  readonly payerDaily: string | null;
  readonly payeeDaily: string | null;
  /** Calls of one method by one app within a real second. */
  readonly perSecond: number | null;
  /** Splits of trades by one seller within a real second; Alipay's own 30 where absent. */
  readonly settlePerSecond?: number | null;
}

export interface NotificationRecord {
  readonly t: 'notification';
  readonly notifyId: string;
  readonly appId: string;
  /** `msg_method`; absent for a transfer's. */
  readonly method?: string;
  readonly bizContent: string;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly mode: NotificationMode;
}

/** One line of the book. `t` says what happened; amounts are yuan texts, times milliseconds. */
export type BookRecord =
  | { readonly t: 'clock'; readonly now: number }
  | { readonly t: 'authorities'; readonly authorities: Authorities }
  | { readonly t: 'merchant'; readonly terms: MerchantTerms }
  | {
      readonly t: 'merchant-movement';
      readonly appId: string;
      readonly amount: string;
      readonly type: MovementType;
      readonly at: number;
      /** The trade that a payment or fee belongs to. */
      readonly tradeNo?: string;
      readonly memo?: string;
    }
  | {
      readonly t: 'account';
      readonly identity: string;
      readonly name: string | null;
      readonly status: AccountStatus;
      readonly userId: string;
    }
  | {
      readonly t: 'account-balance';
      readonly identity: string;
      readonly balance: string;
      readonly at: number;
    }
  | TransferRecord
  | { readonly t: 'queried'; readonly orderId: string }
  | {
      readonly t: 'status';
      readonly orderId: string;
      readonly status: TransferStatus;
      readonly at: number;
      readonly errorCode: string | null;
      readonly failReason: string | null;
    }
  | RequestRecord
  | FaultRecord
  | { readonly t: 'fault-hit'; readonly id: string }
  | { readonly t: 'faults-cleared' }
  | { readonly t: 'limits'; readonly limits: Limits }
  | { readonly t: 'notification-mode'; readonly mode: NotificationMode }
  | TradeBookRecord
  | BatchBookRecord
  | NotificationRecord
  | {
      readonly t: 'delivery';
      readonly notifyId: string;
      readonly at: number;
      readonly answer: string;
      /** null: not sent again. */
      readonly nextDueAt: number | null;
    };

const KINDS: ReadonlySet<string> = new Set<BookRecord['t']>([
  'clock',
  'authorities',
  'merchant',
  'merchant-movement',
  'account',
  'account-balance',
  'transfer',
  'queried',
  'status',
  'request',
  'fault',
  'fault-hit',
  'faults-cleared',
  'limits',
  'notification-mode',
  'notification',
  'delivery',
  'trade',
  'trade-refund',
  'royalty-returned',
  'settle',
  'royalty-bound',
  'royalty-unbound',
  'batch',
  'batch-paid',
  'batch-closed',
  'batch-detail-failed',
]);

/**
 * Reads a line that this program wrote: `torn` when it is no JSON, undefined for an unknown kind.
 */
export function parseRecord(line: string): BookRecord | 'torn' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'torn';
  }
  if (typeof value !== 'object' || value === null || !('t' in value)) return undefined;
  return typeof value.t === 'string' && KINDS.has(value.t) ? (value as BookRecord) : undefined;
}
