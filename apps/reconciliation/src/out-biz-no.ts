import { sha256Hex } from '@qingfen/security';

/**
 * The number under which Alipay hears of a payout, computed from the law (domain.md 7) and not asked of
 * payout: what payout sent is just what is compared here.
 */
export function outBizNoOf(shopId: string, payoutId: string): string {
  return `QF${sha256Hex(`${shopId}|${payoutId}`).slice(0, 30)}`;
}
