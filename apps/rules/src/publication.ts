import { addDays, formatInstant } from '@qingfen/calendar';
import { topics, type EventData, type JsonObject } from '@qingfen/contracts';
import { audit } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { distinctInstant } from './distinct-instant.js';
import { insertVersion, type PlanVersionRow } from './plan.store.js';
import { notePublished, type LockedShop } from './shop.store.js';

/** A reason to refuse, where it stands in the body, in both languages. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
  readonly messageZh: string;
}

/** A plan that was judged and may become a version. */
export interface AcceptedPlan {
  /** Every default written out. */
  readonly document: JsonObject;
  /** SHA-256 of the canonical document, hex. */
  readonly hash: string;
  /** null: as early as the notice period allows. */
  readonly effectiveFrom: Date | null;
}

export interface Signed {
  /** Who does it now: the publisher, or whoever approved it. */
  readonly caller: Caller;
  readonly publishedBy: string;
  /** null where no second person was wanted. */
  readonly approvedBy: string | null;
}

export type Appended =
  | { readonly kind: 'published'; readonly version: PlanVersionRow }
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] };

/** Appends a locked shop's next version, says it and audits it; refused where it would be too early. */
export async function appendVersion(
  unit: Unit,
  shop: LockedShop,
  plan: AcceptedPlan,
  { caller, publishedBy, approvedBy }: Signed,
): Promise<Appended> {
  const { shopId } = shop;
  const publishedAt = distinctInstant(unit.now, shop.lastPublishedAt);
  const errors = tooEarly(shop, plan, publishedAt);
  if (errors.length > 0) return { kind: 'refused', errors };
  const version: PlanVersionRow = {
    shopId,
    version: shop.lastVersion + 1,
    plan: plan.document,
    hash: plan.hash,
    publishedAt,
    effectiveFrom: plan.effectiveFrom ?? addDays(publishedAt, shop.noticePeriodDays),
    withdrawnAt: null,
  };
  const requestedFrom = plan.effectiveFrom;
  await insertVersion(unit.tx, { ...version, requestedFrom, publishedBy, approvedBy });
  await notePublished(unit.tx, version);
  sayVersion(unit, version, caller);
  await audit(unit.tx, {
    caller,
    action: 'plan.publish',
    subject: { type: 'plan-version', id: String(version.version) },
    shopId,
    before: null,
    after: { ...planData(version), publishedBy, approvedBy },
    reason: null,
    at: unit.now,
  });
  return { kind: 'published', version };
}

/** What is wrong with a wish to take effect before the notice period allows it; nothing without one. */
export function tooEarly(
  shop: LockedShop,
  { effectiveFrom }: Pick<AcceptedPlan, 'effectiveFrom'>,
  publishedAt: Date,
): readonly FieldError[] {
  const earliest = addDays(publishedAt, shop.noticePeriodDays);
  if (effectiveFrom === null || effectiveFrom >= earliest) return [];
  const earliestText = formatInstant(earliest, shop.timezone);
  return [
    {
      pointer: '/effectiveFrom',
      message: `Too early: the notice period allows ${earliestText} at the earliest.`,
      messageZh: `生效时间过早：按公告期最早为 ${earliestText}。`,
    },
  ];
}

export function sayVersion(unit: Unit, version: PlanVersionRow, caller: Caller): void {
  unit.say({
    topic: topics.settlementPlanPublished,
    key: `${version.shopId}:${version.version}`,
    data: planData(version),
    correlationId: caller.requestId,
  });
}

/** A version as its event has it. */
export function planData(version: PlanVersionRow): EventData['settlement-plan-published'] {
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
