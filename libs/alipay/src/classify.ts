import type { AlipayAnswer } from './connection.js';
import { errorRule } from './error-classes.js';
import type { ErrorRule, Waiting } from './error-classes.js';

/** Alipay's own words. */
export interface AlipayFailure {
  readonly code: string;
  readonly subCode: string | null;
  readonly message: string;
}

/** What an answer means for the request. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly node: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'refused';
      readonly class: 'N' | 'S' | 'C' | 'R';
      readonly waitsFor: Waiting | null;
      readonly payeeFault: boolean;
      readonly failure: AlipayFailure;
    }
  | {
      readonly kind: 'unknown';
      readonly why: string;
      /** False for a code that no list has: worth an alert. */
      readonly isListed: boolean;
      /** Our number is known with other contents. */
      readonly isConflict: boolean;
      readonly failure: AlipayFailure | null;
    }
  | { readonly kind: 'not-sent'; readonly why: string };

/** The table that an API's refusals are looked up in. */
export type RuleOf = (code: string, subCode: string | null) => ErrorRule | undefined;

/**
 * Judges an answer by code and sub-code alone, never by its text (alipay.md 3.5). `ruleOf` is the
 * table of the API that was called: transfers' and batches' where it is left out.
 */
export function classify(answer: AlipayAnswer, ruleOf: RuleOf = errorRule): Outcome {
  if (answer.kind === 'not-sent') return answer;
  if (answer.kind === 'unknown') {
    return { ...answer, isListed: true, isConflict: false, failure: null };
  }
  const { node } = answer;
  const code = textIn(node, 'code') ?? '';
  if (code === '10000') return { kind: 'accepted', node };
  const subCode = textIn(node, 'subCode');
  const message = (textIn(node, 'subMsg') ?? textIn(node, 'msg') ?? '').slice(0, 500);
  const failure = { code, subCode, message };
  const rule = ruleOf(code, subCode);
  if (rule === undefined || rule.class === 'Q') {
    return {
      kind: 'unknown',
      why: `Alipay answered ${subCode ?? code}`,
      isListed: rule !== undefined,
      isConflict: rule?.isConflict ?? false,
      failure,
    };
  }
  const { waitsFor, payeeFault } = rule;
  return { kind: 'refused', class: rule.class, waitsFor, payeeFault, failure };
}

/** A non-empty text of an answer's node, else null. */
export function textIn(node: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = node[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
