import type { Finding } from './difference.js';

/** An order as one side has it: fen (or the currency's minor units) before and of refunds. */
export interface OrderFigures {
  readonly currency: string;
  /** Paid and subsidised, all lines together. */
  readonly paidMinor: bigint;
  /** What refunds that stand have taken back of it. */
  readonly refundedMinor: bigint;
  readonly completedAt: Date | null;
}

/** The export that decides on an order: the newest that has a row of it, or has its completion in its span. */
export interface DecidingExport {
  readonly exportId: string;
  readonly asOf: Date;
}

/** An order, as the topics told it up to `asOf` and as the order system's export has it. */
export interface ExportedOrder {
  readonly orderId: string;
  readonly deciding: DecidingExport;
  /** Null: no topic has told of it. */
  readonly told: OrderFigures | null;
  /** Null: the export has no row of it. */
  readonly exported: OrderFigures | null;
}

/**
 * Compares an order that was told with the order system's own export; null where both say the same, and
 * where the one side that has it has nothing left of it.
 *
 * `missing-here`: the order system has it and no topic told of it, so nobody is owed anything for it.
 * `status-differs`: it was told as completed, and is not among the completed orders of its span, so somebody
 * is owed for what may be no order. `amount-differs`: paid, refunded or currency differ; the amount is what
 * the order system has left more (or less) of it or, where that is the same, what it was paid more.
 */
export function compareExport({
  orderId,
  deciding,
  told,
  exported,
}: ExportedOrder): (Finding & { readonly currency: string }) | null {
  const ours = told && evidenceOf(told);
  const theirs = { ...evidenceOfExport(deciding), ...(exported ? evidenceOf(exported) : {}) };
  const found = (
    differs: 'missing-here' | 'status-differs' | 'amount-differs',
    figures: { readonly currency: string; readonly amountMinor: bigint },
  ): Finding & { readonly currency: string } => ({
    comparison: 'exports',
    class: differs,
    subject: { type: 'order', id: orderId },
    ...figures,
    cashMinor: 0n,
    ours,
    theirs,
  });
  if (told === null || exported === null) {
    const only = told ?? exported;
    if (only === null || leftOf(only) === 0n) return null;
    const figures = { currency: only.currency, amountMinor: leftOf(only) };
    return found(told === null ? 'missing-here' : 'status-differs', figures);
  }
  if (saysTheSame(told, exported)) return null;
  const { currency } = exported;
  const leftMinor = leftOf(exported) - leftOf(told);
  const amountMinor = leftMinor === 0n ? exported.paidMinor - told.paidMinor : leftMinor;
  if (currency === told.currency) return found('amount-differs', { currency, amountMinor });
  return found('amount-differs', { currency, amountMinor: leftOf(exported) });
}

function leftOf({ paidMinor, refundedMinor }: OrderFigures): bigint {
  return paidMinor - refundedMinor;
}

function saysTheSame(told: OrderFigures, exported: OrderFigures): boolean {
  return (
    told.currency === exported.currency &&
    told.paidMinor === exported.paidMinor &&
    told.refundedMinor === exported.refundedMinor
  );
}

function evidenceOf(figures: OrderFigures): Readonly<Record<string, unknown>> {
  return {
    currency: figures.currency,
    paidMinor: figures.paidMinor.toString(),
    refundedMinor: figures.refundedMinor.toString(),
    completedAt: figures.completedAt?.toISOString() ?? null,
  };
}

function evidenceOfExport({ exportId, asOf }: DecidingExport): Readonly<Record<string, unknown>> {
  return { exportId, asOf: asOf.toISOString() };
}
