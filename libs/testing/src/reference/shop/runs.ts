import { fenOf } from '../../fen.js';
import { amountsOf, partsOf, statementIdOf } from '../parts.js';
import { referenceKinds } from '../plan-in-force.js';
import { isRunFor, runsOfKind, type ReferenceRun } from '../schedule.js';
import { teamOfOwner, type ReferenceEntry } from './entry.js';
import { hasEvidence } from './evidence.js';
import { isHeld, isPayeeHeld } from './holds.js';
import { accountOf, hasDoneTasks, leaderOf } from './payees.js';
import type { ReferenceStatement, ShopState } from './state.js';
import { rewardTeams } from './teams.js';

/** The least that Alipay's single transfer moves, in yuan. */
const wayMinimum = '0.10';

/** The runs of a shop that are due up to an instant and not noted yet, in order. */
export function runsToCome(shop: ShopState, untilMs: number): readonly ReferenceRun[] {
  const runs = referenceKinds.flatMap((kind) => {
    const afterMs = shop.notedUntilMs.get(kind);
    if (afterMs === undefined) return [];
    return runsOfKind(shop.versions, shop.shopId, { kind, afterMs, untilMs, zone: shop.zone });
  });
  // Sorting is stable: of one instant the kinds keep their order.
  return runs.sort((one, other) => one.dueMs - other.dueMs);
}

/**
 * Executes a run: what has matured before its cutoff, payee by payee (domain.md 6).
 * @returns what it states
 */
export function executeRun(shop: ShopState, run: ReferenceRun): readonly ReferenceStatement[] {
  shop.notedUntilMs.set(run.kind, run.dueMs);
  shop.runs.push(`${run.kind} ${run.period}`);
  if (run.kind === 'team-reward') rewardTeams(shop, run);
  const byPayee = new Map<string, ReferenceEntry[]>();
  for (const entry of shop.open) {
    if (entry.kind !== run.kind || !isDue(shop, entry, run.cutoffMs)) continue;
    const teamId = teamOfOwner(entry.owner);
    const payeeId = teamId === null ? entry.owner : leaderOf(shop, teamId);
    if (payeeId === undefined || !isRunFor(run, payeeId)) continue;
    byPayee.set(payeeId, [...(byPayee.get(payeeId) ?? []), entry]);
  }
  const statements: ReferenceStatement[] = [];
  const least = fenOf(run.terms.minPayout ?? wayMinimum);
  for (const [payeeId, entries] of byPayee) {
    const netFen = sumOf(entries);
    if (netFen <= 0n || netFen < least || isPayeeHeld(shop, payeeId)) continue;
    if (!hasDoneTasks(shop, payeeId, { kind: run.kind, atMs: run.cutoffMs })) continue;
    if (accountOf(shop, payeeId) === null) continue;
    const { kind, period } = run;
    statements.push(state(shop, { kind, period, payeeId, entries }));
  }
  noteDebts(shop, run);
  return statements;
}

/** States entries to a payee and asks for its payouts. */
export function state(
  shop: ShopState,
  what: Pick<ReferenceStatement, 'kind' | 'period' | 'payeeId' | 'entries'>,
): ReferenceStatement {
  const { kind, period, payeeId, entries } = what;
  const name = { shopId: shop.shopId, kind, period, payeeId };
  const statementId = statementIdOf(name);
  const netFen = sumOf(entries);
  const account = accountOf(shop, payeeId);
  if (account === null) throw new Error(`${payeeId} has no account`);
  const payouts = partsOf(name, amountsOf(netFen, fenOf(shop.transferMax))).map((part) => {
    return { ...part, statementId, kind, payeeId, account, status: null, seq: -1 };
  });
  for (const payout of payouts) shop.payouts.set(payout.payoutId, payout);
  for (const entry of entries) {
    entry.place = 'stated';
    shop.open.delete(entry);
  }
  const statement = { ...what, statementId, netFen, payouts };
  shop.statements.set(statementId, statement);
  return statement;
}

export function sumOf(entries: Iterable<ReferenceEntry>): bigint {
  let sum = 0n;
  for (const { fen } of entries) sum += fen;
  return sum;
}

/** A reward matures with its run, which takes it at once; everything else before the cutoff. */
function isDue(shop: ShopState, entry: ReferenceEntry, cutoffMs: number): boolean {
  const beforeMs = teamOfOwner(entry.owner) === null ? cutoffMs : cutoffMs + 1;
  if (entry.fen === 0n || entry.maturesMs >= beforeMs) return false;
  return hasEvidence(shop, entry) && !isHeld(shop, entry);
}

/** Counts the executed runs in a row that were for a payee and left it in debt. */
function noteDebts(shop: ShopState, run: ReferenceRun): void {
  const { kind } = run;
  const sums = new Map<string, bigint>();
  for (const entry of shop.open) {
    if (entry.kind !== kind || teamOfOwner(entry.owner) !== null) continue;
    sums.set(entry.owner, (sums.get(entry.owner) ?? 0n) + entry.fen);
  }
  for (const key of [...shop.debtRuns.keys()]) {
    const [kindOf, payeeId = ''] = key.split(' ');
    if (kindOf === kind && isRunFor(run, payeeId) && (sums.get(payeeId) ?? 0n) >= 0n)
      shop.debtRuns.delete(key);
  }
  for (const [payeeId, sum] of sums) {
    const key = `${kind} ${payeeId}`;
    if (sum < 0n && isRunFor(run, payeeId))
      shop.debtRuns.set(key, (shop.debtRuns.get(key) ?? 0) + 1);
  }
}
