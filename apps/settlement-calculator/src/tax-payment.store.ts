import type { Tx } from '@qingfen/database';

/** What the shop's owner has paid the tax office of what was withheld. */
export interface TaxPaymentRow {
  readonly shop_id: string;
  readonly tax_payment_id: bigint;
  readonly currency: string;
  readonly amount_minor: bigint;
  /** A day in the shop's time zone. */
  readonly paid_on: string;
  /** The tax office's own number of it. */
  readonly reference: string;
  readonly made_by: string;
  readonly approved_by: string | null;
  readonly booked_at: Date;
}

/** What is withheld, stands, and is not paid on; below zero where more was paid on than stands by now. */
export async function taxOwed(tx: Tx, shopId: string, currency: string): Promise<bigint> {
  const [row] = await tx.query<{ owed: bigint }>(
    `SELECT (coalesce((SELECT sum(withheld_minor - withheld_back_minor) FROM payout
                        WHERE shop_id = $1 AND currency = $2 AND withheld_minor > 0), 0)
           - coalesce((SELECT sum(amount_minor) FROM tax_payment
                        WHERE shop_id = $1 AND currency = $2), 0))::bigint AS owed`,
    [shopId, currency],
  );
  return row?.owed ?? 0n;
}

/** @returns undefined where a payment of this reference was booked before. */
export async function insertTaxPayment(
  tx: Tx,
  row: Omit<TaxPaymentRow, 'tax_payment_id'>,
): Promise<TaxPaymentRow | undefined> {
  const [made] = await tx.query<{ tax_payment_id: bigint }>(
    `INSERT INTO tax_payment (shop_id, currency, amount_minor, paid_on, reference, made_by,
                              approved_by, booked_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (shop_id, reference) DO NOTHING RETURNING tax_payment_id`,
    [
      row.shop_id,
      row.currency,
      row.amount_minor,
      row.paid_on,
      row.reference,
      row.made_by,
      row.approved_by,
      row.booked_at,
    ],
  );
  return made && { ...row, tax_payment_id: made.tax_payment_id };
}
