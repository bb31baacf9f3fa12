import { placeWords } from './place-words.js';

/** Why a plan is refused. */
export type ProblemCode =
  | 'wrong-type'
  | 'required'
  | 'unknown-key'
  | 'bad-decimal'
  | 'bad-rate'
  | 'rate-above-one'
  | 'bad-value'
  | 'bad-currency'
  | 'bad-cycle'
  | 'bad-tiers'
  | 'min-above-max'
  | 'min-payout-too-low'
  | 'too-many-levels'
  | 'no-part'
  | 'exceeds-base'
  | 'not-yet-supported';

/** One reason to refuse a plan, where it stands and in words for a finance person. */
export interface PlanProblem {
  /** RFC 6901, relative to the plan: `/commission/levels/0/rate`; empty for the plan as a whole. */
  readonly pointer: string;
  readonly code: ProblemCode;
  /** A sentence that begins with the place in words: `Commission › level 1 › rate: …`. */
  readonly message: string;
  readonly messageZh: string;
}

/** Collects what is wrong while a plan is read, so that all of it is said at once. */
export interface Problems {
  /** Adds one; the sentences, in English and in Chinese, need not say where it stands. */
  add(pointer: string, code: ProblemCode, message: string, messageZh: string): void;
  readonly found: readonly PlanProblem[];
}

/** A plan with more mistakes than this is cut off: nobody reads more, and an answer has a limit. */
const PROBLEMS_MAX = 100;

export function collectProblems(): Problems {
  const found: PlanProblem[] = [];
  return {
    found,
    add(pointer, code, message, messageZh) {
      if (found.length >= PROBLEMS_MAX) return;
      const { en, zh } = placeWords(pointer);
      found.push({
        pointer,
        code,
        message: capitalised(en === '' ? message : `${en}: ${message}`),
        messageZh: zh === '' ? messageZh : `${zh}：${messageZh}`,
      });
    },
  };
}

/** A sentence, or the place that it begins with, with a capital letter. */
export function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** A key as it stands in a JSON pointer (RFC 6901). */
export function pointerKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Foreign text as it may stand in a sentence: cut, and on one line. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  const flat = text.replace(/\s+/g, ' ');
  return flat.length > 40 ? `“${flat.slice(0, 40)}…”` : `“${flat}”`;
}
