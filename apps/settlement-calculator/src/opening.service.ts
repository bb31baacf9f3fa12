import { Inject, Injectable } from '@nestjs/common';
import { askSecondPerson } from '@qingfen/approvals';
import type { OpeningBalancesBody } from '@qingfen/contracts';
import { audit, conflict, invalid, type ManualAct } from '@qingfen/hosting';
import type { Unit } from '@qingfen/messaging';
import { formatAmount, minor } from '@qingfen/money';
import { amountOf, bookAdjustment, type Signatures } from './adjustment.service.js';
import { isOpened } from './adjustment.store.js';
import type { ApprovalRow, ManualAmount, Wanted } from './approval.js';
import { currencyOf } from './currency.store.js';
import type { EntryBook } from './entry-book.js';
import { isKnownPayee } from './payee-directory.js';
import { PlanShelf } from './plan-shelf.js';

type FieldErrors = Parameters<typeof invalid>[0][number];

/** What was owed, or owed back, when Qingfen took over from the process before it (R-IMP-1). */
@Injectable()
export class OpeningService {
  constructor(@Inject(PlanShelf) private readonly plans: PlanShelf) {}

  /**
   * Keeps the balances for a second person, all or none: they are booked when one has said yes.
   * @throws ProblemError 422 naming every row with an unknown payee, opened before or told twice
   */
  async ask(
    unit: Unit,
    call: Omit<ManualAct, 'reason'> & { readonly body: OpeningBalancesBody },
  ): Promise<ApprovalRow> {
    const { shopId, caller, body } = call;
    const items = await this.read(unit, shopId, body);
    const approval = await askSecondPerson<Wanted>(unit, {
      shopId,
      wanted: { wants: 'opening-balances', document: { items } },
      subjectId: 'opening-balances',
      summary: summaryOf(items, body.reason),
      maker: caller.subject,
    });
    await audit(unit.tx, {
      caller,
      action: 'opening-balances.request',
      subject: { type: 'shop', id: shopId },
      shopId,
      before: null,
      after: { items, hash: approval.hash },
      reason: body.reason,
      at: unit.now,
    });
    return approval;
  }

  private async read(
    unit: Unit,
    shopId: string,
    body: OpeningBalancesBody,
  ): Promise<ManualAmount[]> {
    const currency = await currencyOf(unit, this.plans, shopId);
    const errors: FieldErrors[] = [];
    const seen = new Set<string>();
    const items: ManualAmount[] = [];
    for (const [index, { payeeId, kind, amount }] of body.items.entries()) {
      const pointer = `/items/${index}`;
      const amountMinor = amountOf(amount, currency, `${pointer}/amount`).toString();
      const key = `${payeeId} ${kind}`;
      if (seen.has(key)) errors.push(twice(pointer));
      else if (!(await isKnownPayee(unit.tx, shopId, payeeId))) errors.push(unknownPayee(pointer));
      else if (await isOpened(unit.tx, { shopId, payeeId, kind, currency })) {
        errors.push(openedBefore(pointer));
      }
      seen.add(key);
      items.push({ payeeId, kind, currency, amountMinor, reason: body.reason, orderId: null });
    }
    if (errors.length > 0) throw invalid(errors);
    return items;
  }
}

/** Books approved balances, all or none. @throws ProblemError 409 when one was opened meanwhile */
export async function bookOpenings(
  book: EntryBook,
  unit: Unit,
  items: readonly ManualAmount[],
  signatures: Signatures,
): Promise<void> {
  for (const item of items) {
    if (await isOpened(unit.tx, { ...item, shopId: signatures.shopId })) {
      throw conflict('opened-before', `Payee ${item.payeeId} has an opening balance already.`);
    }
    await bookAdjustment(book, unit, item, { ...signatures, cause: 'opening' });
  }
}

function summaryOf(items: readonly ManualAmount[], reason: string): string {
  const sum = (wanted: (units: bigint) => boolean): string => {
    const units = items.map(({ amountMinor }) => BigInt(amountMinor)).filter(wanted);
    const total = units.reduce((all, one) => all + one, 0n);
    return formatAmount(minor(total), items[0]?.currency ?? 'CNY');
  };
  const owed = sum((units) => units > 0n);
  const owedBack = sum((units) => units < 0n);
  return `Opening balances (期初余额): ${items.length} rows, owed ${owed}, owed back ${owedBack}. ${reason}`;
}

function twice(pointer: string): FieldErrors {
  return {
    pointer,
    message: 'has the payee and kind of a row before it',
    messageZh: '与前面一行的收款方和类型重复',
  };
}

function unknownPayee(pointer: string): FieldErrors {
  const message = 'is no payee of the shop';
  return { pointer: `${pointer}/payeeId`, message, messageZh: '不是本店铺的收款方' };
}

function openedBefore(pointer: string): FieldErrors {
  const message = 'has an opening balance of this kind already';
  return { pointer, message, messageZh: '该类型的期初余额已经录入' };
}
