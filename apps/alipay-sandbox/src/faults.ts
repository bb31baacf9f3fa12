import { createHash } from 'node:crypto';

import { METHODS } from './method-names.js';
import type { Node, Signing } from './protocol.js';
import type { FaultRecord, Fate } from './records.js';
import { refusal } from './refusals.js';
import type { Fault } from './settings.js';
import type { SandboxState } from './state.js';

/** What may be wrong with a bill's file. */
export const BILL_FLAWS = [
  'bill-empty',
  'bill-truncated',
  'bill-missing-rows',
  'bill-duplicated-rows',
  'bill-wrong-encoding',
] as const;
export type BillFlaw = (typeof BILL_FLAWS)[number];

export const FAULT_KINDS = [
  'timeout-before',
  'timeout-after',
  'system-error',
  'processing',
  'drop-connection',
  'slow',
  'bad-signature',
  'missing-signature',
  'truncated',
  'http-502',
  'rate-limited',
  'sub-code',
  'returned',
  'query-not-found-first',
  'bill-missing',
  'bill-late',
  ...BILL_FLAWS,
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How long an answer that never comes keeps its connection, unless `delayMs` says otherwise. */
const HANG_MS = 60_000;
const SLOW_MS = 1_000;

/** What a fault does to the call that it hits. */
export interface FaultPlan {
  /** Real time before anything is looked at; the number counts as in process meanwhile. */
  readonly delayMs: number;
  readonly executes: boolean;
  /** What becomes of a transfer accepted by this call. */
  readonly fate: Fate | null;
  /** What is wrong with the bill that this call gives the address of. */
  readonly billFlaw: BillFlaw | null;
  /** Said instead of the result of the call. */
  readonly node: Node | null;
  readonly outgoing: 'answer' | 'hang' | 'reset' | 'truncated' | 'http-502';
  readonly hangMs: number;
  readonly signing: Signing;
}

const NOTHING_WRONG: FaultPlan = {
  delayMs: 0,
  executes: true,
  fate: null,
  billFlaw: null,
  node: null,
  outgoing: 'answer',
  hangMs: HANG_MS,
  signing: 'right',
};

/** Turns a fault into what happens; without one all is as it should be. */
export function planOf(fault: FaultRecord | undefined): FaultPlan {
  if (fault === undefined) return NOTHING_WRONG;
  if (isBillFlaw(fault.fault)) return { ...NOTHING_WRONG, billFlaw: fault.fault };
  return planOfCall(fault);
}

function planOfCall(fault: FaultRecord): FaultPlan {
  const unlessFails = { ...NOTHING_WRONG, executes: fault.then !== 'fails' };
  const ifSucceeds = { ...NOTHING_WRONG, executes: fault.then === 'succeeds' };
  const hangMs = fault.delayMs ?? HANG_MS;
  const refused = (subCode: string): FaultPlan => ({
    ...NOTHING_WRONG,
    executes: false,
    node: refusal(subCode),
  });
  const plans: Record<Exclude<FaultKind, BillFlaw>, () => FaultPlan> = {
    'timeout-before': () => ({ ...NOTHING_WRONG, executes: false, outgoing: 'hang', hangMs }),
    'timeout-after': () => ({ ...NOTHING_WRONG, outgoing: 'hang', hangMs }),
    'system-error': () => ({ ...ifSucceeds, node: refusal(fault.subCode ?? systemError(fault)) }),
    processing: () => ({ ...NOTHING_WRONG, fate: fateOf(fault) }),
    'drop-connection': () => ({ ...unlessFails, outgoing: 'reset' }),
    slow: () => ({ ...NOTHING_WRONG, delayMs: fault.delayMs ?? SLOW_MS }),
    'bad-signature': () => ({ ...unlessFails, signing: 'wrong' }),
    'missing-signature': () => ({ ...unlessFails, signing: 'missing' }),
    truncated: () => ({ ...unlessFails, outgoing: 'truncated' }),
    'http-502': () => ({ ...ifSucceeds, outgoing: 'http-502' }),
    'rate-limited': () => refused(fault.subCode ?? 'isv.app-call-limited'),
    'sub-code': () => refused(fault.subCode ?? 'SYSTEM_ERROR'),
    returned: () => ({ ...NOTHING_WRONG, fate: fateOf(fault) }),
    'query-not-found-first': () => refused('ORDER_NOT_EXIST'),
    'bill-missing': () => refused('BILL_NOT_EXIST'),
    'bill-late': () => refused('BILL_NOT_EXIST'),
  };
  const { fault: kind } = fault;
  return isFaultKind(kind) && !isBillFlaw(kind) ? plans[kind]() : NOTHING_WRONG;
}

/** What becomes of a transfer that is hit by `processing` or `returned`; null for other faults. */
export function fateOf(fault: FaultRecord): Fate | null {
  const { afterQueries } = fault;
  if (fault.fault === 'returned') return { becomes: 'REFUND', afterQueries: afterQueries ?? 0 };
  if (fault.fault !== 'processing') return null;
  const becomes = fault.then === 'fails' ? 'FAIL' : 'SUCCESS';
  const subCode = fault.subCode === null ? {} : { subCode: fault.subCode };
  return { becomes, afterQueries: afterQueries ?? 1, ...subCode };
}

/** Trades have error codes with a beginning of their own. */
function systemError(fault: FaultRecord): string {
  return fault.api.startsWith('alipay.trade.') && !fault.api.includes('.royalty.')
    ? 'ACQ.SYSTEM_ERROR'
    : 'SYSTEM_ERROR';
}

const CALLS_THAT_SUCCEED: readonly string[] = [
  'drop-connection',
  'bad-signature',
  'missing-signature',
  'truncated',
  'http-502',
];
/** The kinds for which a wish means something. */
const MEANT_FOR = {
  then: ['system-error', 'processing', ...CALLS_THAT_SUCCEED],
  afterQueries: ['processing', 'returned', 'query-not-found-first', 'bill-late'],
  delayMs: ['timeout-before', 'timeout-after', 'slow'],
  subCode: ['sub-code', 'system-error', 'rate-limited', 'processing'],
} as const satisfies Record<string, readonly string[]>;
/** What can happen to a part of a call, where that is not everything. */
const PART_KINDS: Readonly<Record<string, readonly string[]>> = {
  'batch-detail': ['sub-code', 'processing', 'returned'],
  'royalty-detail': ['sub-code', 'processing'],
  'bill-file': ['timeout-before', 'drop-connection', 'slow', 'truncated', 'http-502'],
};

/**
 * A fault's own wishes that make no sense for its kind, as a sentence; undefined when all is well.
 */
export function contradiction(fault: FaultRecord): string | undefined {
  const { fault: kind, api } = fault;
  for (const field of ['then', 'afterQueries', 'delayMs', 'subCode'] as const) {
    const kinds: readonly string[] = MEANT_FOR[field];
    if (fault[field] !== null && !kinds.includes(kind)) {
      return `${field} means nothing to ${kind}; it is for ${kinds.join(', ')}`;
    }
  }
  const ofPart = PART_KINDS[api];
  if (ofPart !== undefined && !ofPart.includes(kind)) {
    return `${kind} cannot happen to a ${api}; it may be ${ofPart.join(', ')}`;
  }
  if (kind === 'returned' && api.startsWith('alipay.trade.')) {
    return 'returned is for transfers and details of batches; a split returns with a refund';
  }
  if (kind.startsWith('bill-') && api !== METHODS.bill.method) return `${kind} is for api bill`;
  return kind === 'sub-code' && fault.subCode === null ? 'sub-code needs subCode' : undefined;
}

/** The API that a fault is for when none is named. */
export function defaultApi(kind: FaultKind): string {
  if (kind.startsWith('bill-')) return METHODS.bill.method;
  return kind === 'query-not-found-first' ? METHODS.query.method : METHODS.transfer.method;
}

/** How often a fault hits when nobody says: a late bill as often as it is asked for too early. */
export function defaultTimes(
  kind: FaultKind,
  wish: { rate?: number | undefined; afterQueries?: number | undefined },
): number | null {
  if (countsQueries(kind)) return wish.afterQueries ?? 1;
  return kind === 'bill-missing' || wish.rate !== undefined ? null : 1;
}

/** Kinds whose `afterQueries` is how often they hit, not what happens after them. */
export function countsQueries(kind: FaultKind): boolean {
  return kind === 'query-not-found-first' || kind === 'bill-late';
}

export interface FaultSubject {
  readonly appId: string;
  readonly method: string;
  readonly outBizNo: string | null;
  /** The payees that it is about. */
  readonly identities: readonly string[];
}

/** The first fault, oldest first, that has hits left and is meant for this call. */
export function faultFor(state: SandboxState, subject: FaultSubject): Fault | undefined {
  return state.settings.faults.find(
    ({ record, left }) => (left === null || left > 0) && isMeant(state, record, subject),
  );
}

/** Whether a fault is meant for this call, and its rate hits it. */
export function isMeant(state: SandboxState, fault: FaultRecord, subject: FaultSubject): boolean {
  const isPart = subject.method in PART_KINDS;
  if (fault.api !== subject.method && (fault.api !== '*' || isPart)) return false;
  const { outBizNo, identity, appId } = fault.match;
  if (outBizNo !== undefined && outBizNo !== subject.outBizNo) return false;
  if (identity !== undefined && !subject.identities.includes(identity)) return false;
  if (appId !== undefined && appId !== subject.appId) return false;
  return fault.rate === null || chance(state, fault, subject) < fault.rate;
}

/**
 * A number in [0, 1) that depends on the seed, the fault and the how-manieth call of this number it
 * is, not on the order in which different numbers arrive: a seed gives the same faults again.
 */
function chance(state: SandboxState, fault: FaultRecord, subject: FaultSubject): number {
  const earlier =
    subject.outBizNo === null
      ? state.requests.all.length
      : state.requests.of(subject.outBizNo).length;
  const { appId, method, outBizNo, identities } = subject;
  // The legs of a split share its number: who is paid tells them apart.
  const part = method in PART_KINDS ? identities : [];
  const words = [fault.seed, fault.fault, appId, method, outBizNo, earlier, ...part];
  return createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE(0) / 2 ** 32;
}

function isFaultKind(text: string): text is FaultKind {
  return (FAULT_KINDS as readonly string[]).includes(text);
}

function isBillFlaw(text: string): text is BillFlaw {
  return (BILL_FLAWS as readonly string[]).includes(text);
}
