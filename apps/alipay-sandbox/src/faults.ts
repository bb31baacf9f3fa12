import { createHash } from 'node:crypto';

import { BALANCE_QUERY, TRANSFER, TRANSFER_QUERY } from './checks.js';
import type { Node, Signing } from './protocol.js';
import type { FaultRecord, Fate } from './records.js';
import { refusal } from './refusals.js';
import type { Fault, SandboxState } from './state.js';

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
  node: null,
  outgoing: 'answer',
  hangMs: HANG_MS,
  signing: 'right',
};

/** Turns a fault into what happens; without one all is as it should be. */
export function planOf(fault: FaultRecord | undefined): FaultPlan {
  if (fault === undefined) return NOTHING_WRONG;
  const unlessFails = { ...NOTHING_WRONG, executes: fault.then !== 'fails' };
  const ifSucceeds = { ...NOTHING_WRONG, executes: fault.then === 'succeeds' };
  const hangMs = fault.delayMs ?? HANG_MS;
  const refused = (subCode: string): FaultPlan => ({
    ...NOTHING_WRONG,
    executes: false,
    node: refusal(subCode),
  });
  const plans: Record<FaultKind, () => FaultPlan> = {
    'timeout-before': () => ({ ...NOTHING_WRONG, executes: false, outgoing: 'hang', hangMs }),
    'timeout-after': () => ({ ...NOTHING_WRONG, outgoing: 'hang', hangMs }),
    'system-error': () => ({ ...ifSucceeds, node: refusal(fault.subCode ?? 'SYSTEM_ERROR') }),
    processing: () => ({
      ...NOTHING_WRONG,
      fate: {
        becomes: fault.then === 'fails' ? 'FAIL' : 'SUCCESS',
        afterQueries: fault.afterQueries ?? 1,
      },
    }),
    'drop-connection': () => ({ ...unlessFails, outgoing: 'reset' }),
    slow: () => ({ ...NOTHING_WRONG, delayMs: fault.delayMs ?? SLOW_MS }),
    'bad-signature': () => ({ ...unlessFails, signing: 'wrong' }),
    'missing-signature': () => ({ ...unlessFails, signing: 'missing' }),
    truncated: () => ({ ...unlessFails, outgoing: 'truncated' }),
    'http-502': () => ({ ...ifSucceeds, outgoing: 'http-502' }),
    'rate-limited': () => refused(fault.subCode ?? 'isv.app-call-limited'),
    'sub-code': () => refused(fault.subCode ?? 'SYSTEM_ERROR'),
    returned: () => ({
      ...NOTHING_WRONG,
      fate: { becomes: 'REFUND', afterQueries: fault.afterQueries ?? 0 },
    }),
    'query-not-found-first': () => refused('ORDER_NOT_EXIST'),
  };
  return isFaultKind(fault.fault) ? plans[fault.fault]() : NOTHING_WRONG;
}

/**
 * A fault's own wishes that make no sense for its kind, as a sentence; undefined when all is well.
 */
export function contradiction(fault: FaultRecord): string | undefined {
  const kind = fault.fault;
  const takes = (field: 'then' | 'afterQueries' | 'delayMs' | 'subCode'): readonly string[] =>
    ({
      then: [
        'system-error',
        'processing',
        'drop-connection',
        'bad-signature',
        'missing-signature',
        'truncated',
        'http-502',
      ],
      afterQueries: ['processing', 'returned', 'query-not-found-first'],
      delayMs: ['timeout-before', 'timeout-after', 'slow'],
      subCode: ['sub-code', 'system-error', 'rate-limited'],
    })[field];
  for (const field of ['then', 'afterQueries', 'delayMs', 'subCode'] as const) {
    if (fault[field] !== null && !takes(field).includes(kind)) {
      return `${field} means nothing to ${kind}; it is for ${takes(field).join(', ')}`;
    }
  }
  return kind === 'sub-code' && fault.subCode === null ? 'sub-code needs subCode' : undefined;
}

/** The API that a fault is for when none is named. */
export function defaultApi(kind: FaultKind): string {
  return kind === 'query-not-found-first' ? TRANSFER_QUERY : TRANSFER;
}

/** Full method names, their short names and `*` for all; undefined for anything else. */
export function apiNamed(name: string): string | undefined {
  const names: Readonly<Record<string, string>> = {
    '*': '*',
    transfer: TRANSFER,
    query: TRANSFER_QUERY,
    balance: BALANCE_QUERY,
    [TRANSFER]: TRANSFER,
    [TRANSFER_QUERY]: TRANSFER_QUERY,
    [BALANCE_QUERY]: BALANCE_QUERY,
  };
  return names[name];
}

export interface FaultSubject {
  readonly appId: string;
  readonly method: string;
  readonly outBizNo: string | null;
  readonly identity: string | null;
}

/** The first fault, oldest first, that has hits left and is meant for this call. */
export function faultFor(state: SandboxState, subject: FaultSubject): Fault | undefined {
  return state.faults.find(({ record, left }) => {
    if (left !== null && left <= 0) return false;
    if (record.api !== '*' && record.api !== subject.method) return false;
    const { outBizNo, identity, appId } = record.match;
    if (outBizNo !== undefined && outBizNo !== subject.outBizNo) return false;
    if (identity !== undefined && identity !== subject.identity) return false;
    if (appId !== undefined && appId !== subject.appId) return false;
    return record.rate === null || chance(state, record, subject) < record.rate;
  });
}

/**
 * A number in [0, 1) that depends on the seed, the fault and the how-manieth call of this number it
 * is, not on the order in which different numbers arrive: a seed gives the same faults again.
 */
function chance(state: SandboxState, fault: FaultRecord, subject: FaultSubject): number {
  const earlier =
    subject.outBizNo === null ? state.requests.length : state.requestsOf(subject.outBizNo).length;
  const words = [fault.seed, fault.fault, subject.appId, subject.method, subject.outBizNo, earlier];
  return createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE(0) / 2 ** 32;
}

function isFaultKind(text: string): text is FaultKind {
  return (FAULT_KINDS as readonly string[]).includes(text);
}
