import { Inject, Injectable } from '@nestjs/common';
import { requiredTasks, wayMinimum } from '@qingfen/core-plan';
import { statementIdOf, statementIdText } from '@qingfen/core-settlement';
import { audit, conflict, type ManualAct, notFound, type ProblemError } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, invariant, ZERO } from '@qingfen/money';
import { sha256Hex } from '@qingfen/security';
import { lockBuckets } from './bucket.js';
import { makersOf } from './maker.store.js';
import { PlanShelf } from './plan-shelf.js';
import { lockPayout, type PayoutRow } from './payout.store.js';
import {
  giveBackOf,
  insertDoneRun,
  obstaclesOf,
  releaseEntry,
  takeGiveBack,
  versionOfRun,
} from './restate.store.js';
import { RunService, statementOf } from './run.service.js';
import type { Run } from './run.store.js';
import { isPayeeInside } from './rollout-place.js';
import { RolloutService } from './rollout.service.js';
import type { PayeeNet } from './state-payees.store.js';
import { shopOf } from './shop.store.js';
import type { NewStatement } from './statement.store.js';
import { leastOf, taxedPayee, withholdingsOf, type PayeeWithholding } from './withholding.store.js';

export type RestateAct = ManualAct & { readonly payoutId: string };

/** What is stated, to which account, and by whose wish. */
interface RestateTerms {
  readonly entryId: bigint;
  readonly accountHash: string;
  readonly maker: string;
  readonly withholding: PayeeWithholding | undefined;
}

/** States the give-back of a final payout at once, in a run of its own (domain.md 7). */
@Injectable()
export class RestateService {
  constructor(
    @Inject(RunService) private readonly runs: Pick<RunService, 'issue'>,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(RolloutService) private readonly rollouts: RolloutService,
  ) {}

  /**
   * Whoever has the payee's bucket first states the money: this call, another one, or a run. It is the
   * first run of its kind since, so what the payee owes back by now is netted in it.
   * @throws ProblemError 404; 409 `already-stated`, `not-in-this-state`, `outside-rollout`, `payee-held`,
   * `order-held`, `task-missing`, `payee-without-account` or `nothing-to-pay`
   */
  async restate(unit: Unit, act: RestateAct): Promise<NewStatement> {
    const payout = await lockPayout(unit.tx, act.shopId, act.payoutId);
    if (payout === undefined) throw notFound(`The shop has no payout ${act.payoutId}.`);
    if (payout.status === null || payout.status === 'succeeded') {
      throw conflict('not-in-this-state', 'The payout has not ended without being paid.');
    }
    const { kind, payee_id: payeeId } = payout;
    const payeeIds = [payeeId];
    const withholdings = await withholdingsOf(unit, payout, { payeeIds, others: [] });
    await lockBuckets(unit.tx, [{ shopId: act.shopId, kind, payeeId }], 'exclusive');
    if (payout.pay_via === 'royalty' && payout.status === 'returned') {
      throw conflict('already-stated', 'A refund took the split back; nothing is owed for it.');
    }
    const giveBack = await giveBackOf(unit.tx, payout);
    invariant(giveBack !== undefined, 'a payout that has ended unpaid has a give-back');
    if (!giveBack.is_open) throw conflict('already-stated', 'Its give-back is stated by a run.');
    const rollout = await this.rollouts.of(unit.tx, act.shopId, kind);
    if (!isPayeeInside(rollout, act.shopId, payeeId)) {
      throw conflict('outside-rollout', 'The rollout does not pay this payee; change it first.');
    }
    const versions = await this.plans.inCurrency(unit.tx, act.shopId, payout.currency);
    const tasks = requiredTasks(versions, unit.now).filter((required) => required.kind === kind);
    const accountHash = await insistOnFreePayee(
      unit,
      payout,
      tasks.map(({ task }) => task),
    );
    await releaseEntry(unit.tx, act.shopId, giveBack.entry_id, unit.now);
    const terms = {
      entryId: giveBack.entry_id,
      accountHash,
      maker: act.caller.subject,
      withholding: withholdings.get(payeeId),
    };
    const statement = await this.state(unit, payout, terms);
    await audit(unit.tx, {
      caller: act.caller,
      action: 'payout.restate',
      subject: { type: 'payout', id: act.payoutId },
      shopId: act.shopId,
      before: { status: payout.status, statementId: payout.statement_id },
      after: {
        statementId: statement.statementId,
        net: formatAmount(statement.netMinor, statement.currency),
        payoutIds: statement.payouts.map(({ payoutId }) => payoutId),
      },
      reason: act.reason,
      at: unit.now,
    });
    return statement;
  }

  private async state(
    unit: Unit,
    payout: PayoutRow,
    { entryId, accountHash, maker, withholding }: RestateTerms,
  ): Promise<NewStatement> {
    const run = await runOf(unit, payout);
    const { shop_id: shopId, currency, kind, period } = run;
    const payeeId = payout.payee_id;
    const statementId = statementIdOf(
      sha256Hex(statementIdText({ shopId, currency, kind, period, payeeId })),
    );
    const taken = await takeGiveBack(unit.tx, payout, { entryId, cutoff: run.cutoff });
    const leastMinor = leastOf(wayMinimum.transfer, withholding);
    if (leastMinor === null || taken.net_minor < leastMinor) throw nothingToPay();
    const net: PayeeNet = {
      payee_id: payeeId,
      net_minor: taken.net_minor,
      period_minor: taken.net_minor,
      is_inside: true,
      team_minor: 0n,
      team_owner: null,
      entry_count: taken.entry_count,
      outcome: 'stated',
      statement_id: statementId,
      statement_no: taken.statement_no,
      account_hash: accountHash,
      correlation_id: taken.correlation_id ?? payout.payout_id,
    };
    const shop = await shopOf(unit.tx, shopId);
    invariant(shop !== undefined, 'a shop with payouts was created');
    const { transferMaxMinor } = shop;
    const makers = await makersOf(unit.tx, {
      shopId,
      accountNos: [taken.account_no],
      statementNos: [taken.statement_no],
    });
    const terms = {
      // By the way that it was to go: what the shop's Alipay contract has.
      payVia: payout.pay_via,
      split: null,
      minPayoutMinor: ZERO,
      transferMaxMinor,
      issuedAt: unit.now,
      // Who retries has caused it, besides whoever had caused the payout that did not arrive.
      makers: [...new Set([...(makers.get(taken.statement_no) ?? []), maker])].sort(),
    };
    const statement = statementOf(run, taxedPayee(net, withholding), terms);
    await insertDoneRun(unit.tx, run, statement.netMinor);
    await this.runs.issue(unit, run, [statement]);
    return statement;
  }
}

function nothingToPay(): ProblemError {
  const why = 'The payee owes back as much of this kind, or nearly so, or tax takes what is left.';
  return conflict('nothing-to-pay', why);
}

/** @returns the payee's account as it is now. @throws ProblemError 409 */
async function insistOnFreePayee(
  unit: Unit,
  payout: PayoutRow,
  tasks: readonly string[],
): Promise<string> {
  const { account_hash: accountHash, ...obstacles } = await obstaclesOf(unit.tx, payout, tasks);
  if (obstacles.is_held) {
    throw conflict('payee-held', 'The payee is held: release it, or say that it is mended, first.');
  }
  if (obstacles.held_order !== null) {
    throw conflict('order-held', `Order ${obstacles.held_order} of its statement is held.`);
  }
  if (obstacles.lacks_task) {
    throw conflict(
      'task-missing',
      `The payee has not done what the plan asks: ${tasks.join(', ')}.`,
    );
  }
  if (accountHash === null) {
    throw conflict('payee-without-account', 'The payee has no Alipay account.');
  }
  return accountHash;
}

async function runOf(unit: Unit, payout: PayoutRow): Promise<Run> {
  return {
    shop_id: payout.shop_id,
    currency: payout.currency,
    kind: payout.kind,
    period: `retry:${payout.payout_id}`,
    scheduled_at: unit.now,
    cutoff: unit.now,
    plan_version: await versionOfRun(unit.tx, payout),
    cycles: [0],
    state: 'executing',
    topic_ends: {},
    waited_seconds: 0,
    entry_bound: null,
    lanes: null,
    rollout: null,
  };
}
