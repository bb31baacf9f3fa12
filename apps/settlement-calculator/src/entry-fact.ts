import type { NumberedAccrual } from './accrual.store.js';
import { entriesPerBlock } from './entry-id.js';
import type { JournalBatch } from './journal.store.js';
import type { NumberedEntry } from './single-entry.store.js';

/**
 * Notes each entry of an order's accrual as a fact of its own, in the form of {@link noteEntry}: so a
 * payee can be shown its entry without those of others.
 */
export function noteAccrual(batch: JournalBatch, numbered: NumberedAccrual): void {
  const { order, accrual, block } = numbered;
  // What all of them share is written once: an order has nine entries, and a second has thousands.
  const head = JSON.stringify(['entry', order.shopId, order.orderId]).slice(0, -1);
  const tail = `${accrual.planVersion},null,"order",null]`;
  const currency = JSON.stringify(order.currency);
  let entryId = block * entriesPerBlock;
  for (const entry of accrual.entries) {
    const { itemId, kind, level, payeeId, amountMinor, maturesAt } = entry;
    const whom = payeeId === null ? 'null' : JSON.stringify(payeeId);
    batch.noteAccrued(
      order.shopId,
      `${head},"${entryId}",${JSON.stringify(itemId)},"${kind}",${level},${whom},${currency},` +
        `"${amountMinor}",${maturesAt.getTime()},${tail}`,
    );
    entryId += 1n;
  }
}

/** What of an entry is proven: everything that says who is owed what, for what, and from when. */
export function noteEntry(batch: JournalBatch, { draft, block }: NumberedEntry): void {
  batch.note(draft.shopId, [
    'entry',
    draft.shopId,
    draft.orderId,
    block * entriesPerBlock,
    draft.itemId,
    draft.kind,
    draft.level,
    draft.payeeId,
    draft.currency,
    draft.amountMinor,
    draft.maturesAt,
    draft.planVersion,
    draft.corrects,
    draft.cause,
    draft.causeId,
  ]);
}

/** What of a statement is proven; of one that tax could be withheld of, how much and by what. */
export function statementFields(statement: {
  readonly statementId: string;
  readonly payeeId: string;
  readonly period: string;
  readonly netMinor: bigint;
  readonly entryCount: number;
  readonly withheldMinor: bigint;
  readonly withholding: string | null;
}): (string | number | bigint)[] {
  const { statementId, payeeId, period, netMinor, entryCount } = statement;
  const { withheldMinor, withholding } = statement;
  const tax = withholding === null ? [] : [withheldMinor, withholding];
  return ['statement', statementId, payeeId, period, netMinor, entryCount, ...tax];
}
