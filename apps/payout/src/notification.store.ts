import { insertRows, type Tx } from '@qingfen/database';
import type { ProvenNotification } from './merchant.js';

/** Names one notification. */
export interface NotificationKey {
  readonly shopId: string;
  readonly notifyId: string;
}

/** The key as one text, for maps and sets. */
export function notificationKey({ shopId, notifyId }: NotificationKey): string {
  return `${shopId} ${notifyId}`;
}

/** What a notification says, seen from our books. */
export type NotificationVerdict = 'asked' | 'other-method' | 'unknown-number' | 'other-amount';

/** A proven notification of a shop. */
export interface ToldNotification extends ProvenNotification {
  readonly shopId: string;
}

/** The amount of a payout, as our books have it. */
export interface BookedAmount {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Our number of a shop. */
export interface NumberKey {
  readonly shopId: string;
  readonly outBizNo: string;
}

export function numberKey({ shopId, outBizNo }: NumberKey): string {
  return `${shopId} ${outBizNo}`;
}

/** What our books say of these numbers, by {@link numberKey}; those that are not ours are missing. */
export async function amountsOf(
  tx: Tx,
  numbers: readonly NumberKey[],
): Promise<ReadonlyMap<string, BookedAmount>> {
  if (numbers.length === 0) return new Map();
  const rows = await tx.prepared<NumberKey & BookedAmount>(
    'notified_amounts',
    `SELECT p.shop_id AS "shopId", p.out_biz_no AS "outBizNo", p.amount_minor AS "amountMinor",
            p.currency
       FROM payout p JOIN unnest($1::text[], $2::text[]) AS k(shop_id, out_biz_no)
         USING (shop_id, out_biz_no)`,
    [numbers.map(({ shopId }) => shopId), numbers.map(({ outBizNo }) => outBizNo)],
  );
  return new Map(rows.map((row) => [numberKey(row), row]));
}

/** A notification to be kept. */
export interface KeptNotification {
  readonly told: ToldNotification;
  readonly verdict: NotificationVerdict;
  /** The form as it came, encrypted. */
  readonly sealed: string;
}

/** Keeps notifications; one that is there already stays. Answers the keys of those that are new. */
export async function keepNotifications(
  tx: Tx,
  kept: readonly KeptNotification[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const rows = await insertRows<NotificationKey>(tx, {
    table: 'notification',
    columns: {
      shop_id: 'text',
      notify_id: 'text',
      method: 'text',
      out_biz_no: 'text',
      status: 'text',
      form: 'text',
      verdict: 'text',
      received_at: 'timestamptz',
    },
    rows: kept.map(({ told, verdict, sealed }) => [
      told.shopId,
      told.notifyId,
      told.method,
      told.outBizNo,
      told.status,
      sealed,
      verdict,
      now,
    ]),
    onConflict: '(shop_id, notify_id) DO NOTHING',
    returning: 'shop_id AS "shopId", notify_id AS "notifyId"',
  });
  return new Set(rows.map(notificationKey));
}
