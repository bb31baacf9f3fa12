import { Inject, Injectable } from '@nestjs/common';
import { ApprovalDesk, type ApprovalAct } from '@qingfen/approvals';
import type { Unit } from '@qingfen/messaging';
import { bookAdjustment, type Signatures } from './adjustment.service.js';
import { approvalOwner, type ApprovalRow, type Wanted } from './approval.js';
import { EntryBook } from './entry-book.js';
import { bookMove } from './move.service.js';
import { bookOpenings } from './opening.service.js';
import { bookDemand, RecoveryService } from './recovery.service.js';
import { RolloutService } from './rollout.service.js';
import { bookTaxPayment } from './tax-payment.service.js';

/** Books what wanted a second person, once one has said yes. */
@Injectable()
export class ApprovalService {
  private readonly desk = new ApprovalDesk<Wanted>(approvalOwner, (unit, act, row) =>
    this.carryOut(unit, act, row),
  );

  constructor(
    @Inject(RecoveryService) private readonly recoveries: RecoveryService,
    @Inject(RolloutService) private readonly rollouts: RolloutService,
    @Inject(EntryBook) private readonly book: EntryBook,
  ) {}

  /**
   * Says yes and does it, in one transaction: what was approved is what is booked.
   * @throws ProblemError 403 `same-person`, 404, 409 when decided, expired or no longer possible
   */
  approve(unit: Unit, act: ApprovalAct): Promise<ApprovalRow> {
    return this.desk.approve(unit, act);
  }

  /** Says no; whoever asked for it may take it back so, too. */
  reject(unit: Unit, act: ApprovalAct): Promise<ApprovalRow> {
    return this.desk.reject(unit, act);
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
      case 'tax-payment':
        await bookTaxPayment(this.book, unit, row.document, signatures);
        return;
      default: {
        const never: never = row;
        return never;
      }
    }
  }
}
