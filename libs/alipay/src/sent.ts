import type { AlipayFailure, Outcome } from './classify.js';
import type { Waiting } from './error-classes.js';

/** What came of giving a stored request to Alipay, when it did not simply take it. */
export type NotTaken =
  | {
      readonly kind: 'refused';
      readonly class: 'N' | 'S' | 'C' | 'R';
      readonly waitsFor: Waiting;
      readonly payeeFault: boolean;
      readonly failure: AlipayFailure;
    }
  | {
      readonly kind: 'unclear';
      readonly why: string;
      /** Our number is known with other contents. */
      readonly isConflict: boolean;
      /** False for a code that no list has: worth an alert. */
      readonly isListed: boolean;
    }
  | { readonly kind: 'not-sent'; readonly why: string };

/** The same in words of payouts: only S and C wait; for the others the word is never looked at. */
export function notTaken(outcome: Exclude<Outcome, { kind: 'accepted' }>): NotTaken {
  switch (outcome.kind) {
    case 'refused':
      return { ...outcome, waitsFor: outcome.waitsFor ?? 'credentials' };
    case 'unknown': {
      const { why, isConflict, isListed } = outcome;
      return { kind: 'unclear', why, isConflict, isListed };
    }
    case 'not-sent':
      return outcome;
  }
}
