import type { ApprovalOwner } from '@qingfen/contracts';
import { audit, conflict, forbidden, notFound, type ManualAct } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { invariant } from '@qingfen/money';
import { approvalHash, type ApprovalRow, type Wanted } from './approval.js';
import { decideApproval, lockApproval } from './approval.store.js';
import { approvalNumberOf } from './approval.view.js';

/** What somebody says to an approval, and why. */
export interface ApprovalAct extends ManualAct {
  readonly approvalId: string;
}

/** Does what was approved, in the transaction that approves it. */
export type CarryOut<W extends Wanted> = (
  unit: Unit,
  act: ApprovalAct,
  row: ApprovalRow<W>,
) => Promise<void>;

/** Four eyes: what wants a second person is done when one has said yes, and not before. */
export class ApprovalDesk<W extends Wanted> {
  constructor(
    private readonly owner: ApprovalOwner,
    private readonly carryOut: CarryOut<W>,
  ) {}

  /**
   * Says yes and does it, in one transaction: what was approved is what is done.
   * @throws ProblemError 403 `same-person`, 404, 409 when decided, expired or no longer possible
   */
  async approve(unit: Unit, act: ApprovalAct): Promise<ApprovalRow<W>> {
    const row = await this.open(unit, act);
    const { caller, shopId, reason } = act;
    if (row.makers.includes(caller.subject)) throw samePerson();
    const isUnchanged = row.hash === approvalHash(shopId, row);
    invariant(isUnchanged, 'what is approved is what was asked for');
    const decision = { state: 'approved', by: caller.subject, at: unit.now, reason } as const;
    const decided = await decideApproval(unit.tx, row, decision);
    await this.carryOut(unit, act, row);
    await note(unit, act, row, decided);
    return decided;
  }

  /** Says no; whoever asked for it may take it back so, too. @throws ProblemError 404, 409 */
  async reject(unit: Unit, act: ApprovalAct): Promise<ApprovalRow<W>> {
    const row = await this.open(unit, act);
    const { caller, reason } = act;
    const decision = { state: 'rejected', by: caller.subject, at: unit.now, reason } as const;
    const decided = await decideApproval(unit.tx, row, decision);
    await note(unit, act, row, decided);
    return decided;
  }

  /** An approval under its lock, whatever became of it. @throws ProblemError 404 */
  async find(unit: Unit, { shopId, approvalId }: ApprovalAct): Promise<ApprovalRow<W>> {
    const number = approvalNumberOf(this.owner, approvalId);
    const row = await lockApproval<W>(unit.tx, shopId, number);
    if (row === undefined) throw notFound(`The shop has no approval ${approvalId}.`);
    return row;
  }

  private async open(unit: Unit, act: ApprovalAct): Promise<ApprovalRow<W>> {
    const row = await this.find(unit, act);
    if (row.state !== 'open') throw conflict('not-in-this-state', `It is ${row.state} already.`);
    if (row.expires_at <= unit.now) {
      throw conflict('approval-expired', 'Nobody has decided in time; ask for it again.');
    }
    return row;
  }
}

/** 403: who made it necessary does not approve it. */
function samePerson(): Error {
  const detail = 'Who made it necessary may not approve it: a second person has to.';
  return forbidden('same-person', detail);
}

async function note(
  unit: Unit,
  act: ApprovalAct,
  before: ApprovalRow,
  after: ApprovalRow,
): Promise<void> {
  await audit(unit.tx, {
    caller: act.caller,
    action: `approval.${after.state}`,
    subject: { type: 'approval', id: act.approvalId },
    shopId: act.shopId,
    before: { state: before.state, wants: before.wants, makers: before.makers },
    after: { state: after.state, hash: after.hash, summary: after.summary },
    reason: act.reason,
    at: unit.now,
  });
}
