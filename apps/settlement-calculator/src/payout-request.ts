import type { PlannedPayout } from '@qingfen/core-settlement';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, minor, type Minor } from '@qingfen/money';
import type { NewStatement } from './statement.store.js';

/** What an instruction to pay says of its statement. */
export type StatementOfPayout = Pick<
  NewStatement,
  | 'shopId'
  | 'statementId'
  | 'payeeId'
  | 'kind'
  | 'currency'
  | 'period'
  | 'issuedAt'
  | 'correlationId'
  | 'makers'
>;

/** An instruction to pay, as it was planned. */
export interface PayoutToSay extends PlannedPayout {
  readonly payoutId: string;
  readonly part: number;
  readonly parts: number;
  /** Its part of the statement's tax. */
  readonly withheldMinor: Minor;
}

/** Says an instruction to pay. */
export function sayPayout(unit: Unit, statement: StatementOfPayout, payout: PayoutToSay): void {
  const { shopId, statementId, payeeId, kind, currency, correlationId, makers } = statement;
  const { payoutId, part, parts, amountMinor, withheldMinor, payVia, leg } = payout;
  const amount = formatAmount(amountMinor, currency);
  const legs =
    leg === null ? {} : { legs: [{ orderId: leg.orderId, alipayTradeNo: leg.tradeNo, amount }] };
  const tax =
    withheldMinor === 0n
      ? {}
      : {
          gross: formatAmount(minor(amountMinor + withheldMinor), currency),
          withheld: formatAmount(withheldMinor, currency),
        };
  unit.say({
    topic: 'payout-requested',
    key: payeeId,
    correlationId,
    data: {
      shopId,
      payoutId,
      statementId,
      part,
      parts,
      payeeId,
      kind,
      amount,
      ...tax,
      currency,
      payVia,
      ...legs,
      requestedAt: statement.issuedAt.toISOString(),
      remark: remarkOf(statement),
      ...(makers.length === 0 ? {} : { makers: [...makers] }),
    },
  });
}

const titles = {
  commission: '分销佣金结算',
  supplier: '供应商货款结算',
  'team-reward': '团队奖励金结算',
};

/** What payer and payee read in their bills. */
function remarkOf({ kind, period, statementId }: StatementOfPayout): string {
  const what = period.startsWith('retry:') ? '重新付款' : period.slice(0, 10);
  return `${titles[kind]} ${what} ${statementId}`;
}
