import { Inject, Injectable } from '@nestjs/common';
import { RiskLimits, type ApprovalRow } from '@qingfen/approvals';
import type { JsonObject } from '@qingfen/contracts';
import { payoutRatioWarning, readPlan, type Plan, type PlanWarning } from '@qingfen/core-plan';
import { Database } from '@qingfen/database';
import { audit, ServiceEnv } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { canonicalJson, sha256Hex, type Caller } from '@qingfen/security';
import { Acknowledgement } from './acknowledgement.js';
import { askForPlan } from './plan-approval.js';
import {
  findVersion,
  listVersions,
  oweAnswer,
  takeOwedAnswer,
  versionOf,
  withdrawVersion,
  type PlanVersionRow,
} from './plan.store.js';
import {
  appendVersion,
  planData,
  sayVersion,
  type AcceptedPlan,
  type FieldError,
} from './publication.js';
import { lockShop } from './shop.store.js';

export type Publication =
  /** On the topic, acknowledged. */
  | { readonly kind: 'published'; readonly version: PlanVersionRow }
  /** Committed, but the broker has not acknowledged it: it will be said; the call may be repeated. */
  | { readonly kind: 'unacknowledged' }
  /** A second person has to approve it first. */
  | { readonly kind: 'wanted'; readonly approval: ApprovalRow }
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'no-shop' };

export type Withdrawal =
  | { readonly kind: 'withdrawn'; readonly version: PlanVersionRow }
  | { readonly kind: 'unacknowledged' }
  | { readonly kind: 'in-force' }
  | { readonly kind: 'unknown' };

export interface PublishCall {
  readonly shopId: string;
  readonly plan: unknown;
  /** null: as early as the notice period allows. */
  readonly effectiveFrom: Date | null;
  readonly caller: Caller;
}

export interface WithdrawCall {
  readonly shopId: string;
  readonly version: number;
  readonly reason: string | null;
  readonly caller: Caller;
}

/** Publishes immutable plan versions and withdraws those that are not in force yet. */
@Injectable()
export class PlanService {
  private readonly levelsMax: number;

  constructor(
    private readonly database: Database,
    private readonly units: Units,
    @Inject(Acknowledgement) private readonly acknowledgement: Pick<Acknowledgement, 'arrived'>,
    @Inject(RiskLimits) private readonly risk: Pick<RiskLimits, 'of'>,
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
  ) {
    this.levelsMax = env.count('QINGFEN_LEVELS_MAX', 3);
  }

  /**
   * Judges a plan and publishes it as the shop's next version, or keeps it for a second person where its
   * commissions can come to more than the shop's limit.
   *
   * `published` means that the broker has it: every order that reaches the order topic from now on
   * and was paid at or after `effectiveFrom` is settled under it.
   * @throws ServiceUnavailable when nobody says what the limit is
   */
  async publish(call: PublishCall): Promise<Publication> {
    const reading = readPlan(call.plan, { levelsMax: this.levelsMax });
    if (reading.kind === 'refused') {
      const errors = reading.problems.map(({ pointer, message, messageZh }) => {
        return { pointer: `/plan${pointer}`, message, messageZh };
      });
      return { kind: 'refused', errors };
    }
    const document = jsonObjectOf(reading.document);
    const hash = sha256Hex(canonicalJson(document));
    const accepted = { document, hash, effectiveFrom: call.effectiveFrom };
    const warning = await this.warningOf(call.shopId, reading.plan);
    if (warning !== undefined) {
      return this.units.run((unit) => askForPlan(unit, call, accepted, warning));
    }
    const outcome = await this.units.run((unit) => append(unit, call, accepted));
    if (outcome.kind !== 'published') return outcome;
    if (await this.acknowledgement.arrived()) return outcome;
    await oweAnswer(this.database, outcome.version);
    return { kind: 'unacknowledged' };
  }

  /** Withdraws a version before it is in force; again and again with the same answer. */
  async withdraw(call: WithdrawCall): Promise<Withdrawal> {
    const outcome = await this.units.run((unit) => takeBack(unit, call));
    if (outcome.kind !== 'withdrawn') return outcome;
    return (await this.acknowledgement.arrived()) ? outcome : { kind: 'unacknowledged' };
  }

  find(shopId: string, version: number): Promise<PlanVersionRow | null> {
    return findVersion(this.database, { shopId, version });
  }

  list(page: { shopId: string; after: number; limit: number }): Promise<PlanVersionRow[]> {
    return listVersions(this.database, page);
  }

  /** Why a second person has to look at a plan; undefined where nobody has to. */
  private async warningOf(shopId: string, plan: Plan): Promise<PlanWarning | undefined> {
    if (plan.commission === undefined) return undefined;
    const { payoutRatioMaxPpm } = await this.risk.of(shopId);
    return payoutRatioWarning(plan, payoutRatioMaxPpm);
  }
}

async function append(unit: Unit, call: PublishCall, plan: AcceptedPlan): Promise<Publication> {
  const { shopId, caller, effectiveFrom: requestedFrom } = call;
  const shop = await lockShop(unit.tx, shopId);
  if (shop === null) return { kind: 'no-shop' };
  const owed = await takeOwedAnswer(unit.tx, { shopId, hash: plan.hash, requestedFrom });
  if (owed !== null) {
    sayVersion(unit, owed, caller);
    return { kind: 'published', version: owed };
  }
  return appendVersion(unit, shop, plan, {
    caller,
    publishedBy: caller.subject,
    approvedBy: null,
  });
}

async function takeBack(unit: Unit, call: WithdrawCall): Promise<Withdrawal> {
  const { tx, now } = unit;
  const { shopId, caller } = call;
  if ((await lockShop(tx, shopId)) === null) return { kind: 'unknown' };
  const found = await versionOf(tx, call);
  if (found === null) return { kind: 'unknown' };
  if (found.withdrawnAt !== null) {
    sayVersion(unit, found, caller); // the first call may have been sent away before the broker had it
    return { kind: 'withdrawn', version: found };
  }
  if (found.effectiveFrom <= now) return { kind: 'in-force' };
  const version = { ...found, withdrawnAt: now };
  await withdrawVersion(tx, version);
  sayVersion(unit, version, caller);
  await audit(tx, {
    caller,
    action: 'plan.withdraw',
    subject: { type: 'plan-version', id: String(version.version) },
    shopId,
    before: planData(found),
    after: planData(version),
    reason: call.reason,
    at: now,
  });
  return { kind: 'withdrawn', version };
}

function jsonObjectOf(document: unknown): JsonObject {
  if (typeof document !== 'object' || document === null) throw new Error('a plan is an object');
  return { ...document };
}
