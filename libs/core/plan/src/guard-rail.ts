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

const pointer = '/commission/levels';

/**
 * The guard rail of domain.md 2.5: all commissions of a line together, `fixed` and `min` left out, can come
 * to more than the shop's limit. Such a plan wants a second person. Exact; undefined below and at the limit.
 * Where nobody can say what the limit is (null), commissions of any amount want one.
 */
export function payoutRatioWarning(
  plan: Plan,
  payoutRatioMaxPpm: Ppm | null,
): PlanWarning | undefined {
  if (plan.commission === undefined) return undefined;
  if (payoutRatioMaxPpm === null) return unknownLimit;
  const ratio = commissionRatioMax(plan.platformFee, plan.commission);
  const limit = fraction(payoutRatioMaxPpm, ONE_PPM);
  if (!isLess(limit, ratio)) return undefined;
  const [can, may] = [percentText(ratio), percentText(limit)];
  return {
    pointer,
    message: `Commission › levels: all levels together can come to ${can} of a line, above the shop's limit of ${may}; a second person has to approve the plan.`,
    messageZh: `分销佣金 › 各级分成：各级佣金合计最高可达商品行金额的 ${can}，超过店铺上限 ${may}；须由第二人审批。`,
  };
}

const unknownLimit: PlanWarning = {
  pointer,
  message:
    "Commission › levels: the shop's limit on commissions could not be read; a second person has to approve the plan.",
  messageZh: '分销佣金 › 各级分成：暂时无法读取店铺的佣金比例上限；须由第二人审批。',
};
