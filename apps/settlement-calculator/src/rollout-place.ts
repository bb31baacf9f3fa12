import {
  isInside,
  rolloutNumberOf,
  rolloutNumberText,
  type Rollout,
  type RolloutSubject,
} from '@qingfen/core-settlement';
import { sha256Hex } from '@qingfen/security';

/** A payee's own number, 0 to 99, for ever. */
export function rolloutNumber(shopId: string, payeeId: string): number {
  return rolloutNumberOf(sha256Hex(rolloutNumberText(shopId, payeeId)));
}

export function subjectOf(shopId: string, payeeId: string): RolloutSubject {
  return { payeeId, number: rolloutNumber(shopId, payeeId) };
}

/** Whether runs of a shop state what a payee is owed. */
export function isPayeeInside(rollout: Rollout, shopId: string, payeeId: string): boolean {
  return rollout.mode === 'all' || isInside(rollout, subjectOf(shopId, payeeId));
}
