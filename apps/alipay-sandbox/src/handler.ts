import type { CheckedCall } from './checks.js';
import type { BillFlaw } from './faults.js';
import type { Node } from './protocol.js';
import type { BookRecord, Fate } from './records.js';
import type { SandboxState } from './state.js';

/** What a call comes to: the answer, what changes, and whether money moved. */
export interface Result {
  readonly node: Node;
  readonly executed: boolean;
  readonly records: readonly BookRecord[];
}

/** When and how a call is decided. */
export interface Circumstances {
  /** Business time, milliseconds. */
  readonly at: number;
  /** What becomes of a transfer accepted by this call; null: it is done at once. */
  readonly fate: Fate | null;
  /** What is wrong with the bill that this call gives the address of. */
  readonly billFlaw: BillFlaw | null;
  /** Where the caller found this Alipay, like `http://127.0.0.1:8090`. */
  readonly origin: string;
}

/** What one method does with a call that passed the gateway's checks. */
export interface Handler {
  /** What must not be worked on by two calls at once; null for a call that changes nothing. */
  lockOf?(call: CheckedCall): string | null;
  /** The payees that a call is about. */
  identitiesIn?(state: SandboxState, call: CheckedCall): readonly string[];
  /** Changes nothing: the records do, once applied. */
  decide(state: SandboxState, call: CheckedCall, circumstances: Circumstances): Result;
}

/** An answer that changes nothing. */
export function answerOnly(node: Node): Result {
  return { node, executed: false, records: [] };
}
