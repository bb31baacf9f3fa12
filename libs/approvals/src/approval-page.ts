import { pageQuery, type Approval, type Page } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';
import { queryOf } from '@qingfen/hosting';
import { listApprovals } from './approval.store.js';
import { approvalIdOf, approvalNumberOf, approvalView, type Showing } from './approval.view.js';

/**
 * One owner's approvals of a shop, oldest first. The cursor is the id behind which to go on, so that the
 * gateway, which shows the approvals of all owners as one list, can go on behind any of them.
 *
 * @throws ProblemError 400 for an unusable query, 404 for a cursor of another owner
 */
export async function approvalPage(
  tx: Pick<Tx, 'query'>,
  asked: { readonly shopId: string; readonly query: unknown },
  showing: Showing & { readonly now: Date },
): Promise<Page<Approval>> {
  const { owner } = showing;
  const { limit, cursor } = queryOf(pageQuery, asked.query);
  const after = cursor === undefined ? 0n : approvalNumberOf(owner, cursor);
  const found = await listApprovals(tx, asked.shopId, after, limit + 1);
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return {
    items: rows.map((row) => approvalView(row, showing)),
    nextCursor: last === undefined ? null : approvalIdOf(owner, last),
  };
}
