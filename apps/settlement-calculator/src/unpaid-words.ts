import type { PayeeObstacle, WhyUnpaid } from '@qingfen/contracts';
import { formatAmount, minor } from '@qingfen/money';
import { kindWords, said, type Said, type Shown } from './explanation-words.js';
import type { ComingRun } from './next-run.js';
import type { ReasonSum, WaitingEntry } from './why-unpaid.store.js';

type Obstacle = PayeeObstacle['reason'];

/** What words are made with. */
export interface Wording {
  readonly currency: string;
  readonly shown: Shown;
}

/** Why some entries are on no statement, and what will change that. */
export function groupWords(
  sum: ReasonSum,
  firsts: readonly WaitingEntry[],
  { run, currency, shown }: Wording & { readonly run: ComingRun | null },
): Said {
  const amount = `${formatAmount(minor(sum.amount_minor), currency)} ${currency}`;
  const what = `${sum.count} entries, ${amount} together`;
  const whatZh = `${sum.count} 条, 共 ${amount}`;
  const when = run === null ? 'no run is scheduled' : `run ${run.period}`;
  const whenZh = run === null ? '暂无计划批次' : `批次 ${run.period}`;
  switch (sum.reason) {
    case 'next-run':
      return said(
        `Due: ${what}; the next one to take them: ${when}.`,
        `已到期或即将到期: ${whatZh}; 收取批次: ${whenZh}。`,
      );
    case 'not-mature': {
      const from = shown(sum.matures_from);
      const until = shown(sum.matures_until);
      const span = from === until ? `at ${from}` : `from ${from} to ${until}`;
      const spanZh = from === until ? from : `${from} 至 ${until}`;
      return said(
        `Not mature: ${what}, mature ${span}; the first are taken by: ${when}.`,
        `未到期: ${whatZh}, 到期时间 ${spanZh}; 最早的由${whenZh}收取。`,
      );
    }
    case 'window-not-announced':
      return said(
        `Mature, but nobody has announced that the return windows of their orders have ended: ${what}.`,
        `已到期, 但尚未收到其订单退货期结束的通知: ${whatZh}。`,
      );
    case 'held':
      return said(`Held: ${what}; holds tell by what.`, `已暂缓: ${whatZh}; 原因见 holds。`);
    case 'owed-back': {
      const causes = [...new Set(firsts.map(causeText))];
      const list = causes.slice(0, 5).join(', ');
      const more = causes.length > 5 ? ' …' : '';
      return said(
        `Owed back, taken off by the next statement: ${what} (${list}${more}).`,
        `应追回, 从下次结算中扣除: ${whatZh} (${list}${more})。`,
      );
    }
    case 'team-with-two-leaders':
      return said(
        `Rewards of the team wait until it has just one leader: ${what}.`,
        `团队有多名团长, 奖励暂缓至仅有一名: ${whatZh}。`,
      );
    default: {
      const never: never = sum.reason;
      return never;
    }
  }
}

function causeText({ cause, cause_id: causeId, order_id: orderId }: WaitingEntry): string {
  const of = orderId === '' ? '' : ` of order ${orderId}`;
  return `${cause} ${causeId ?? ''}${of}`.trim();
}

/** What keeps a payee from being stated, and what ends it. */
export function obstacleWords(
  reason: Obstacle,
  of: Wording & {
    readonly nextMinor: bigint;
    /** What of it would be withheld. */
    readonly nextTaxMinor: bigint;
    readonly run: ComingRun | null;
    readonly missing: readonly string[];
  },
): Said {
  const { currency, nextMinor, nextTaxMinor, run, missing } = of;
  const text = (units: bigint): string => `${formatAmount(minor(units), currency)} ${currency}`;
  switch (reason) {
    case 'no-run':
      return said('No run of this kind is scheduled.', '此类款项暂无计划批次。');
    case 'outside-rollout':
      return said(
        'The rollout leaves the payee outside: runs only show what they would state.',
        '该收款方不在当前付款范围 (灰度) 内, 批次仅试算。',
      );
    case 'no-account':
      return said('The payee has no Alipay account.', '收款方没有支付宝账号。');
    case 'runs-held':
      return said(
        'The runs of this kind are held; runHolds tells by whom and why.',
        '此类款项的批次已暂缓, 原因见 runHolds。',
      );
    case 'payee-held':
      return said('The payee is held; holds tell by what.', '收款方已暂缓, 原因见 holds。');
    case 'task-missing':
      return said(
        `The payee has not done what the plan asks: ${missing.join(', ')}.`,
        `收款方未完成规则要求的任务: ${missing.join(', ')}。`,
      );
    case 'owes-back':
      return said(
        `What is owed back exceeds what is due: ${text(nextMinor)} would be left.`,
        `应追回的金额超过到期金额: 余额为 ${text(nextMinor)}。`,
      );
    case 'below-minimum': {
      const least = run?.minPayoutMinor ?? 0n;
      const lacking = least - (nextMinor - nextTaxMinor);
      const tax = taxWords(nextTaxMinor, currency);
      return said(
        `${text(nextMinor)}${tax.message} is ${text(lacking)} below the minimum of ${text(least)}; it is carried.`,
        `${text(nextMinor)}${tax.messageZh} 比最低付款额 ${text(least)} 少 ${text(lacking)}, 顺延。`,
      );
    }
    default: {
      const never: never = reason;
      return never;
    }
  }
}

/** What is withheld of an amount that was named; nothing where nothing is. */
function taxWords(taxMinor: bigint, currency: string): Said {
  if (taxMinor === 0n) return said('', '');
  const tax = `${formatAmount(minor(taxMinor), currency)} ${currency}`;
  return said(`, less ${tax} of tax,`, ` (代扣税 ${tax})`);
}

/** The answer in one sentence. */
export function verdictWords(
  of: Pick<WhyUnpaid['kinds'][number], 'kind' | 'willBePaid' | 'obstacles' | 'payouts'> & {
    readonly nextMinor: bigint;
    readonly nextTaxMinor: bigint;
    readonly run: ComingRun | null;
    readonly hasUnstated: boolean;
    readonly wording: Wording;
  },
): Said {
  const { kind, willBePaid, obstacles, payouts, nextMinor, run, hasUnstated, wording } = of;
  const tax = taxWords(of.nextTaxMinor, wording.currency);
  const name = kindWords(kind);
  const amount = `${formatAmount(minor(nextMinor), wording.currency)} ${wording.currency}`;
  const under = payouts.length === 0 ? '' : ` ${payouts.length} payouts are under way.`;
  const underZh = payouts.length === 0 ? '' : `另有 ${payouts.length} 笔付款在途。`;
  if (willBePaid && run !== null) {
    const at = wording.shown(run.dueAt);
    return said(
      `The next run states ${amount} of ${name.message}${tax.message} at ${at}.${under}`,
      `下一批次将于 ${at} 结算${name.messageZh} ${amount}${tax.messageZh}。${underZh}`,
    );
  }
  if (!hasUnstated) {
    return said(
      `Nothing of ${name.message} is owed and unstated.${under}`,
      `没有未结算的${name.messageZh}。${underZh}`,
    );
  }
  const [first] = obstacles;
  return said(
    `The next run states nothing of ${name.message}: ${first?.message ?? 'nothing of it is due.'}${under}`,
    `下一批次不会结算${name.messageZh}: ${first?.messageZh ?? '没有到期的款项。'}${underZh}`,
  );
}
