import { createHash } from 'node:crypto';

/**
 * The number under which Alipay hears of a payout: `QF` and 30 hex digits of SHA-256, 32 letters
 * and digits, different for every shop even if shops share a merchant. Derived, so that no restart,
 * replay or restore can ever make a second one.
 */
export function outBizNoOf(shopId: string, payoutId: string): string {
  const digest = createHash('sha256').update(`${shopId}|${payoutId}`, 'utf8').digest('hex');
  return `QF${digest.slice(0, 30)}`;
}
