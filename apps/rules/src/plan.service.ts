import { Inject, Injectable } from '@nestjs/common';
import { addDays, formatInstant } from '@qingfen/calendar';
import { topics, type EventData, type JsonObject } from '@qingfen/contracts';
import { canonicalJson, readPlan } from '@qingfen/core-plan';
import { Database } from '@qingfen/database';
import { audit, ServiceEnv } from '@qingfen/hosting';
import { Units, type Unit } from '@qingfen/messaging';
import { sha256Hex, type Caller } from '@qingfen/security';
import { Acknowledgement } from './acknowledgement.js';
import { distinctInstant } from './distinct-instant.js';
import {
  findVersion,
  insertVersion,
  listVersions,
  oweAnswer,
  takeOwedAnswer,
  versionOf,
  withdrawVersion,
  type PlanVersionRow,
} from './plan.store.js';
import { lockShop, notePublished } from './shop.store.js';

/** A reason to refuse, where it stands in the body, in both languages. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
  readonly messageZh: string;
}

export type Publication =
  /** On the topic, acknowledged. */
  | { readonly kind: 'published'; readonly version: PlanVersionRow }
  /** Committed, but the broker has not acknowledged it: it will be said; the call may be repeated. */
  | { readonly kind: 'unacknowledged' }
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
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
  ) {
    this.levelsMax = env.count('QINGFEN_LEVELS_MAX', 3);
  }

  /**
   * Judges a plan and publishes it as the shop's next version.
   *
   * `published` means that the broker has it: every order that reaches the order topic from now on
   * and was paid at or after `effectiveFrom` is settled under it.
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
    const outcome = await this.units.run((unit) => append(unit, { ...call, document, hash }));
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
}

type AcceptedCall = PublishCall & { readonly document: JsonObject; readonly hash: string };

async function append(unit: Unit, call: AcceptedCall): Promise<Publication> {
  const { tx, now } = unit;
  const { shopId, hash, caller, effectiveFrom: requestedFrom } = call;
  const shop = await lockShop(tx, shopId);
  if (shop === null) return { kind: 'no-shop' };
  const owed = await takeOwedAnswer(tx, { shopId, hash, requestedFrom });
  if (owed !== null) {
    say(unit, owed, caller);
    return { kind: 'published', version: owed };
  }
  const publishedAt = distinctInstant(now, shop.lastPublishedAt);
  const earliest = addDays(publishedAt, shop.noticePeriodDays);
  const effectiveFrom = requestedFrom ?? earliest;
  if (effectiveFrom < earliest) {
    return { kind: 'refused', errors: [tooEarly(formatInstant(earliest, shop.timezone))] };
  }
  const version: PlanVersionRow = {
    shopId,
    version: shop.lastVersion + 1,
    plan: call.document,
    hash,
    publishedAt,
    effectiveFrom,
    withdrawnAt: null,
  };
  await insertVersion(tx, { ...version, requestedFrom, publishedBy: caller.subject });
  await notePublished(tx, version);
  say(unit, version, caller);
  await audit(tx, {
    caller,
    action: 'plan.publish',
    subject: { type: 'plan-version', id: String(version.version) },
    shopId,
    before: null,
    after: planData(version),
    reason: null,
    at: now,
  });
  return { kind: 'published', version };
}

async function takeBack(unit: Unit, call: WithdrawCall): Promise<Withdrawal> {
  const { tx, now } = unit;
  const { shopId, caller } = call;
  if ((await lockShop(tx, shopId)) === null) return { kind: 'unknown' };
  const found = await versionOf(tx, call);
  if (found === null) return { kind: 'unknown' };
  if (found.withdrawnAt !== null) {
    say(unit, found, caller); // the first call may have been sent away before the broker had it
    return { kind: 'withdrawn', version: found };
  }
  if (found.effectiveFrom <= now) return { kind: 'in-force' };
  const version = { ...found, withdrawnAt: now };
  await withdrawVersion(tx, version);
  say(unit, version, caller);
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

function say(unit: Unit, version: PlanVersionRow, caller: Caller): void {
  unit.say({
    topic: topics.settlementPlanPublished,
    key: `${version.shopId}:${version.version}`,
    data: planData(version),
    correlationId: caller.requestId,
  });
}

/** A version as its event has it. */
function planData(version: PlanVersionRow): EventData['settlement-plan-published'] {
  return {
    shopId: version.shopId,
    version: version.version,
    plan: version.plan,
    hash: version.hash,
    publishedAt: version.publishedAt.toISOString(),
    effectiveFrom: version.effectiveFrom.toISOString(),
    ...(version.withdrawnAt === null ? {} : { withdrawnAt: version.withdrawnAt.toISOString() }),
  };
}

function tooEarly(earliestText: string): FieldError {
  return {
    pointer: '/effectiveFrom',
    message: `Too early: the notice period allows ${earliestText} at the earliest.`,
    messageZh: `生效时间过早：按公告期最早为 ${earliestText}。`,
  };
}

function jsonObjectOf(document: unknown): JsonObject {
  if (typeof document !== 'object' || document === null) throw new Error('a plan is an object');
  return { ...document };
}
