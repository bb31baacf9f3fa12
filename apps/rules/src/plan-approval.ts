import {
  approvalIdOf,
  askSecondPerson,
  openApprovalOf,
  type ApprovalAct,
  type ApprovalRow,
} from '@qingfen/approvals';
import { parseInstant } from '@qingfen/calendar';
import type { JsonObject } from '@qingfen/contracts';
import type { PlanWarning } from '@qingfen/core-plan';
import { audit, conflict, notFound } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { distinctInstant } from './distinct-instant.js';
import type { Publication, PublishCall } from './plan.service.js';
import { appendVersion, tooEarly, type AcceptedPlan } from './publication.js';
import { lockShop } from './shop.store.js';

/** Whose approvals these are: their ids begin with this service's prefix. */
export const approvalOwner = 'rules';

/** What is published when a second person has said yes. */
export interface WantedPlan {
  readonly wants: 'plan';
  readonly document: {
    readonly plan: JsonObject;
    readonly planHash: string;
    readonly effectiveFrom: string | null;
  };
}

/** Keeps a plan for a second person; the same one asked for again is the same approval. */
export async function askForPlan(
  unit: Unit,
  { shopId, caller }: PublishCall,
  { document: plan, hash: planHash, effectiveFrom }: AcceptedPlan,
  warning: PlanWarning,
): Promise<Publication> {
  const shop = await lockShop(unit.tx, shopId);
  if (shop === null) return { kind: 'no-shop' };
  const publishedAt = distinctInstant(unit.now, shop.lastPublishedAt);
  const errors = tooEarly(shop, { effectiveFrom }, publishedAt);
  if (errors.length > 0) return { kind: 'refused', errors };
  const from = effectiveFrom === null ? null : effectiveFrom.toISOString();
  const subjectId = `${planHash} ${from ?? 'earliest'}`;
  const waiting = await openApprovalOf<WantedPlan>(unit, { shopId, wants: 'plan', subjectId });
  if (waiting !== undefined) return { kind: 'wanted', approval: waiting };
  const approval = await askSecondPerson<WantedPlan>(unit, {
    shopId,
    wanted: { wants: 'plan', document: { plan, planHash, effectiveFrom: from } },
    subjectId,
    summary: `Publish a plan. ${warning.message} 发布结算规则。${warning.messageZh}`,
    maker: caller.subject,
  });
  await audit(unit.tx, {
    caller,
    action: 'plan.request',
    subject: { type: 'approval', id: approvalIdOf(approvalOwner, approval) },
    shopId,
    before: null,
    after: { plan, planHash, effectiveFrom: from, warning: warning.message, hash: approval.hash },
    reason: null,
    at: unit.now,
  });
  return { kind: 'wanted', approval };
}

/**
 * Publishes what was approved, to the letter.
 * @throws ProblemError 409 where the notice period no longer allows its wish
 */
export async function publishApproved(
  unit: Unit,
  { shopId, caller }: ApprovalAct,
  { document, makers }: ApprovalRow<WantedPlan>,
): Promise<void> {
  const shop = await lockShop(unit.tx, shopId);
  if (shop === null) throw notFound(`There is no shop "${shopId}".`);
  const { plan, planHash, effectiveFrom } = document;
  const accepted = {
    document: plan,
    hash: planHash,
    effectiveFrom: effectiveFrom === null ? null : parseInstant(effectiveFrom),
  };
  const publishedBy = makers[0] ?? '';
  const signed = { caller, publishedBy, approvedBy: caller.subject };
  const appended = await appendVersion(unit, shop, accepted, signed);
  if (appended.kind === 'published') return;
  const [first] = appended.errors;
  throw conflict('no-longer-possible', `${first?.message ?? ''} Reject it and ask for it anew.`);
}
