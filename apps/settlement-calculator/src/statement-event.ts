import type { Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import type { NewStatement } from './statement.store.js';

/** Says that a statement was issued. */
export function sayStatement(unit: Unit, statement: NewStatement): void {
  const { shopId, statementId, payeeId, kind, currency, period } = statement;
  const { correlationId } = statement;
  unit.say({
    topic: 'statement-issued',
    key: payeeId,
    correlationId,
    data: {
      shopId,
      statementId,
      payeeId,
      kind,
      period,
      cutoff: statement.cutoff.toISOString(),
      issuedAt: statement.issuedAt.toISOString(),
      currency,
      net: formatAmount(statement.netMinor, currency),
      ...taxOf(statement),
      entryCount: statement.entryCount,
    },
  });
}

/** What its event tells of the tax; nothing where none could be withheld. */
function taxOf(statement: NewStatement): { readonly gross?: string; readonly withheld?: string } {
  const { netMinor, withheldMinor, withholding, currency } = statement;
  if (withholding === null) return {};
  return {
    gross: formatAmount(minor(netMinor + withheldMinor), currency),
    withheld: formatAmount(withheldMinor, currency),
  };
}
