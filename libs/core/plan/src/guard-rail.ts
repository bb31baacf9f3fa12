import { fraction, isLess, ONE_PPM, type Ppm } from '@qingfen/money';
import { commissionRatioMax } from './commission-ratio.js';
import { percentText } from './decimal-words.js';
import type { Plan } from './plan.js';

/** Something that may be, and that somebody should look at first. */
export interface PlanWarning {
  /** RFC 6901, relative to the plan. */
  readonly pointer: string;
  readonly message: string;
  readonly messageZh: string;
}

/**
 * The guard rail of domain.md 2.5: all commissions of a line together, `fixed` and `min` left out, can come
 * to more than the shop's limit. Such a plan wants a second person. Exact; undefined below and at the limit.
 */
export function payoutRatioWarning(plan: Plan, payoutRatioMaxPpm: Ppm): PlanWarning | undefined {
  if (plan.commission === undefined) return undefined;
  const ratio = commissionRatioMax(plan.platformFee, plan.commission);
  const limit = fraction(payoutRatioMaxPpm, ONE_PPM);
  if (!isLess(limit, ratio)) return undefined;
  const [can, may] = [percentText(ratio), percentText(limit)];
  return {
    pointer: '/commission/levels',
    message: `Commission › levels: all levels together can come to ${can} of a line, above the shop's limit of ${may}; a second person has to approve the plan.`,
    messageZh: `分销佣金 › 各级分成：各级佣金合计最高可达商品行金额的 ${can}，超过店铺上限 ${may}；须由第二人审批。`,
  };
}
