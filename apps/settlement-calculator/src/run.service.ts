import { Inject, Injectable } from '@nestjs/common';
import { partOf, requiredTasks, wayMinimum, type PartTerms, type PayVia } from '@qingfen/core-plan';
import {
  isInAudience,
  payStatement,
  payoutIdOf,
  payoutIdText,
  runAudience,
  statementIdOf,
  statementIdText,
  statementIssuedLegs,
  teamAccount,
  withheldShares,
  type PayTerms,
  type RunAudience,
} from '@qingfen/core-settlement';
import type { AlertSubject, Unit } from '@qingfen/messaging';
import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import { LOGGER } from '@qingfen/hosting';
import { sha256Hex } from '@qingfen/security';
import type { Logger } from '@qingfen/telemetry';
import { noteDebts } from './debt.store.js';
import { EntryBook } from './entry-book.js';
import { statementFields } from './entry-fact.js';
import { JournalBatch } from './journal.store.js';
import type { LedgerTransaction } from './ledger.store.js';
import { makersOf } from './maker.store.js';
import { PlanShelf } from './plan-shelf.js';
import {
  advanceLane,
  closeEntries,
  dropToldWindows,
  endRun,
  giveUpWaiting,
  lockLane,
  lockRun,
  nextOwners,
  noteBound,
  previousCutoff,
  skipRun,
  type Run,
} from './run.store.js';
import { shopOf } from './shop.store.js';
import { isPayeeInside, rolloutNumber } from './rollout-place.js';
import { RolloutService } from './rollout.service.js';
import { RoyaltyService } from './royalty.service.js';
import { sayPayout } from './payout-request.js';
import { sayStatement } from './statement-event.js';
import { statePayees, type PayeeNet, type StatedOwner } from './state-payees.store.js';
import { insertTrials } from './trial.store.js';
import { TeamService } from './team.service.js';
import { giveUpOnTeams, teamOfOwner } from './team.store.js';
import { insertStatements, type NewStatement } from './statement.store.js';
import { withholdingText } from './withholding-record.js';
import { leastOf, taxedPayee, withholdingsOf, type TaxedPayee } from './withholding.store.js';

/** Payees stated by one transaction; the next one goes on behind the last. */
const payeesPerChunk = 200;
/** A leader's own entries and its team's go into one statement, so a shop's teams make one chunk. */
const teamOwnersMax = 100_000;
interface RunTerms {
  readonly payVia: PayVia;
  readonly minPayoutMinor: Minor;
  readonly transferMaxMinor: Minor;
  readonly audience: RunAudience;
  readonly tasks: readonly string[];
}

/** Executes runs: one chunk of payees per transaction, so a restart goes on behind the last one. */
@Injectable()
export class RunService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(TeamService) private readonly teams: TeamService,
    @Inject(EntryBook) private readonly book: EntryBook,
    @Inject(RolloutService) private readonly rollouts: RolloutService,
    @Inject(RoyaltyService) private readonly royalties: RoyaltyService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Notes the run's bound. @returns in how many lanes it is stated; 0 when another replica is at it. */
  async begin(unit: Unit, run: Run, lackingEvidence: boolean): Promise<number> {
    const locked = await lockRun(unit.tx, run);
    if (locked === undefined) return 0;
    if (locked.lanes !== null) return locked.lanes;
    unit.resolveAlert('run-waits-for-events', runSubject(locked), locked.shop_id);
    const rollout = await this.rollouts.of(unit.tx, locked.shop_id, locked.kind);
    if (rollout.mode === 'off') {
      await skipRun(unit.tx, locked, rollout, unit.now);
      return 0;
    }
    if (lackingEvidence) await this.goOnWithout(unit, locked);
    await closeEntries(unit.tx, locked);
    await dropToldWindows(unit.tx, locked);
    if (locked.kind === 'team-reward') await this.teams.count(unit, locked);
    return noteBound(unit.tx, locked, rollout);
  }

  /**
   * States the next payees of a lane that nobody is at.
   * @returns `none` when every lane is done or somebody's, `ended` when the run is done with this.
   */
  async chunk(unit: Unit, run: Run): Promise<'stated' | 'ended' | 'none'> {
    const lane = await lockLane(unit.tx, run);
    if (lane === undefined) return 'none';
    const now = lane.run;
    const terms = await this.termsOf(unit, now);
    const limit = now.kind === 'team-reward' ? teamOwnersMax : payeesPerChunk;
    const open = await nextOwners(unit.tx, lane, terms.audience, limit);
    const found = await this.teams.payeesOf(unit, now, open);
    const withholdings = await withholdingsOf(unit, now, {
      payeeIds: found.map(({ payeeId }) => payeeId),
      others: found.map(({ owner_id: ownerId }) => ownerId),
    });
    const owners = found.map((owner) => ({
      ...owner,
      isInside: isInsideRun(now, owner.payeeId),
      leastMinor: leastOf(terms.minPayoutMinor, withholdings.get(owner.payeeId)),
    }));
    const payees = await this.judge(unit, now, owners, terms);
    const stated = payees
      .filter(({ outcome, is_inside: isInside }) => outcome === 'stated' && isInside)
      .map((payee) => taxedPayee(payee, withholdings.get(payee.payee_id)));
    const makers = await makersOf(unit.tx, {
      shopId: now.shop_id,
      accountNos: owners.map(({ account_no: accountNo }) => accountNo),
      statementNos: stated.flatMap(({ statement_no: no }) => (no === null ? [] : [no])),
    });
    const { transferMaxMinor } = terms;
    const splits = (await this.royalties.isSplit(unit, now))
      ? await this.royalties.split(unit, now.shop_id, { stated, transferMaxMinor })
      : null;
    const statements = stated.map((payee) =>
      statementOf(now, payee, {
        ...terms,
        split: splits?.get(payee.statement_no ?? 0n) ?? null,
        issuedAt: unit.now,
        makers: (payee.statement_no === null ? null : makers.get(payee.statement_no)) ?? [],
      }),
    );
    await this.issue(unit, now, statements);
    sayWhoIsCarried(unit, now, payees);
    const isDone = open.length < limit;
    await advanceLane(unit.tx, lane, {
      lastOwnerId: open.at(-1)?.owner_id ?? null,
      isDone,
      statements: statements.length,
      statedMinor: statements.reduce((sum, { netMinor }) => sum + netMinor, 0n),
      carried: payees.length - statements.length,
    });
    return isDone && (await this.end(unit, now)) ? 'ended' : 'stated';
  }

  /** What is outside is judged too, and kept as a trial statement where it would have been stated. */
  private async judge(
    unit: Unit,
    run: Run,
    owners: readonly StatedOwner[],
    terms: RunTerms,
  ): Promise<PayeeNet[]> {
    const isAnyOutside = owners.some(({ isInside }) => !isInside);
    const payees = await statePayees(unit.tx, run, owners, {
      ...terms,
      previousCutoff: isAnyOutside ? await previousCutoff(unit.tx, run) : null,
    });
    if (!isAnyOutside) return payees;
    const trials = payees
      .filter(({ outcome, is_inside: isInside }) => outcome === 'stated' && !isInside)
      .map((payee) => ({ ...payee, rolloutNumber: rolloutNumber(run.shop_id, payee.payee_id) }));
    await insertTrials(unit.tx, run, trials);
    return payees;
  }

  private async end(unit: Unit, run: Run): Promise<boolean> {
    if (!(await endRun(unit.tx, run, unit.now))) return false;
    const { audience } = await this.termsOf(unit, run);
    const isFor = (payeeId: string): boolean =>
      isInAudience(audience, payeeId) && isInsideRun(run, payeeId);
    await noteDebts(unit, run, isFor);
    const { kind, period, shop_id: shopId } = run;
    this.logger.info({ shopId, kind, period }, 'run done');
    return true;
  }

  private async termsOf(unit: Unit, run: Run): Promise<RunTerms> {
    const versions = await this.plans.inCurrency(unit.tx, run.shop_id, run.currency);
    const plan = versions.find(({ version }) => version === run.plan_version)?.plan;
    const terms = plan === undefined ? undefined : partOf(plan, run.kind);
    const shop = await shopOf(unit.tx, run.shop_id);
    invariant(terms !== undefined && shop !== undefined, 'a run has a shop and terms');
    return {
      payVia: terms.payVia,
      minPayoutMinor: leastStated(terms),
      transferMaxMinor: shop.transferMaxMinor,
      audience: runAudience(terms, run.cycles),
      tasks: requiredTasks(versions, run.cutoff)
        .filter(({ kind }) => kind === run.kind)
        .map(({ task }) => task),
    };
  }

  /** Books statements and says them, with the payouts that they ask for. */
  async issue(unit: Unit, run: Run, statements: readonly NewStatement[]): Promise<void> {
    if (statements.length === 0) return;
    const batch = await JournalBatch.open(unit.tx, unit.now);
    await insertStatements(unit.tx, statements, batch.batchId);
    for (const statement of statements) {
      const { withholding } = statement;
      const kept = withholding === null ? null : withholdingText(withholding);
      batch.note(statement.shopId, statementFields({ ...statement, withholding: kept }));
    }
    await this.book.bookTransactions(unit, batch, [
      ...statements.flatMap((statement) => leaderTransaction(statement, unit.now)),
      ...statements.map((statement) => ({
        shopId: statement.shopId,
        bookedAt: unit.now,
        valueAt: null,
        currency: statement.currency,
        cause: 'statement-issued',
        causeId: statement.statementId,
        legs: statementIssuedLegs({
          kind: statement.kind,
          payeeId: statement.payeeId,
          amountMinor: statement.netMinor,
          withheldMinor: statement.withheldMinor,
        }),
      })),
    ]);
    await batch.close(unit.tx);
    for (const statement of statements) this.say(unit, statement);
  }

  private say(unit: Unit, statement: NewStatement): void {
    const { shopId, statementId, payeeId, correlationId } = statement;
    sayStatement(unit, statement);
    for (const payout of statement.payouts) {
      if (!payout.isRequested) continue;
      sayPayout(unit, statement, { ...payout, parts: statement.payouts.length });
      const { payoutId } = payout;
      this.logger.info(
        { correlationId, shopId, statementId, payoutId, payeeId },
        'payout requested',
      );
    }
  }

  private async goOnWithout(unit: Unit, run: Run): Promise<void> {
    const count =
      (await giveUpWaiting(unit.tx, run)) +
      (run.kind === 'team-reward' ? await giveUpOnTeams(unit.tx, run) : 0);
    if (count === 0) return;
    unit.alert({
      class: 'window-not-announced',
      severity: 'warning',
      ends: 'when-acknowledged',
      shopId: run.shop_id,
      subject: runSubject(run),
      message: `${count} orders of run ${run.kind} ${run.period} lack the close of their return window; the run went on without them.`,
      messageZh: `结算批次 ${run.kind} ${run.period} 有 ${count} 个订单未收到退货期结束通知,本批次未包含它们。`,
    });
  }
}

/** What no trade can be split for goes by transfer: nothing is stated that no transfer moves. */
function leastStated({ minPayoutMinor }: PartTerms): Minor {
  return minPayoutMinor < wayMinimum.transfer ? wayMinimum.transfer : minPayoutMinor;
}

function isInsideRun(run: Run, payeeId: string): boolean {
  invariant(run.rollout !== null, 'a run that has begun knows its rollout');
  return isPayeeInside(run.rollout, run.shop_id, payeeId);
}

/** What alerts about a run are about. */
export function runSubject({ kind, period }: Run): AlertSubject {
  return { type: 'run', id: `${kind}:${period}` };
}

/** A payee's statement of a run. @throws InvariantError when its net cannot be stated */
export function statementOf(
  run: Run,
  payee: TaxedPayee,
  terms: PayTerms & {
    readonly minPayoutMinor: Minor;
    readonly issuedAt: Date;
    readonly makers: readonly string[];
  },
): NewStatement {
  const { shop_id: shopId, currency, kind, period, cutoff } = run;
  const id = { shopId, currency, kind, period, payeeId: payee.payee_id };
  const statementId = statementIdOf(sha256Hex(statementIdText(id)));
  invariant(statementId === payee.statement_id, 'both derivations of a statement id agree');
  invariant(payee.statement_no !== null, 'a statement has a number');
  const { taxed, withholding } = payee;
  const { netMinor, withheldMinor } = taxed;
  invariant(netMinor >= terms.minPayoutMinor, 'the database states what the rule states');
  const planned = payStatement(netMinor, terms);
  const shares = withheldShares(
    withheldMinor,
    planned.map(({ amountMinor }) => amountMinor),
  );
  const hasSplits = planned.some(({ payVia }) => payVia === 'royalty');
  return {
    shopId,
    statementId,
    statementNo: payee.statement_no,
    payeeId: payee.payee_id,
    kind,
    currency,
    period,
    cutoff,
    issuedAt: terms.issuedAt,
    netMinor,
    withheldMinor,
    withholding,
    payVia: terms.payVia,
    entryCount: payee.entry_count,
    minPayoutMinor: terms.minPayoutMinor,
    transferMaxMinor: terms.transferMaxMinor,
    team:
      payee.team_owner === null
        ? null
        : {
            teamId: teamOfOwner(payee.team_owner) ?? '',
            amountMinor: minor(payee.team_minor),
          },
    accountHash: payee.account_hash,
    correlationId: payee.correlation_id ?? statementId,
    makers: terms.makers,
    payouts: planned.map((one, index) => ({
      ...one,
      withheldMinor: shares[index] ?? ZERO,
      // What the splits leave goes when they have ended.
      isRequested: one.payVia === 'royalty' || !hasSplits,
      payoutId: payoutIdOf(sha256Hex(payoutIdText({ ...id, part: index + 1 }))),
      part: index + 1,
    })),
  };
}

/** What a team was owed becomes its leader's with the statement, and not before. */
function leaderTransaction(statement: NewStatement, bookedAt: Date): LedgerTransaction[] {
  const { team, payeeId, shopId, currency, statementId } = statement;
  if (team === null) return [];
  return [
    {
      shopId,
      bookedAt,
      valueAt: null,
      currency,
      cause: 'team-reward-to-leader',
      causeId: statementId,
      legs: [
        { account: teamAccount(team.teamId), amountMinor: team.amountMinor },
        { account: `payable:team-reward:${payeeId}`, amountMinor: minor(-team.amountMinor) },
      ],
    },
  ];
}

function sayWhoIsCarried(unit: Unit, run: Run, payees: readonly PayeeNet[]): void {
  for (const { payee_id: payeeId, outcome } of payees) {
    if (outcome !== 'no-account') continue;
    unit.alert({
      class: 'payee-without-account',
      severity: 'warning',
      shopId: run.shop_id,
      subject: { type: 'payee', id: payeeId },
      message: `Payee ${payeeId} is owed money and has no Alipay account; it is carried.`,
      messageZh: `收款方 ${payeeId} 有应结款项但没有支付宝账号,款项已顺延。`,
    });
  }
}
