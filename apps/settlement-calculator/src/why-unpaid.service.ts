import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import type {
  Kind,
  OpenPayout,
  Payout,
  PayeeObstacle,
  UnstatedGroup,
  WhyUnpaid,
  WhyUnpaidQuery,
} from '@qingfen/contracts';
import { Database, type Tx } from '@qingfen/database';
import { notFound } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import type { Caller } from '@qingfen/security';
import { holdView } from './explained-hold.js';
import { holdsOf, type HoldRow } from './explained-hold.store.js';
import { shownIn, type Shown } from './explanation-words.js';
import { ComingRuns, type ComingRun } from './next-run.js';
import { isKnownPayee } from './payee-directory.js';
import { PayoutDesk } from './payout-desk.js';
import { notHeardOf, payoutWords } from './payout-words.js';
import { PlanShelf } from './plan-shelf.js';
import { isPayeeInside } from './rollout-place.js';
import { RolloutService } from './rollout.service.js';
import { timezoneOf } from './shop.store.js';
import { teamOwner } from './team.store.js';
import { taxedBy, withholdingsAt } from './withholding.store.js';
import { groupWords, obstacleWords, verdictWords, type Wording } from './unpaid-words.js';
import {
  askedPayee,
  holdsOfWaiting,
  owedAccounts,
  payoutsUnderWay,
  reasonSums,
  waitingEntries,
  type Asked,
  type AskedPayee,
  type OwedAccount,
  type ReasonSum,
  type WaitingEntry,
} from './why-unpaid.store.js';

const entriesShown = 20;
const holdsShown = 50;
const payoutsShown = 100;

/** Whom the question is about, and by whom it is asked. */
export interface UnpaidQuestion {
  readonly shopId: string;
  readonly payeeId: string;
  readonly query: WhyUnpaidQuery;
}

interface Payee extends AskedPayee {
  readonly holds: readonly HoldRow[];
}

type UnderWay = Awaited<ReturnType<typeof payoutsUnderWay>>[number];

/** "Why was I not paid": what of a payee is on no statement and why, and which payouts are not done. */
@Injectable()
export class WhyUnpaidService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(PayoutDesk) private readonly payouts: PayoutDesk,
    @Inject(RolloutService) private readonly rollouts: RolloutService,
  ) {}

  /** @throws ProblemError 404 for a payee that was never heard of, ServiceUnavailable */
  async ask(caller: Caller, question: UnpaidQuestion): Promise<WhyUnpaid> {
    const { shopId, payeeId } = question;
    if (!(await isKnownPayee(this.database, shopId, payeeId))) {
      throw notFound(`The shop has no payee ${payeeId}.`);
    }
    const limit = payoutsShown + 1;
    const underWay = await payoutsUnderWay(this.database, shopId, { payeeId, limit });
    const open = await this.payouts.open(caller, shopId, { payeeId, limit });
    const known = new Map(open.map((payout) => [payout.payoutId, payout]));
    const missing = underWay.filter((row) => !known.has(row.payout_id)).slice(0, entriesShown);
    for (const { payout_id: payoutId } of missing) {
      const payout = await this.payouts.find(caller, shopId, payoutId);
      if (payout !== null) known.set(payoutId, payout);
    }
    return this.database.transaction((tx) => this.answer(tx, question, { underWay, known }));
  }

  private async answer(
    tx: Tx,
    { shopId, payeeId, query }: UnpaidQuestion,
    payouts: {
      readonly underWay: readonly UnderWay[];
      readonly known: ReadonlyMap<string, Payout>;
    },
  ): Promise<WhyUnpaid> {
    const timezone = await timezoneOf(tx, shopId);
    const shown = shownIn(timezone);
    const holds = await holdsOf(tx, shopId, 'payee', [payeeId]);
    const payee: Payee = {
      ...(await askedPayee(tx, shopId, payeeId)),
      holds: holds.filter(isOpen),
    };
    const accounts = await owedAccounts(tx, shopId, {
      payeeId,
      teamOwner: payee.team_id === null ? null : teamOwner(payee.team_id),
      kind: query.kind ?? null,
    });
    const kinds: WhyUnpaid['kinds'] = [];
    for (const own of byKind(accounts)) {
      const wording = { currency: own.currency, shown };
      const kind = await this.kindOf(tx, { shopId, payeeId, own, payee, wording, timezone });
      const mine = payouts.underWay.filter(
        (row) => row.kind === own.kind && row.currency === own.currency,
      );
      const listed = mine
        .slice(0, payoutsShown)
        .map((row) => payoutView(row, payouts.known, shown));
      kinds.push(
        withVerdict(
          { ...kind, payouts: listed, morePayouts: mine.length > listed.length },
          wording,
        ),
      );
    }
    return {
      shopId,
      payeeId,
      at: shown(this.clock.now()),
      hasAccount: payee.has_account,
      holds: payee.holds.slice(0, 100).map((hold) => holdView(hold, shown)),
      kinds,
    };
  }

  private async kindOf(
    tx: Tx,
    of: {
      readonly shopId: string;
      readonly payeeId: string;
      readonly own: OwedOfKind;
      readonly payee: Payee;
      readonly wording: Wording;
      readonly timezone: string;
    },
  ): Promise<Owed> {
    const { shopId, payeeId, own, payee, wording, timezone } = of;
    const { kind, currency, accounts } = own;
    const versions = await this.plans.inCurrency(tx, shopId, currency);
    const runs = await ComingRuns.read(tx, {
      shopId,
      kind,
      currency,
      payeeId,
      versions,
      timezone,
    });
    const run = runs.next();
    const asked: Asked = {
      shopId,
      accounts,
      cutoff: run?.cutoff ?? null,
      isCrowded: payee.leaders > 1n,
    };
    const sums = await reasonSums(tx, asked);
    const firsts = await waitingEntries(tx, asked, entriesShown);
    const isHeld = sums.some(({ reason }) => reason === 'held');
    const held = isHeld ? await holdsOfWaiting(tx, asked, holdsShown) : [];
    const groups = sums.map((sum) => groupView(sum, { firsts, held, runs, wording }));
    const nextMinor = sums.reduce((total, sum) => total + sum.taken_minor, 0n);
    const place = { shop_id: shopId, kind, currency };
    const at = { payeeIds: [payeeId], at: run?.dueAt ?? this.clock.now() };
    const withholding = (await withholdingsAt(tx, place, at)).get(payeeId);
    const nextTaxMinor =
      nextMinor <= 0n ? 0n : taxedBy(withholding, minor(nextMinor)).withheldMinor;
    const unstatedMinor = sums.reduce((total, sum) => total + sum.amount_minor, 0n);
    const hasUnstated = sums.length > 0;
    const rollout = await this.rollouts.of(tx, shopId, kind);
    const isInside = isPayeeInside(rollout, shopId, payeeId);
    const runHolds = (await holdsOf(tx, shopId, 'run', [kind])).filter(isOpen);
    const obstacles = hasUnstated
      ? obstaclesOf({
          payee,
          run,
          nextMinor,
          nextTaxMinor,
          isInside,
          areHeld: runHolds.length > 0,
          wording,
        })
      : [];
    return {
      kind,
      run,
      nextMinor,
      nextTaxMinor,
      unstatedMinor,
      hasUnstated,
      groups,
      obstacles,
      runHolds,
    };
  }
}

/** What is owed of one kind and currency, before it is put into words. */
interface Owed {
  readonly kind: Kind;
  readonly run: ComingRun | null;
  readonly nextMinor: bigint;
  /** What of it would be withheld. */
  readonly nextTaxMinor: bigint;
  readonly unstatedMinor: bigint;
  readonly hasUnstated: boolean;
  readonly groups: UnstatedGroup[];
  readonly obstacles: PayeeObstacle[];
  readonly runHolds: readonly HoldRow[];
}

function isOpen(hold: HoldRow): boolean {
  return hold.released_at === null;
}

interface OwedOfKind {
  readonly kind: Kind;
  readonly currency: string;
  readonly accounts: readonly OwedAccount[];
}

function byKind(accounts: readonly OwedAccount[]): readonly OwedOfKind[] {
  const groups = new Map<string, { kind: Kind; currency: string; accounts: OwedAccount[] }>();
  for (const account of accounts) {
    const { kind, currency } = account;
    const group = groups.get(`${kind} ${currency}`);
    if (group === undefined)
      groups.set(`${kind} ${currency}`, { kind, currency, accounts: [account] });
    else group.accounts.push(account);
  }
  return [...groups.values()];
}

function withVerdict(
  owed: Owed & Pick<WhyUnpaid['kinds'][number], 'payouts' | 'morePayouts'>,
  wording: Wording,
): WhyUnpaid['kinds'][number] {
  const { kind, run, nextMinor, nextTaxMinor, unstatedMinor, hasUnstated } = owed;
  const { groups, obstacles } = owed;
  const { payouts, morePayouts } = owed;
  const { currency, shown } = wording;
  const text = (units: bigint): string => formatAmount(minor(units), currency);
  const willBePaid = obstacles.length === 0 && nextMinor > 0n;
  return {
    kind,
    currency,
    unstated: text(unstatedMinor),
    nextRun: runView(run, shown),
    nextAmount: text(nextMinor),
    ...(nextTaxMinor === 0n ? {} : { nextWithheld: text(nextTaxMinor) }),
    minPayout: run === null ? null : text(run.minPayoutMinor),
    willBePaid,
    ...verdictWords({
      ...{ kind, willBePaid, obstacles, payouts, nextMinor, nextTaxMinor },
      ...{ run, hasUnstated, wording },
    }),
    groups,
    obstacles,
    runHolds: owed.runHolds.slice(0, 20).map((hold) => holdView(hold, shown)),
    payouts,
    morePayouts,
  };
}

function groupView(
  sum: ReasonSum,
  of: {
    readonly firsts: readonly WaitingEntry[];
    readonly held: readonly HoldRow[];
    readonly runs: ComingRuns;
    readonly wording: Wording;
  },
): UnstatedGroup {
  const { held, runs, wording } = of;
  const { currency, shown } = wording;
  const firsts = of.firsts.filter(({ reason }) => reason === sum.reason);
  const text = (units: bigint): string => formatAmount(minor(units), currency);
  const run = takingRun(sum, runs);
  return {
    reason: sum.reason,
    amount: text(sum.amount_minor),
    count: Number(sum.count),
    maturesFrom: shown(sum.matures_from),
    maturesUntil: shown(sum.matures_until),
    nextRun: runView(run, shown),
    ...groupWords(sum, firsts, { ...wording, run }),
    entries: firsts.map((entry) => ({
      entryId: `en_${entry.entry_id}`,
      orderId: entry.order_id === '' ? null : entry.order_id,
      amount: text(entry.amount_minor),
      maturesAt: shown(entry.matures_at),
      cause: entry.cause,
      causeId: entry.cause_id,
    })),
    holds: sum.reason === 'held' ? held.map((hold) => holdView(hold, shown)) : [],
  };
}

/** Which run takes the first of them, where time alone decides that. */
function takingRun({ reason, matures_from: from }: ReasonSum, runs: ComingRuns): ComingRun | null {
  switch (reason) {
    case 'next-run':
    case 'owed-back':
    case 'not-mature':
      return runs.taking(from);
    default:
      return null;
  }
}

function runView(run: ComingRun | null, shown: Shown): UnstatedGroup['nextRun'] {
  if (run === null) return null;
  const { period, dueAt, cutoff } = run;
  return { period, dueAt: shown(dueAt), cutoff: shown(cutoff) };
}

function obstaclesOf(of: {
  readonly payee: Payee;
  readonly run: ComingRun | null;
  readonly nextMinor: bigint;
  readonly nextTaxMinor: bigint;
  readonly isInside: boolean;
  readonly areHeld: boolean;
  readonly wording: Wording;
}): PayeeObstacle[] {
  const { payee, run, nextMinor, nextTaxMinor, isInside, areHeld, wording } = of;
  const missing = (run?.tasks ?? []).filter((task) => !payee.tasks.includes(task));
  const least = run?.minPayoutMinor ?? 0n;
  const reasons: PayeeObstacle['reason'][] = [];
  if (areHeld) reasons.push('runs-held');
  if (run === null) reasons.push('no-run');
  if (!isInside) reasons.push('outside-rollout');
  if (nextMinor < 0n) reasons.push('owes-back');
  else if (nextMinor > 0n && nextMinor - nextTaxMinor < least) reasons.push('below-minimum');
  if (!payee.has_account) reasons.push('no-account');
  if (payee.holds.length > 0) reasons.push('payee-held');
  if (missing.length > 0) reasons.push('task-missing');
  return reasons.map((reason) => ({
    reason,
    ...obstacleWords(reason, { ...wording, nextMinor, nextTaxMinor, run, missing }),
  }));
}

function payoutView(row: UnderWay, known: ReadonlyMap<string, Payout>, shown: Shown): OpenPayout {
  const payout = known.get(row.payout_id);
  return {
    payoutId: row.payout_id,
    statementId: row.statement_id,
    amount: formatAmount(minor(row.amount_minor), row.currency),
    state: payout?.state ?? null,
    reason: payout?.reason ?? null,
    since: payout?.transitions.at(-1)?.at ?? shown(row.requested_at),
    ...(payout === undefined ? notHeardOf : payoutWords(payout)),
  };
}
