import type { ExplainedLine, Kind } from '@qingfen/contracts';
import { formatInstant } from '@qingfen/calendar';
import type { LevelPresence, OrderCondition } from '@qingfen/core-settlement';
import { formatAmount } from '@qingfen/money';
import type { Difference } from './order-verdict.js';

/** One sentence, in English and in Chinese. */
export interface Said {
  readonly message: string;
  readonly messageZh: string;
}

export function said(message: string, messageZh: string): Said {
  return { message, messageZh };
}

/** Writes an instant as the shop's people read it. */
export type Shown = (at: Date) => string;

export function shownIn(timezone: string): Shown {
  return (at) => formatInstant(at, timezone);
}

const kinds: Readonly<Record<Kind | 'platform-fee', Said>> = {
  commission: said('commission', '分销佣金'),
  supplier: said('supplier money', '供应商货款'),
  'team-reward': said('team reward', '团队奖励金'),
  'platform-fee': said('platform fee', '平台服务费'),
};

export function kindWords(kind: Kind | 'platform-fee'): Said {
  return kinds[kind];
}

/** What an entry is, and why it is there. */
export function entryWords(entry: {
  readonly kind: Kind | 'platform-fee';
  readonly level: number | null;
  readonly cause: string;
  readonly causeId: string | null;
  readonly orderId: string;
  readonly itemId: string | null;
  readonly corrects: bigint | null;
}): Said {
  const { kind, level, cause, causeId, orderId, itemId, corrects } = entry;
  const name = kinds[kind];
  const at = level === null ? '' : ` of level ${level}`;
  const atZh = level === null ? '' : `第 ${level} 级`;
  const what = `The ${name.message}${at} for line ${itemId} of order ${orderId}`;
  const whatZh = `订单 ${orderId} 第 ${itemId} 行的${atZh}${name.messageZh}`;
  const corrected = `it is on a statement, so en_${corrects} is corrected by an entry of its own.`;
  const correctedZh = `原条目 en_${corrects} 已结算, 故单独记一笔更正。`;
  switch (cause) {
    case 'order':
      return said(`${what}.`, `${whatZh}。`);
    case 'refund':
      return said(
        `${what} after refund ${causeId}; ${corrected}`,
        `退款 ${causeId} 后${whatZh}的更正: ${correctedZh}`,
      );
    case 'refund-reversal':
      return said(
        `${what} after refund ${causeId} was reversed; ${corrected}`,
        `退款 ${causeId} 撤销后${whatZh}的更正: ${correctedZh}`,
      );
    case 'rebinding':
      return said(
        `${what} after the order was bound to another ${causeId}; ${corrected}`,
        `订单改按规则版本 (${causeId}) 结算后${whatZh}的更正: ${correctedZh}`,
      );
    default:
      return noLineWords(cause, causeId, name);
  }
}

/** What an entry is that concerns no line of an order. */
function noLineWords(cause: string, causeId: string | null, name: Said): Said {
  switch (cause) {
    case 'give-back':
      return said(
        `Payout ${causeId} was not paid, so its amount is owed again (${name.message}).`,
        `付款 ${causeId} 未成功, 其金额重新计入待结算 (${name.messageZh})。`,
      );
    case 'split-return':
      return said(
        `A refund took this part of split ${causeId} back from the payee, so it is no debt (${name.message}).`,
        `退款时已从收款方退回分账 ${causeId} 的这部分, 不再计为欠款 (${name.messageZh})。`,
      );
    case 'team-reward':
      return said(
        `The team's reward of run ${causeId}, out of the platform's own revenue.`,
        `结算批次 ${causeId} 的团队奖励, 由平台收入支付。`,
      );
    case 'adjustment':
      return said(`Booked by hand: adjustment ${causeId}.`, `人工调账 ${causeId}。`);
    case 'opening':
      return said(
        `What was owed before Qingfen took over: ${causeId}.`,
        `系统上线前的期初余额: ${causeId}。`,
      );
    case 'recovery':
      return said(
        `The debt is demanded apart (${causeId}), so runs no longer deduct it.`,
        `欠款已单独追回 (${causeId}), 不再从结算中扣除。`,
      );
    case 'recovery-withdrawn':
      return said(
        `The demand ${causeId} was withdrawn, so runs deduct the debt again.`,
        `追回 ${causeId} 已撤回, 欠款重新从结算中扣除。`,
      );
    default:
      throw new Error(`an entry caused by ${cause} has no words`);
  }
}

/** Why a version binds an order. */
export function bindingWords(of: {
  readonly version: number;
  readonly paidAt: Date;
  readonly effectiveFrom: Date;
  readonly boundBy: string | null;
  readonly fitting: number | null;
  readonly shown: Shown;
}): Said {
  const { version, paidAt, effectiveFrom, boundBy, fitting, shown } = of;
  if (boundBy !== null) {
    return said(
      `Bound to version ${version} by ${boundBy}: no version was in force when it was paid.`,
      `支付时尚无生效的规则, 由 ${boundBy} 绑定到版本 ${version}。`,
    );
  }
  const paid = shown(paidAt);
  const from = shown(effectiveFrom);
  if (fitting !== version) {
    const other = fitting === null ? 'none' : `version ${fitting}`;
    const otherZh = fitting === null ? '无版本' : `版本 ${fitting}`;
    return said(
      `Version ${version} binds it; by the dates known now ${other} fits, so it is about to be bound anew.`,
      `目前绑定版本 ${version}; 按现有日期应为${otherZh}, 即将重新绑定。`,
    );
  }
  return said(
    `Paid at ${paid}: version ${version}, effective from ${from}, is the latest in force then.`,
    `支付于 ${paid}: 当时生效的最新版本为 ${version} (自 ${from} 起生效)。`,
  );
}

export function levelWords(
  {
    level,
    payeeId,
    why,
  }: Pick<LevelPresence, 'level' | 'payeeId'> & {
    readonly why: ExplainedLine['levels'][number]['why'];
  },
  buyerPayeeId: string | undefined,
): Said {
  switch (why) {
    case 'present':
      return said(`Level ${level} is ${payeeId}.`, `第 ${level} 级为 ${payeeId}。`);
    case 'no-distributor':
      return said(
        `Level ${level} has no distributor; it takes nothing from the others.`,
        `第 ${level} 级没有分销商, 不影响其他级别。`,
      );
    case 'buyer-skipped':
      return said(
        `Level ${level} is the buyer ${buyerPayeeId}, whom the plan skips.`,
        `第 ${level} 级即买家 ${buyerPayeeId}, 按规则跳过。`,
      );
    case 'order-amount':
      return said(
        `The order is below the amount from which commissions are owed.`,
        `订单金额低于佣金结算条件。`,
      );
    case 'not-in-plan':
      return said(`The plan has no share for level ${level}.`, `规则没有第 ${level} 级的份额。`);
    case 'shipping':
      return said(`Shipping has no commissions.`, `运费不计佣金。`);
    default: {
      const never: never = why;
      return never;
    }
  }
}

export function conditionWords(condition: OrderCondition, currency: string): Said {
  const least = formatAmount(condition.atLeastMinor, currency);
  const paid = formatAmount(condition.orderPaidMinor, currency);
  const { message, messageZh } = kinds[condition.for];
  return condition.isMet
    ? said(
        `${paid} was paid for the order, at least the ${least} that a ${message} asks for.`,
        `订单实付 ${paid}, 达到${messageZh}所要求的 ${least}。`,
      )
    : said(
        `${paid} was paid for the order, less than the ${least} that a ${message} asks for.`,
        `订单实付 ${paid}, 低于${messageZh}所要求的 ${least}。`,
      );
}

/** A difference between the books and the facts. */
export function differenceWords({ subject, about, what, expected, booked }: Difference): Said {
  const thing = `${subject.type} ${subject.id}: ${about} (${what})`;
  return said(
    `${thing} should be ${expected ?? 'nothing'}, but ${booked ?? 'nothing'} is booked.`,
    `${thing} 应为 ${expected ?? '无'}, 账上为 ${booked ?? '无'}。`,
  );
}
