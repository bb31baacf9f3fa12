import type { Plan, PlanWarning } from '@qingfen/core-plan';
import { fraction, formatAmount, minor, rounded } from '@qingfen/money';
import {
  differenceOf,
  type CutShare,
  type SimulatedItem,
  type SimulationNotes,
} from './simulation-sheet.js';

/** What else was found out about the orders, besides the amounts. */
export interface SimulationFindings extends SimulationNotes {
  /** Orders of the time that no version binds: nothing is owed for them now. */
  readonly unboundOrders: number;
  /** Orders of the time in another currency: in neither figure. */
  readonly otherCurrencyOrders: number;
  /** Orders of teams that no run has counted yet: in neither figure. */
  readonly waitingTeamOrders: number;
}

/** So many payees who lose are named; the list has all of them. */
const LOSERS_NAMED = 5;

/**
 * What somebody should know before publishing, each with a pointer into the plan where one place of it is the
 * reason, else with an empty one. In the order of how much it matters.
 */
export function simulationWarnings(
  plan: Plan,
  items: readonly SimulatedItem[],
  findings: SimulationFindings,
): readonly PlanWarning[] {
  return [
    ...losersWarning(plan, items),
    ...cutWarning(plan, findings),
    ...feeWarning(findings),
    ...orderWarnings(findings),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Whether a payee would be owed less by more than a tenth of what it is owed now. */
function losesATenth(item: SimulatedItem): boolean {
  return -differenceOf(item) * 10n > item.owedNowMinor;
}

function losersWarning(plan: Plan, items: readonly SimulatedItem[]): PlanWarning[] {
  const losers = items.filter(losesATenth);
  if (losers.length === 0) return [];
  const named = losers.slice(0, LOSERS_NAMED).map((item) => {
    const { payeeId, kind, owedNowMinor } = item;
    const lost = formatAmount(minor(-differenceOf(item)), plan.currency);
    const percent = rounded(fraction(-differenceOf(item) * 100n, owedNowMinor), 'half-up');
    return `${payeeId} (${kind}) −${lost}, −${percent}%`;
  });
  const more = losers.length > LOSERS_NAMED ? ' …' : '';
  return [
    {
      pointer: '',
      message: `${counted(losers.length, 'payee')} would be owed less by more than 10%: ${named.join('; ')}${more}.`,
      messageZh: `${losers.length} 个收款方的应得金额将减少 10% 以上：${named.join('；')}${more}。`,
    },
  ];
}

function cutWarning(plan: Plan, { cutLines, firstCuts }: SimulationFindings): PlanWarning[] {
  if (cutLines === 0) return [];
  const [first] = firstCuts;
  const shown = firstCuts.map(({ orderId, itemId, level, wanted, owed }) => {
    return {
      en: `order ${orderId}, line ${itemId}, level ${level}: ${owed} instead of ${wanted}`,
      zh: `订单 ${orderId} 商品行 ${itemId} 第 ${level} 级：应为 ${wanted}，只能得 ${owed}`,
    };
  });
  return [
    {
      pointer: first === undefined ? '/commission/levels' : pointerOf(plan, first),
      message: `On ${counted(cutLines, 'line')} a fixed or least amount is more than is left of the line and is cut: ${shown.map(({ en }) => en).join('; ')}.`,
      messageZh: `有 ${cutLines} 个商品行的固定金额或下限超过该行剩余金额而被削减：${shown.map(({ zh }) => zh).join('；')}。`,
    },
  ];
}

/** Rates alone never exceed a line: what was cut is a fixed amount, or a least one. */
function pointerOf(plan: Plan, { level }: CutShare): string {
  const share = plan.commission?.levels[level - 1];
  const pointer = `/commission/levels/${level - 1}`;
  if (share === undefined) return pointer;
  if (share.fixedMinor > 0n) return `${pointer}/fixed`;
  return share.minMinor > 0n ? `${pointer}/min` : pointer;
}

function feeWarning({ linesOfFee }: SimulationFindings): PlanWarning[] {
  if (linesOfFee === 0) return [];
  return [
    {
      pointer: '/platformFee/min',
      message: `Of ${counted(linesOfFee, 'line')} the platform's least fee takes everything; nothing is left for anybody else.`,
      messageZh: `有 ${linesOfFee} 个商品行的金额低于平台服务费下限，全部归平台，其他各方均无应得。`,
    },
  ];
}

function orderWarnings(findings: SimulationFindings): PlanWarning[] {
  const { unboundOrders, otherCurrencyOrders, waitingTeamOrders } = findings;
  const warnings: PlanWarning[] = [];
  const note = (count: number, message: string, messageZh: string): void => {
    if (count > 0) warnings.push({ pointer: '', message, messageZh });
  };
  note(
    unboundOrders,
    `No version binds ${counted(unboundOrders, 'order')} yet: all that the draft owes there counts as more.`,
    `有 ${unboundOrders} 笔订单尚无适用的规则版本：新规则下的应得金额全部计为增加。`,
  );
  note(
    otherCurrencyOrders,
    `Left out for another currency than the draft's: ${counted(otherCurrencyOrders, 'order')}.`,
    `有 ${otherCurrencyOrders} 笔订单的币种与规则不同，未计入。`,
  );
  note(
    waitingTeamOrders,
    `Left out of rewards on both sides, because no run has counted them yet: ${counted(waitingTeamOrders, 'order')} of teams.`,
    `有 ${waitingTeamOrders} 笔团队订单尚未被结算批次统计，两边的奖励均未计入。`,
  );
  return warnings;
}
