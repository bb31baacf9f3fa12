import { formatInstant } from '@qingfen/calendar';
import {
  approvalPrefixes,
  type Approval,
  type ApprovalOwner,
  type ApprovalWanted,
} from '@qingfen/contracts';
import { notFound } from '@qingfen/hosting';
import type { ApprovalRow } from './approval.js';

/** Whose approvals are shown, and in which zone. */
export interface Showing {
  readonly owner: ApprovalOwner;
  readonly timezone: string;
}

export function approvalIdOf(
  owner: ApprovalOwner,
  { approval_id: id }: Pick<ApprovalRow, 'approval_id'>,
): string {
  return `${approvalPrefixes[owner]}_${id}`;
}

/** `ap_12` → 12, of an owner whose ids begin so. @throws ProblemError 404 for any other id */
export function approvalNumberOf(owner: ApprovalOwner, approvalId: string): bigint {
  const [prefix, number = '', ...rest] = approvalId.split('_');
  const isOurs = prefix === approvalPrefixes[owner] && rest.length === 0;
  if (isOurs && /^[1-9][0-9]{0,17}$/.test(number)) return BigInt(number);
  throw notFound(`There is no approval ${approvalId.slice(0, 100)}.`);
}

/** What a call answers (202) that a second person has to approve first. */
export function wantedView(row: ApprovalRow, { owner, timezone }: Showing): ApprovalWanted {
  return {
    approvalId: approvalIdOf(owner, row),
    wants: row.wants,
    summary: row.summary,
    hash: row.hash,
    expiresAt: formatInstant(row.expires_at, timezone),
  };
}

/** An approval with what became of it; nobody has to write down that one expired. */
export function approvalView(
  row: ApprovalRow,
  { now, ...showing }: Showing & { readonly now: Date },
): Approval {
  const { timezone } = showing;
  return {
    ...wantedView(row, showing),
    shopId: row.shop_id,
    state: row.state === 'open' && row.expires_at <= now ? 'expired' : row.state,
    makers: [...row.makers],
    requestedAt: formatInstant(row.requested_at, timezone),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at === null ? null : formatInstant(row.decided_at, timezone),
    reason: row.reason,
  };
}
