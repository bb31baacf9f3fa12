import { classifyLine } from './classify-line.js';
import { compareLine } from './compare-line.js';
import { comparePayout, nothingMoved } from './compare-payout.js';
import type { Finding } from './difference.js';

/** A movement of the account, as its log has it during the day. */
export interface LoggedLine {
  readonly logNo: string;
  readonly outNo: string;
  readonly at: Date;
  /** Fen; negative for what left the account. */
  readonly amountMinor: bigint;
  readonly kind: string;
  readonly account: string;
  readonly title: string;
}

/** What was asked to be paid under a number of ours. */
export interface KnownPayout {
  readonly payoutId: string;
  readonly amountMinor: bigint;
}

/**
 * What of the account's log somebody should know before the bill comes: money that left and that nobody here
 * knows, under a number like ours or another, and payouts that left with another amount or twice. All else
 * (what came in, what has not ended yet) waits for the bill.
 *
 * A finding is about the same thing, under the same name, as the bill's will be, so that the bill confirms
 * or clears it. Of a payout that is known it moves no cash yet: its end books what was asked for, before the
 * bill or after.
 */
export function compareLogged(
  lines: readonly LoggedLine[],
  payouts: ReadonlyMap<string, KnownPayout>,
): readonly Finding[] {
  const left = lines.filter(({ amountMinor }) => amountMinor < 0n);
  const ours = new Map<string, LoggedLine[]>();
  const findings: Finding[] = [];
  for (const line of left) {
    const lineClass = classifyLine(line);
    if (lineClass === 'ours') ours.set(line.outNo, [...(ours.get(line.outNo) ?? []), line]);
    if (lineClass !== 'split' && lineClass !== 'other') continue;
    const finding = compareLine({ ...line, class: lineClass });
    if (finding !== null) findings.push(finding);
  }
  for (const [outNo, moved] of ours) {
    const finding = compareNumber(outNo, moved, payouts.get(outNo) ?? null);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

/** As the bill's comparison will say it; whether the payout has ended by now is left to that. */
function compareNumber(
  outBizNo: string,
  lines: readonly LoggedLine[],
  known: KnownPayout | null,
): Finding | null {
  const outMinor = -lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const moved = { ...nothingMoved, outCount: lines.length, outMinor };
  const at = lines[0]?.at ?? new Date(0);
  const horizon = { until: new Date(at.getTime() + 1), crossingMs: 0 };
  if (known === null) return comparePayout({ outBizNo, payout: null, moved }, horizon);
  // As if it had ended well: what has left is compared with what was asked for.
  const payout = { ...known, status: 'succeeded', succeededAt: at, returnedAt: null } as const;
  const finding = comparePayout({ outBizNo, payout, moved }, horizon);
  if (finding === null) return null;
  const ours = { payoutId: known.payoutId, amountMinor: known.amountMinor.toString() };
  return { ...finding, cashMinor: 0n, ours };
}
