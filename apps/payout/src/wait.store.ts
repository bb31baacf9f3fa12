import type { Payout, WaitReason } from '@qingfen/core-payout';
import type { Tx } from '@qingfen/database';
import {
  heldFrom,
  payoutColumns,
  type HeldPayout,
  type PayoutRow,
  type Reader,
} from './payout.store.js';

/** Which payouts that wait, or are blocked, are looked at. */
export interface WaitFilter {
  /** waiting. */
  readonly state?: 'waiting' | 'blocked';
  /** Of those that wait. */
  readonly reason?: WaitReason;
  readonly shopId?: string;
  readonly payeeIds?: readonly string[];
  /** Only those whose re-check is due by then. */
  readonly dueBy?: Date;
  readonly limit?: number;
  /**
   * Whether those in use are waited for: what has just come must reach each of them, and whoever holds
   * one may have looked before it came. Otherwise they are left out, for the next look.
   */
  readonly isPatient?: boolean;
}

/** Such payouts, oldest first (patiently: by their keys), locked until the transaction ends. */
export async function lockWaiting(tx: Tx, filter: WaitFilter): Promise<HeldPayout[]> {
  // Who waits for locks takes them in everybody's one order, so that nobody waits in a circle.
  const order = filter.isPatient === true ? 'p.shop_id' : 'p.requested_at';
  const rows = await tx.query<PayoutRow>(
    `SELECT ${payoutColumns} FROM payout p
     WHERE p.state = $6 AND ($1::text IS NULL OR p.reason = $1)
       AND ($2::text IS NULL OR p.shop_id = $2)
       AND ($3::text[] IS NULL OR p.payee_id = ANY ($3))
       AND ($4::timestamptz IS NULL OR p.recheck_at <= $4)
     ORDER BY ${order}, p.payout_id LIMIT $5
     FOR UPDATE OF p ${filter.isPatient === true ? '' : 'SKIP LOCKED'}`,
    [
      filter.reason ?? null,
      filter.shopId ?? null,
      filter.payeeIds ?? null,
      filter.dueBy ?? null,
      filter.limit ?? 1_000,
      filter.state ?? 'waiting',
    ],
  );
  return rows.map(heldFrom);
}

/** The queue of a shop that waits for funds, oldest first, unlocked. */
export async function fundsQueue(reader: Reader, shopId: string): Promise<HeldPayout[]> {
  const rows = await reader.query<PayoutRow>(
    `SELECT ${payoutColumns} FROM payout p
     WHERE p.state = 'waiting' AND p.reason = 'funds' AND p.shop_id = $1
     ORDER BY p.requested_at, p.payout_id LIMIT 1000`,
    [shopId],
  );
  return rows.map(heldFrom);
}

/** The oldest payout of each of these shops that Alipay refused for its contract or keys, by shop. */
export async function refusedHeads(
  reader: Reader,
  shopIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await reader.query<{ shopId: string; payoutId: string }>(
    `SELECT DISTINCT ON (shop_id) shop_id AS "shopId", payout_id AS "payoutId" FROM payout
     WHERE state = 'waiting' AND reason = 'credentials' AND shop_id = ANY ($1)
       AND app_id IS NOT NULL
     ORDER BY shop_id, requested_at, payout_id`,
    [shopIds],
  );
  return new Map(rows.map(({ shopId, payoutId }) => [shopId, payoutId]));
}

/**
 * What of the shop's money is spoken for before the first of its queue: payouts on their way, and older
 * ones that may be sent any moment, in fen.
 */
export async function spokenForMinor(reader: Reader, first: Payout): Promise<bigint> {
  const [row] = await reader.query<{ sum: bigint }>(
    `SELECT coalesce(sum(amount_minor), 0)::bigint AS sum FROM payout
     WHERE shop_id = $1 AND (state = 'sending'
       OR (state = 'requested' AND (requested_at, payout_id) < ($2, $3)))`,
    [first.shopId, first.requestedAt, first.payoutId],
  );
  return row?.sum ?? 0n;
}

/** Shops of which payouts wait for funds; only those due by then, only these, where they are named. */
export async function shopsShortOfFunds(
  reader: Reader,
  which: { readonly dueBy?: Date; readonly shopIds?: readonly string[] },
): Promise<string[]> {
  const rows = await reader.query<{ shopId: string }>(
    `SELECT DISTINCT shop_id AS "shopId" FROM payout
     WHERE state = 'waiting' AND reason = 'funds'
       AND ($1::timestamptz IS NULL OR recheck_at <= $1)
       AND ($2::text[] IS NULL OR shop_id = ANY ($2))`,
    [which.dueBy ?? null, which.shopIds ?? null],
  );
  return rows.map(({ shopId }) => shopId);
}

/** For what anything waits; only for what is due to be looked at by then, where an instant is given. */
export async function openReasons(
  reader: Reader,
  dueBy: Date | null,
): Promise<ReadonlySet<WaitReason>> {
  const rows = await reader.query<{ reason: WaitReason }>(
    `SELECT DISTINCT reason FROM payout
     WHERE state = 'waiting' AND ($1::timestamptz IS NULL OR recheck_at <= $1)`,
    [dueBy],
  );
  return new Set(rows.map(({ reason }) => reason));
}

/** Whether the reason of any blocked payout has ended by itself by then. */
export async function isAnyBlockOver(reader: Reader, by: Date): Promise<boolean> {
  const rows = await reader.query(
    `SELECT FROM payout WHERE state = 'blocked' AND recheck_at <= $1 LIMIT 1`,
    [by],
  );
  return rows.length > 0;
}

/** Puts off the next look at these payouts. */
export async function putOff(tx: Tx, held: readonly HeldPayout[], until: Date): Promise<void> {
  await tx.query(
    `UPDATE payout p SET recheck_at = $3, revision = revision + 1
     FROM unnest($1::text[], $2::text[]) AS k(shop_id, payout_id)
     WHERE p.shop_id = k.shop_id AND p.payout_id = k.payout_id AND p.state = 'waiting'`,
    [held.map(({ payout }) => payout.shopId), held.map(({ payout }) => payout.payoutId), until],
  );
}
