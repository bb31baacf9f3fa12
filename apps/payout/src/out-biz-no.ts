import { sha256Hex } from '@qingfen/security';
import type { PayoutKey } from './payout.store.js';

/**
 * The number under which Alipay hears of a payout: `QF` and 30 hex digits of SHA-256, 32 letters
 * and digits, different for every shop even if shops share a merchant. Derived, so that no restart,
 * replay or restore can ever make a second one.
 */
export function outBizNoOf({ shopId, payoutId }: PayoutKey): string {
  return `QF${sha256Hex(`${shopId}|${payoutId}`).slice(0, 30)}`;
}
