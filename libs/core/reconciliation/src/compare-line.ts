import type { Finding } from './difference.js';
import type { LineClass } from './classify-line.js';

/** A line of a bill that nothing of ours explains. */
export interface StrayLine {
  readonly logNo: string;
  readonly class: Extract<LineClass, 'split' | 'other'>;
  readonly kind: string;
  readonly outNo: string;
  readonly at: Date;
  /** Fen; negative for what left the account. */
  readonly amountMinor: bigint;
  readonly account: string;
  readonly title: string;
}

/** Somebody was paid by hand, or money came from where nobody knows; null for a line of nothing. */
export function compareLine(line: StrayLine): Finding | null {
  const { logNo, amountMinor } = line;
  if (amountMinor === 0n) return null;
  const isOut = amountMinor < 0n;
  return {
    comparison: 'lines',
    class: isOut ? 'unknown-transfer-out' : 'missing-here',
    subject: { type: 'bill-line', id: logNo },
    amountMinor: isOut ? -amountMinor : amountMinor,
    cashMinor: amountMinor,
    ours: null,
    theirs: {
      logNo,
      kind: line.kind,
      outNo: line.outNo,
      at: line.at.toISOString(),
      amountMinor: amountMinor.toString(),
      account: line.account,
      title: line.title,
    },
  };
}
