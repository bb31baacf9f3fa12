import { invariant } from '@qingfen/money';

/** Which payees of a kind are really paid (domain.md 6). */
export type Rollout =
  | { readonly mode: 'off' }
  /** Runs take place and state nothing: what they would have stated is a trial statement. */
  | { readonly mode: 'dry-run' }
  | { readonly mode: 'pilot'; readonly payees: readonly string[] }
  /** Payees whose {@link rolloutNumberOf} is below it. */
  | { readonly mode: 'percentage'; readonly percentage: number }
  | { readonly mode: 'all' };

/** What a payee's number is the hash of: the same in every kind, another one in every shop. */
export function rolloutNumberText(shopId: string, payeeId: string): string {
  return `rollout|${shopId}|${payeeId}`;
}

/** A payee's own number, 0 to 99, for ever: the first 32 bits of the hash, modulo 100. */
export function rolloutNumberOf(sha256Hex: string): number {
  invariant(/^[0-9a-f]{64}$/.test(sha256Hex), 'a SHA-256 has 64 hex digits');
  return Number.parseInt(sha256Hex.slice(0, 8), 16) % 100;
}

/** A payee as the rollout sees it. */
export interface RolloutSubject {
  readonly payeeId: string;
  readonly number: number;
}

/** Whether runs state what the payee is owed. */
export function isInside(rollout: Rollout, { payeeId, number }: RolloutSubject): boolean {
  switch (rollout.mode) {
    case 'off':
    case 'dry-run':
      return false;
    case 'pilot':
      return rollout.payees.includes(payeeId);
    case 'percentage':
      return number < rollout.percentage;
    case 'all':
      return true;
    default: {
      const never: never = rollout;
      return never;
    }
  }
}

/** Whether a payee that was not paid is, once the rollout is another. */
export function comesInside(before: Rollout, after: Rollout, subject: RolloutSubject): boolean {
  return isInside(after, subject) && !isInside(before, subject);
}

/** Whether a change brings anybody inside that one can name. */
export function bringsInside(before: Rollout, after: Rollout): boolean {
  if (before.mode === 'all' || after.mode === 'off' || after.mode === 'dry-run') return false;
  if (before.mode === 'percentage' && after.mode === 'percentage') {
    return after.percentage > before.percentage;
  }
  if (after.mode === 'pilot') {
    const isKnown = (payeeId: string): boolean =>
      before.mode === 'pilot' && before.payees.includes(payeeId);
    return after.payees.some((payeeId) => !isKnown(payeeId));
  }
  return true;
}
