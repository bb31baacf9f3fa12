import { Inject, Injectable } from '@nestjs/common';
import { askSecondPerson } from '@qingfen/approvals';
import { localDate } from '@qingfen/calendar';
import type { TaxPaymentBody } from '@qingfen/contracts';
import { taxCurrency } from '@qingfen/core-plan';
import { taxPaidLegs } from '@qingfen/core-settlement';
import { advisoryLock } from '@qingfen/database';
import { audit, conflict, invalid, type ManualAct } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import { amountOf, type Outcome, type Signatures } from './adjustment.service.js';
import type { Wanted } from './approval.js';
import { EntryBook } from './entry-book.js';
import type { ManualLimit } from './manual-limit.js';
import { timezoneOf } from './shop.store.js';
import { insertTaxPayment, taxOwed, type TaxPaymentRow } from './tax-payment.store.js';

/** A payment to the tax office as it is approved: minor units as text, so that JSON keeps them exactly. */
export interface TaxPaymentDocument {
  readonly currency: string;
  readonly amountMinor: string;
  readonly paidOn: string;
  readonly reference: string;
}

/** What was withheld is paid to the tax office, by the shop's owner and outside of Qingfen (R-TAX-1). */
@Injectable()
export class TaxPaymentService {
  constructor(@Inject(EntryBook) private readonly book: EntryBook) {}

  /**
   * Books it, or keeps it for a second person where it is above what one may book alone.
   * @throws ProblemError 409 `already-booked` for a reference that was booked; 422 above what is owed to the
   * office, or for a day to come
   */
  async create(
    unit: Unit,
    call: Omit<ManualAct, 'reason'> & {
      readonly body: TaxPaymentBody;
      readonly limit: ManualLimit;
    },
  ): Promise<Outcome<TaxPaymentRow>> {
    const { shopId, caller, body } = call;
    const { paidOn, reference } = body;
    const today = localDate(unit.now, await timezoneOf(unit.tx, shopId));
    if (paidOn > today) throw toCome(today);
    const amountMinor = amountOf(body.amount, taxCurrency).toString();
    const document = { currency: taxCurrency, amountMinor, paidOn, reference };
    const note = {
      caller,
      subject: { type: 'shop', id: shopId },
      shopId,
      before: null,
      reason: reference,
      at: unit.now,
    } as const;
    if (call.limit.wantsSecond(BigInt(amountMinor))) {
      await insistOnOwed(unit, shopId, document);
      const approval = await askSecondPerson<Wanted>(unit, {
        shopId,
        wanted: { wants: 'tax-payment', document },
        subjectId: reference,
        summary: wordsOf(document),
        maker: caller.subject,
      });
      const after = { ...document, hash: approval.hash };
      await audit(unit.tx, { ...note, action: 'tax-payment.request', after });
      return { kind: 'wanted', approval };
    }
    const row = await bookTaxPayment(this.book, unit, document, {
      shopId,
      makerId: caller.subject,
      approverId: null,
      correlationId: caller.requestId,
    });
    const after = { ...document, taxPaymentId: taxPaymentIdOf(row) };
    await audit(unit.tx, { ...note, action: 'tax-payment.book', after });
    return { kind: 'booked', row };
  }
}

/** Books a payment that has been judged; what is owed is asked again, for it may have fallen meanwhile. */
export async function bookTaxPayment(
  book: EntryBook,
  unit: Unit,
  document: TaxPaymentDocument,
  { shopId, makerId, approverId }: Signatures,
): Promise<TaxPaymentRow> {
  const { currency, paidOn, reference } = document;
  const amountMinor = minor(BigInt(document.amountMinor));
  await insistOnOwed(unit, shopId, document);
  const row = await insertTaxPayment(unit.tx, {
    shop_id: shopId,
    currency,
    amount_minor: amountMinor,
    paid_on: paidOn,
    reference,
    made_by: makerId,
    approved_by: approverId,
    booked_at: unit.now,
  });
  if (row === undefined) {
    throw conflict('already-booked', `The payment ${reference} is booked already.`);
  }
  await book.book(unit, {
    transactions: [
      {
        shopId,
        bookedAt: unit.now,
        valueAt: null,
        currency,
        cause: 'tax-paid',
        causeId: taxPaymentIdOf(row),
        legs: taxPaidLegs(amountMinor),
      },
    ],
  });
  return row;
}

export function taxPaymentIdOf({
  tax_payment_id: id,
}: Pick<TaxPaymentRow, 'tax_payment_id'>): string {
  return `tp_${id}`;
}

/** One payment of a shop at a time, so that two together are not above what is owed. */
async function insistOnOwed(
  unit: Unit,
  shopId: string,
  { amountMinor, currency }: TaxPaymentDocument,
): Promise<void> {
  await advisoryLock(unit.tx, `tax-payments ${shopId}`, 'exclusive');
  const owedMinor = await taxOwed(unit.tx, shopId, currency);
  if (BigInt(amountMinor) <= owedMinor) return;
  const owedText = `${formatAmount(minor(owedMinor), currency)} ${currency}`;
  throw invalid([
    {
      pointer: '/amount',
      message: `is more than is withheld and not paid to the tax office: ${owedText}`,
      messageZh: `超过已代扣而未缴纳的税款 ${owedText}`,
    },
  ]);
}

function toCome(today: string): Error {
  const message = `is after today, ${today}`;
  return invalid([{ pointer: '/paidOn', message, messageZh: `晚于今天 ${today}` }]);
}

function wordsOf({ amountMinor, currency, paidOn, reference }: TaxPaymentDocument): string {
  const amount = formatAmount(minor(BigInt(amountMinor)), currency);
  return `Tax payment (缴纳代扣税款) of ${amount} ${currency} on ${paidOn}. ${reference}`;
}
