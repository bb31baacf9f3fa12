import { Inject, Injectable } from '@nestjs/common';
import { askSecondPerson } from '@qingfen/approvals';
import type { AdjustmentBody } from '@qingfen/contracts';
import { adjustmentLegs, openingLegs } from '@qingfen/core-settlement';
import { audit, invalid, type ManualAct, notFound } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { AmountError, formatAmount, minor, parseSignedAmount, type Minor } from '@qingfen/money';
import {
  currencyOfOrder,
  insertAdjustmentRow,
  nextAdjustmentId,
  type AdjustmentRow,
} from './adjustment.store.js';
import type { ApprovalRow, ManualAmount, Wanted } from './approval.js';
import { currencyOf } from './currency.store.js';
import { EntryBook } from './entry-book.js';
import { bookManualEntry, inWords } from './manual-entry.js';
import type { ManualLimit } from './manual-limit.js';
import { isKnownPayee } from './payee-directory.js';
import { PlanShelf } from './plan-shelf.js';

export type Outcome<T> =
  | { readonly kind: 'booked'; readonly row: T }
  | { readonly kind: 'wanted'; readonly approval: ApprovalRow };

/** Who made an amount and, where a second person was wanted, who approved it. */
export interface Signatures {
  readonly shopId: string;
  readonly makerId: string;
  readonly approverId: string | null;
  readonly correlationId: string;
}

/** Amounts that an operator books in a payee's favour or against it (R-OPS-2). */
@Injectable()
export class AdjustmentService {
  constructor(
    @Inject(PlanShelf) private readonly plans: PlanShelf,
    @Inject(EntryBook) private readonly book: EntryBook,
  ) {}

  /**
   * Books it, or keeps it for a second person where it is above what one may book alone.
   * @throws ProblemError 404 for an unknown payee, 422 for an amount or order that cannot be
   */
  async create(
    unit: Unit,
    call: Omit<ManualAct, 'reason'> & {
      readonly body: AdjustmentBody;
      readonly limit: ManualLimit;
    },
  ): Promise<Outcome<AdjustmentRow>> {
    const { shopId, caller } = call;
    const document = await this.read(unit, shopId, call.body);
    const { orderId, reason, payeeId } = document;
    if (call.limit.wantsSecond(BigInt(document.amountMinor))) {
      const approval = await askSecondPerson<Wanted>(unit, {
        shopId,
        wanted: { wants: 'adjustment', document },
        subjectId: payeeId,
        summary: `${wordsOf(document)}. ${reason}`,
        maker: caller.subject,
      });
      await audit(unit.tx, {
        caller,
        action: 'adjustment.request',
        subject: { type: 'payee', id: payeeId },
        shopId,
        before: null,
        after: { ...document, orderId, hash: approval.hash },
        reason,
        at: unit.now,
      });
      return { kind: 'wanted', approval };
    }
    const row = await bookAdjustment(this.book, unit, document, {
      cause: 'adjustment',
      shopId,
      makerId: caller.subject,
      approverId: null,
      correlationId: caller.requestId,
    });
    await audit(unit.tx, {
      caller,
      action: 'adjustment.book',
      subject: { type: 'payee', id: payeeId },
      shopId,
      before: null,
      after: { ...document, adjustmentId: adjustmentIdOf(row) },
      reason,
      at: unit.now,
    });
    return { kind: 'booked', row };
  }

  private async read(unit: Unit, shopId: string, body: AdjustmentBody): Promise<ManualAmount> {
    const { payeeId, kind, amount, reason, orderId } = body;
    if (!(await isKnownPayee(unit.tx, shopId, payeeId))) {
      throw notFound(`The shop has no payee ${payeeId}.`);
    }
    const ofOrder =
      orderId === undefined ? undefined : await currencyOfOrder(unit.tx, shopId, orderId);
    if (orderId !== undefined && ofOrder === undefined) throw noOrder(orderId);
    const currency = ofOrder ?? (await currencyOf(unit, this.plans, shopId));
    const amountMinor = amountOf(amount, currency).toString();
    return { payeeId, kind, currency, amountMinor, reason, orderId: orderId ?? null };
  }
}

/** Books an amount by hand, of which everything has been judged. */
export async function bookAdjustment(
  book: EntryBook,
  unit: Unit,
  document: ManualAmount,
  { cause, shopId, makerId, approverId, correlationId }: Signatures & Pick<AdjustmentRow, 'cause'>,
): Promise<AdjustmentRow> {
  const { payeeId, kind, currency, orderId, reason } = document;
  const amountMinor = minor(BigInt(document.amountMinor));
  const adjustmentId = await nextAdjustmentId(unit.tx);
  const fact = { kind, payeeId, amountMinor };
  const entryId = await bookManualEntry(book, unit, {
    shopId,
    payeeId,
    kind,
    currency,
    amountMinor,
    orderId,
    cause,
    causeId: `aj_${adjustmentId}`,
    legs: cause === 'opening' ? openingLegs(fact) : adjustmentLegs(fact),
    correlationId,
  });
  const row: AdjustmentRow = {
    shop_id: shopId,
    adjustment_id: adjustmentId,
    cause,
    entry_id: entryId,
    payee_id: payeeId,
    kind,
    currency,
    amount_minor: amountMinor,
    order_id: orderId,
    reason,
    made_by: makerId,
    approved_by: approverId,
    booked_at: unit.now,
  };
  await insertAdjustmentRow(unit.tx, row);
  return row;
}

export function adjustmentIdOf({
  adjustment_id: id,
}: Pick<AdjustmentRow, 'adjustment_id'>): string {
  return `aj_${id}`;
}

/** @throws ProblemError 422 for more digits than the currency has */
export function amountOf(text: string, currency: string, pointer = '/amount'): Minor {
  try {
    return parseSignedAmount(text, currency);
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
    const messageZh = `${text} 不是 ${currency} 的金额`;
    throw invalid([{ pointer, message: error.message, messageZh }]);
  }
}

function wordsOf(document: ManualAmount): string {
  const amountText = formatAmount(minor(BigInt(document.amountMinor)), document.currency);
  return inWords({ en: 'Adjustment', zh: '调账' }, document, amountText);
}

function noOrder(orderId: string): Error {
  return invalid([
    {
      pointer: '/orderId',
      message: `${orderId} is no completed order of the shop`,
      messageZh: `${orderId} 不是本店铺已完成的订单`,
    },
  ]);
}
