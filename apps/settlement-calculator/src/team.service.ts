import { Inject, Injectable } from '@nestjs/common';
import { teamAccount, teamReward } from '@qingfen/core-settlement';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, invariant, minor } from '@qingfen/money';
import { EntryBook } from './entry-book.js';
import { nextBatchId } from './journal.store.js';
import type { LedgerTransaction } from './ledger.store.js';
import type { SingleEntry } from './single-entry.store.js';
import { PlanShelf } from './plan-shelf.js';
import type { OpenOwner, Run } from './run.store.js';
import { countTeams, keepPerformance, leadersOf, teamOfOwner, teamOwner } from './team.store.js';

/** Counts what teams sold and rewards them out of the platform's own revenue (domain.md 6). */
@Injectable()
export class TeamService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(EntryBook) private readonly book: EntryBook,
  ) {}

  /** Before the run notes its bound, in the same transaction: what it books belongs to it. */
  async count(unit: Unit, run: Run): Promise<void> {
    const versions = (await this.plans.versionsOf(unit.tx, [run.shop_id])).get(run.shop_id);
    const plan = versions?.find(({ version }) => version === run.plan_version)?.plan;
    invariant(plan?.teamReward !== undefined, 'a run of team rewards has their tiers');
    const entries: SingleEntry[] = [];
    const transactions: LedgerTransaction[] = [];
    // Taken with the entries closed: all that is counted stands in earlier batches.
    const batchId = await nextBatchId(unit.tx);
    for (const team of await countTeams(unit.tx, run, batchId)) {
      const result = teamReward(
        { changeMinor: team.change_minor, carriedMinor: team.carried_minor },
        plan.teamReward,
        plan.rounding,
      );
      const teamId = team.team_id;
      const orderCount = team.order_count;
      await keepPerformance(unit.tx, run, { teamId, orderCount, batchId, ...result });
      if (result.rewardMinor === 0n) continue;
      entries.push(entryOf(run, teamId, result.rewardMinor));
      transactions.push(transactionOf(run, teamId, { bookedAt: unit.now, ...result }));
      if (result.rewardMinor > team.fee_minor) alertAboveFee(unit, run, teamId, result.rewardMinor);
    }
    await this.book.book(unit, { entries, transactions });
  }

  /** To whom a run states what: rewards wait while their team has no leader, or more than one. */
  async payeesOf(
    unit: Unit,
    run: Run,
    owners: readonly OpenOwner[],
  ): Promise<readonly (OpenOwner & { readonly payeeId: string })[]> {
    const teamIds = owners.flatMap(({ owner_id: ownerId }) => teamOfOwner(ownerId) ?? []);
    const leaders =
      teamIds.length === 0
        ? new Map<string, never>()
        : await leadersOf(unit.tx, run.shop_id, teamIds);
    return owners.flatMap((owner) => {
      const teamId = teamOfOwner(owner.owner_id);
      if (teamId === null) return [{ ...owner, payeeId: owner.owner_id }];
      const [leader, second] = leaders.get(teamId) ?? [];
      sayAboutLeaders(unit, run, teamId, leader === undefined ? 0 : second === undefined ? 1 : 2);
      return leader === undefined || second !== undefined ? [] : [{ ...owner, payeeId: leader }];
    });
  }
}

function entryOf(run: Run, teamId: string, rewardMinor: bigint): SingleEntry {
  return {
    shopId: run.shop_id,
    orderId: '',
    itemId: null,
    kind: 'team-reward',
    level: null,
    payeeId: teamOwner(teamId),
    currency: run.currency,
    amountMinor: rewardMinor,
    maturesAt: run.cutoff,
    planVersion: run.plan_version,
    corrects: null,
    cause: 'team-reward',
    causeId: run.period,
    evidence: null,
    correlationId: `team:${teamId}:${run.period}`,
  };
}

function transactionOf(
  run: Run,
  teamId: string,
  { bookedAt, rewardMinor }: { readonly bookedAt: Date; readonly rewardMinor: bigint },
): LedgerTransaction {
  return {
    shopId: run.shop_id,
    bookedAt,
    valueAt: null,
    currency: run.currency,
    cause: 'team-reward',
    causeId: `${teamId} ${run.period}`,
    legs: [
      { account: 'expense:team-reward', amountMinor: minor(rewardMinor) },
      { account: teamAccount(teamId), amountMinor: minor(-rewardMinor) },
    ],
  };
}

function sayAboutLeaders(unit: Unit, run: Run, teamId: string, leaders: 0 | 1 | 2): void {
  const subject = { type: 'team', id: teamId };
  if (leaders !== 0) unit.resolveAlert('team-without-leader', subject, run.shop_id);
  if (leaders !== 2) unit.resolveAlert('team-with-two-leaders', subject, run.shop_id);
  if (leaders === 1) return;
  unit.alert({
    class: leaders === 0 ? 'team-without-leader' : 'team-with-two-leaders',
    severity: 'warning',
    shopId: run.shop_id,
    subject,
    message:
      leaders === 0
        ? `Team ${teamId} has a reward and no leader to state it to; it waits.`
        : `Team ${teamId} has a reward and more than one leader; it waits until there is one.`,
    messageZh:
      leaders === 0
        ? `团队 ${teamId} 有应结奖励但没有团长,奖励暂缓。`
        : `团队 ${teamId} 有应结奖励但有多名团长,奖励暂缓至仅有一名。`,
  });
}

function alertAboveFee(unit: Unit, run: Run, teamId: string, rewardMinor: bigint): void {
  const amount = formatAmount(minor(rewardMinor), run.currency);
  unit.alert({
    class: 'team-reward-exceeds-fee',
    severity: 'warning',
    ends: 'when-acknowledged',
    shopId: run.shop_id,
    subject: { type: 'team', id: `${teamId}:${run.period}` },
    message: `The reward ${amount} of team ${teamId} is above the platform's fees of the same orders.`,
    messageZh: `团队 ${teamId} 的奖励 ${amount} 超过相同订单的平台服务费。`,
  });
}
