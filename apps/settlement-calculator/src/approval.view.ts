import { formatInstant } from '@qingfen/calendar';
import type { Approval, ApprovalWanted } from '@qingfen/contracts';
import type { ApprovalRow } from './approval.store.js';

export function approvalIdOf({ approval_id: id }: Pick<ApprovalRow, 'approval_id'>): string {
  return `ap_${id}`;
}

/** What a call answers (202) that a second person has to approve first. */
export function wantedView(row: ApprovalRow, timezone: string): ApprovalWanted {
  return {
    approvalId: approvalIdOf(row),
    wants: row.wants,
    summary: row.summary,
    hash: row.hash,
    expiresAt: formatInstant(row.expires_at, timezone),
  };
}

/** An approval with what became of it; nobody has to write down that one expired. */
export function approvalView(row: ApprovalRow, timezone: string, now: Date): Approval {
  return {
    ...wantedView(row, timezone),
    shopId: row.shop_id,
    state: row.state === 'open' && row.expires_at <= now ? 'expired' : row.state,
    makers: [...row.makers],
    requestedAt: formatInstant(row.requested_at, timezone),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at === null ? null : formatInstant(row.decided_at, timezone),
    reason: row.reason,
  };
}
