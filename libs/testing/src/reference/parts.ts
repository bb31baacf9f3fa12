import { createHash } from 'node:crypto';

import type { ReferenceKind } from './plan-in-force.js';

/** One payout that a statement asks for. */
export interface ExpectedPart {
  readonly part: number;
  readonly fen: bigint;
  readonly payoutId: string;
  /** Its number at Alipay. */
  readonly outBizNo: string;
}

const wayMinimumFen = 10n;

/** domain.md 6: full parts first, the rest last; a rest too small gets what it lacks. */
export function amountsOf(netFen: bigint, transferMaxFen: bigint): readonly bigint[] {
  const amounts: bigint[] = [];
  for (let left = netFen; left > 0n; left -= transferMaxFen) {
    amounts.push(left < transferMaxFen ? left : transferMaxFen);
  }
  const [rest, before] = [amounts.at(-1), amounts.at(-2)];
  if (rest === undefined || before === undefined || rest >= wayMinimumFen) return amounts;
  return [...amounts.slice(0, -2), before - (wayMinimumFen - rest), wayMinimumFen];
}

/** What a statement is named after (domain.md 7). */
export interface StatementName {
  readonly shopId: string;
  readonly kind: ReferenceKind;
  readonly period: string;
  readonly payeeId: string;
}

export function statementIdOf(name: StatementName): string {
  return `st_${digits(textOf(name), 26)}`;
}

/** The parts of a net amount, each with the numbers that its name gives it. */
export function partsOf(name: StatementName, amounts: readonly bigint[]): readonly ExpectedPart[] {
  return amounts.map((fen, index) => {
    const part = index + 1;
    const payoutId = `po_${digits(`${textOf(name)}|${part}`, 26)}`;
    return { part, fen, payoutId, outBizNo: `QF${digits(`${name.shopId}|${payoutId}`, 30)}` };
  });
}

function textOf({ shopId, kind, period, payeeId }: StatementName): string {
  return `${shopId}|CNY|${kind}|${period}|${payeeId}`;
}

function digits(text: string, count: number): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, count);
}
