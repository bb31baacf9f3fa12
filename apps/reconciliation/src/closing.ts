import type { ApprovalAct, ApprovalRow } from '@qingfen/approvals';
import type { ClosingState } from '@qingfen/core-reconciliation';
import { conflict, notFound } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { closeDifference, findDifference } from './difference.store.js';
import { endAlertOf } from './difference.service.js';

/** Whose approvals these are: their ids begin with this service's prefix. */
export const approvalOwner = 'reconciliation';

/** What is done when a second person has said yes. */
export interface WantedClosing {
  readonly wants: 'difference';
  readonly document: {
    readonly differenceId: string;
    readonly as: ClosingState;
    readonly reason: string;
    readonly class: string;
    readonly amountMinor: string;
  };
}

/**
 * Closes what was asked to be closed, as it was then.
 * @throws ProblemError 409 where it is closed already, or something else is told of it now
 */
export async function closeApproved(
  unit: Unit,
  { shopId, caller }: ApprovalAct,
  { document, makers }: ApprovalRow<WantedClosing>,
): Promise<void> {
  const { differenceId, as, reason } = document;
  const row = await findDifference(unit.tx, shopId, differenceId);
  if (row === null) throw notFound(`The shop has no difference ${differenceId}.`);
  const isAsAsked =
    row.class === document.class && row.amountMinor.toString() === document.amountMinor;
  if (!isAsAsked) {
    const detail = 'Something else is told of the difference now. Reject it and ask for it anew.';
    throw conflict('no-longer-possible', detail);
  }
  const by = makers[0] ?? '';
  const closing = { differenceId, as, by, approvedBy: caller.subject, reason, at: unit.now };
  if (!(await closeDifference(unit.tx, shopId, closing))) {
    throw conflict('not-in-this-state', `It is ${row.state} already.`);
  }
  endAlertOf(unit, shopId, differenceId);
}
