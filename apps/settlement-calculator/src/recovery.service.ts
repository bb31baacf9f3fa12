import { Inject, Injectable } from '@nestjs/common';
import { approvalIdOf, askSecondPerson, openApprovalOf } from '@qingfen/approvals';
import type { RecoveryBody } from '@qingfen/contracts';
import {
  recoveryDemandedLegs,
  recoveryReceivedLegs,
  recoveryWithdrawnLegs,
  recoveryWrittenOffLegs,
  type LedgerLeg,
} from '@qingfen/core-settlement';
import {
  audit,
  conflict,
  invalid,
  type ManualAct,
  notFound,
  type ProblemError,
} from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import { amountOf, type Outcome, type Signatures } from './adjustment.service.js';
import { approvalOwner, type ApprovalRow, type ManualAmount, type Wanted } from './approval.js';
import { lockBuckets } from './bucket.js';
import { currencyOf } from './currency.store.js';
import { EntryBook, lockForEntries } from './entry-book.js';
import { bookManualEntry, inWords } from './manual-entry.js';
import type { ManualLimit } from './manual-limit.js';
import { isKnownPayee } from './payee-directory.js';
import { PlanShelf } from './plan-shelf.js';
import {
  debtOf,
  endRecovery,
  insertRecovery,
  lockRecovery,
  nextRecoveryId,
  type RecoveryRow,
} from './recovery.store.js';
import { numberOfId } from './request.js';

/** Names one recovery, and what is done with it. */
export interface RecoveryAct extends ManualAct {
  readonly recoveryId: string;
}

/** Debts asked back apart from the runs: demanded, then received, written off or withdrawn. */
@Injectable()
export class RecoveryService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(EntryBook) private readonly book: EntryBook,
  ) {}

  /**
   * Demands at most what is owed back; runs no longer deduct it.
   * @throws ProblemError 404 for an unknown payee, 422 above the debt
   */
  async demand(
    unit: Unit,
    call: Omit<ManualAct, 'reason'> & { readonly body: RecoveryBody; readonly limit: ManualLimit },
  ): Promise<Outcome<RecoveryRow>> {
    const { shopId, caller, body } = call;
    const { payeeId, kind, reason } = body;
    if (!(await isKnownPayee(unit.tx, shopId, payeeId))) {
      throw notFound(`The shop has no payee ${payeeId}.`);
    }
    const currency = await currencyOf(unit, this.plans, shopId);
    const amountMinor = amountOf(body.amount, currency).toString();
    const document = { payeeId, kind, currency, amountMinor, reason, orderId: null };
    await insistOnDebt(unit, shopId, document);
    const record = {
      caller,
      subject: { type: 'payee', id: payeeId },
      shopId,
      before: null,
      reason,
      at: unit.now,
    } as const;
    if (call.limit.wantsSecond(BigInt(amountMinor))) {
      const approval = await askSecondPerson<Wanted>(unit, {
        shopId,
        wanted: { wants: 'recovery', document },
        subjectId: payeeId,
        summary: `${wordsOf(document)}. ${reason}`,
        maker: caller.subject,
      });
      const after = { ...document, hash: approval.hash };
      await audit(unit.tx, { ...record, action: 'recovery.request', after });
      return { kind: 'wanted', approval };
    }
    const row = await bookDemand(this.book, unit, document, {
      shopId,
      makerId: caller.subject,
      approverId: null,
      correlationId: caller.requestId,
    });
    const after = { ...document, recoveryId: recoveryIdOf(row) };
    await audit(unit.tx, { ...record, action: 'recovery.demand', after });
    return { kind: 'booked', row };
  }

  /** The shop's owner has the money. @throws ProblemError 404, 409 */
  async receipt(unit: Unit, act: RecoveryAct): Promise<RecoveryRow> {
    const row = await openRecovery(unit, act);
    const legs = recoveryReceivedLegs(factOf(row));
    await bookLegs(this.book, unit, row, { cause: 'recovery-received', legs });
    return this.end(unit, act, row, 'received');
  }

  /** The demand is taken back: a negative entry lets runs deduct it again. */
  async withdraw(unit: Unit, act: RecoveryAct): Promise<RecoveryRow> {
    const row = await openRecovery(unit, act);
    await bookManualEntry(this.book, unit, {
      shopId: row.shop_id,
      payeeId: row.payee_id,
      kind: row.kind,
      currency: row.currency,
      amountMinor: -row.amount_minor,
      orderId: null,
      cause: 'recovery-withdrawn',
      causeId: recoveryIdOf(row),
      legs: recoveryWithdrawnLegs(factOf(row)),
      correlationId: act.caller.requestId,
    });
    return this.end(unit, act, row, 'withdrawn');
  }

  /** Giving money up always wants a second person. @throws ProblemError 404, 409 */
  async askWriteOff(unit: Unit, act: RecoveryAct): Promise<ApprovalRow> {
    const row = await openRecovery(unit, act);
    const { shopId, recoveryId, caller, reason } = act;
    const waiting = await openApprovalOf<Wanted>(unit, {
      shopId,
      wants: 'write-off',
      subjectId: recoveryId,
    });
    if (waiting !== undefined) {
      const approvalId = approvalIdOf(approvalOwner, waiting);
      throw conflict('approval-open', `Approval ${approvalId} waits for a second person already.`);
    }
    const amountText = formatAmount(minor(row.amount_minor), row.currency);
    const party = { payeeId: row.payee_id, kind: row.kind, currency: row.currency };
    const approval = await askSecondPerson<Wanted>(unit, {
      shopId,
      wanted: { wants: 'write-off', document: { recoveryId, reason } },
      subjectId: recoveryId,
      summary: `${inWords({ en: `Write-off of ${recoveryId}`, zh: '坏账核销' }, party, amountText)}. ${reason}`,
      maker: caller.subject,
    });
    await audit(unit.tx, {
      caller,
      action: 'recovery.write-off.request',
      subject: { type: 'recovery', id: recoveryId },
      shopId,
      before: { state: row.state },
      after: { approvalId: approvalIdOf(approvalOwner, approval), hash: approval.hash },
      reason,
      at: unit.now,
    });
    return approval;
  }

  /** A second person has said yes; it was checked that it is a second one. */
  async writeOff(unit: Unit, act: RecoveryAct): Promise<RecoveryRow> {
    const row = await openRecovery(unit, act);
    const legs = recoveryWrittenOffLegs(factOf(row));
    await bookLegs(this.book, unit, row, { cause: 'recovery-written-off', legs });
    return this.end(unit, act, row, 'written-off');
  }

  private async end(
    unit: Unit,
    act: RecoveryAct,
    row: RecoveryRow,
    state: Exclude<RecoveryRow['state'], 'demanded'>,
  ): Promise<RecoveryRow> {
    const { caller, shopId, recoveryId, reason } = act;
    const ended = await endRecovery(unit.tx, row, { state, by: caller.subject, at: unit.now });
    await audit(unit.tx, {
      caller,
      action: `recovery.${state}`,
      subject: { type: 'recovery', id: recoveryId },
      shopId,
      before: { state: row.state },
      after: { state },
      reason,
      at: unit.now,
    });
    return ended;
  }
}

/** Books a demand that has been judged; the debt is asked again, for it may have fallen meanwhile. */
export async function bookDemand(
  book: EntryBook,
  unit: Unit,
  document: ManualAmount,
  { shopId, makerId, approverId, correlationId }: Signatures,
): Promise<RecoveryRow> {
  const { payeeId, kind, currency, reason } = document;
  const amountMinor = minor(BigInt(document.amountMinor));
  await lockForEntries(unit.tx, [shopId]);
  await insistOnDebt(unit, shopId, document);
  const recoveryId = await nextRecoveryId(unit.tx);
  const row: RecoveryRow = {
    shop_id: shopId,
    recovery_id: recoveryId,
    payee_id: payeeId,
    kind,
    currency,
    amount_minor: amountMinor,
    reason,
    state: 'demanded',
    made_by: makerId,
    approved_by: approverId,
    demanded_at: unit.now,
  };
  await bookManualEntry(book, unit, {
    shopId,
    payeeId,
    kind,
    currency,
    amountMinor,
    orderId: null,
    cause: 'recovery',
    causeId: recoveryIdOf(row),
    legs: recoveryDemandedLegs(factOf(row)),
    correlationId,
  });
  await insertRecovery(unit.tx, row);
  return row;
}

export function recoveryIdOf({ recovery_id: id }: Pick<RecoveryRow, 'recovery_id'>): string {
  return `rc_${id}`;
}

/**
 * Under the payee's bucket alone: two demands at once, or a run that deducts the debt this very moment,
 * come one after the other. @throws ProblemError 422
 */
async function insistOnDebt(unit: Unit, shopId: string, document: ManualAmount): Promise<void> {
  const key = { ...document, shopId };
  await lockForEntries(unit.tx, [shopId]);
  await lockBuckets(unit.tx, [key], 'exclusive');
  const debtMinor = await debtOf(unit.tx, key);
  if (BigInt(document.amountMinor) > debtMinor) throw aboveDebt(debtMinor, document.currency);
}

function aboveDebt(debtMinor: bigint, currency: string): ProblemError {
  const debtText = `${formatAmount(minor(debtMinor), currency)} ${currency}`;
  return invalid([
    {
      pointer: '/amount',
      message: `is more than the payee owes back of this kind: ${debtText}`,
      messageZh: `超过该收款方此类款项的欠款 ${debtText}`,
    },
  ]);
}

async function openRecovery(unit: Unit, act: RecoveryAct): Promise<RecoveryRow> {
  const row = await lockRecovery(unit.tx, act.shopId, numberOfId('rc', act.recoveryId));
  if (row === undefined) throw notFound(`The shop has no recovery ${act.recoveryId}.`);
  if (row.state === 'demanded') return row;
  throw conflict('not-in-this-state', `The recovery is ${row.state} already.`);
}

async function bookLegs(
  book: EntryBook,
  unit: Unit,
  row: RecoveryRow,
  { cause, legs }: { readonly cause: string; readonly legs: readonly LedgerLeg[] },
): Promise<void> {
  await lockForEntries(unit.tx, [row.shop_id]);
  await book.book(unit, {
    transactions: [
      {
        shopId: row.shop_id,
        bookedAt: unit.now,
        valueAt: null,
        currency: row.currency,
        cause,
        causeId: recoveryIdOf(row),
        legs,
      },
    ],
  });
}

function factOf(row: RecoveryRow): Parameters<typeof recoveryDemandedLegs>[0] {
  return { kind: row.kind, payeeId: row.payee_id, amountMinor: minor(row.amount_minor) };
}

function wordsOf(document: ManualAmount): string {
  const amountText = formatAmount(minor(BigInt(document.amountMinor)), document.currency);
  return inWords({ en: 'Recovery demanded', zh: '追回' }, document, amountText);
}
