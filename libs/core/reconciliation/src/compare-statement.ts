import type { Finding } from './difference.js';

/** A statement, and what was asked to be paid for it. */
export interface StatementFacts {
  readonly statementId: string;
  /** Null: payouts name it, and nobody has told of it. */
  readonly netMinor: bigint | null;
  readonly payoutCount: number;
  readonly requestedMinor: bigint;
}

/** Compares a statement with its payouts: they ask for its net, to the fen; null when they do. */
export function compareStatement(facts: StatementFacts): Finding | null {
  const { statementId, netMinor, payoutCount, requestedMinor } = facts;
  if (netMinor === requestedMinor) return null;
  const isMissing = netMinor === null || payoutCount === 0;
  return {
    comparison: 'statements',
    class: isMissing ? 'missing-here' : 'amount-differs',
    subject: { type: 'statement', id: statementId },
    amountMinor: isMissing ? (netMinor ?? requestedMinor) : requestedMinor - netMinor,
    cashMinor: 0n,
    ours: { netMinor: netMinor?.toString() ?? null },
    theirs: { payouts: payoutCount, requestedMinor: requestedMinor.toString() },
  };
}
