import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { audit, conflict, type ManualAct, notFound, StatusBoard } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { invariant } from '@qingfen/money';
import { bookAdjustment, type Signatures } from './adjustment.service.js';
import {
  decideApproval,
  hashOf,
  lockApproval,
  nextExpiry,
  type ApprovalRow,
} from './approval.store.js';
import { EntryBook } from './entry-book.js';
import { bookMove } from './move.service.js';
import { bookOpenings } from './opening.service.js';
import { bookDemand, RecoveryService } from './recovery.service.js';
import { RolloutService } from './rollout.service.js';
import { numberOfId, samePerson } from './request.js';

export interface ApprovalAct extends ManualAct {
  readonly approvalId: string;
}

/** Four eyes: what wants a second person is done when one has said yes, and not before. */
@Injectable()
export class ApprovalService implements OnApplicationBootstrap {
  constructor(
    @Inject(RecoveryService) private readonly recoveries: RecoveryService,
    @Inject(RolloutService) private readonly rollouts: RolloutService,
    @Inject(EntryBook) private readonly book: EntryBook,
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(StatusBoard) private readonly board: StatusBoard,
  ) {}

  onApplicationBootstrap(): void {
    this.board.contribute(async () => ({
      nextDueAt: await nextExpiry(this.database, this.clock.now()),
    }));
  }

  /**
   * Says yes and does it, in one transaction: what was approved is what is booked.
   * @throws ProblemError 403 `same-person`, 404, 409 when decided, expired or no longer possible
   */
  async approve(unit: Unit, act: ApprovalAct): Promise<ApprovalRow> {
    const row = await openApproval(unit, act);
    const { caller, shopId, reason } = act;
    if (row.makers.includes(caller.subject)) throw samePerson();
    invariant(row.hash === hashOf(shopId, row), 'what is approved is what was asked for');
    const decision = { state: 'approved', by: caller.subject, at: unit.now, reason } as const;
    const decided = await decideApproval(unit.tx, row, decision);
    await this.carryOut(unit, act, row);
    await note(unit, act, row, decided);
    return decided;
  }

  /** Says no; whoever asked for it may take it back so, too. */
  async reject(unit: Unit, act: ApprovalAct): Promise<ApprovalRow> {
    const row = await openApproval(unit, act);
    const { caller, reason } = act;
    const decision = { state: 'rejected', by: caller.subject, at: unit.now, reason } as const;
    const decided = await decideApproval(unit.tx, row, decision);
    await note(unit, act, row, decided);
    return decided;
  }

  private async carryOut(unit: Unit, act: ApprovalAct, row: ApprovalRow): Promise<void> {
    const signatures: Signatures = {
      shopId: act.shopId,
      makerId: row.makers[0] ?? '',
      approverId: act.caller.subject,
      correlationId: act.caller.requestId,
    };
    switch (row.wants) {
      case 'adjustment':
        await bookAdjustment(this.book, unit, row.document, { ...signatures, cause: 'adjustment' });
        return;
      case 'recovery':
        await bookDemand(this.book, unit, row.document, signatures);
        return;
      case 'write-off':
        await this.recoveries.writeOff(unit, { ...act, recoveryId: row.document.recoveryId });
        return;
      case 'opening-balances':
        await bookOpenings(this.book, unit, row.document.items, signatures);
        return;
      case 'move':
        await bookMove(this.book, unit, row.document, signatures);
        return;
      case 'rollout':
        await this.rollouts.apply(unit, act, row.document);
        return;
      default: {
        const never: never = row;
        return never;
      }
    }
  }
}

async function openApproval(unit: Unit, act: ApprovalAct): Promise<ApprovalRow> {
  const row = await lockApproval(unit.tx, act.shopId, numberOfId('ap', act.approvalId));
  if (row === undefined) throw notFound(`The shop has no approval ${act.approvalId}.`);
  if (row.state !== 'open') throw conflict('not-in-this-state', `It is ${row.state} already.`);
  if (row.expires_at <= unit.now) {
    throw conflict('approval-expired', 'Nobody has decided in time; ask for it again.');
  }
  return row;
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
