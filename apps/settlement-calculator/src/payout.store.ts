import type { PayVia } from '@qingfen/core-plan';
import type { Tx } from '@qingfen/database';

export interface PayoutRow {
  readonly shop_id: string;
  readonly payout_id: string;
  readonly statement_id: string;
  readonly payee_id: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly account_hash: string | null;
  readonly status: 'succeeded' | 'failed' | 'cancelled' | 'returned' | null;
  readonly seq: bigint;
  readonly pay_via: PayVia;
  /** What came back of a split with refunds. */
  readonly returned_minor: bigint;
  /** Its part of the statement's tax, and what of that was given back with it. */
  readonly withheld_minor: bigint;
  readonly withheld_back_minor: bigint;
}

export async function lockPayout(
  tx: Tx,
  shopId: string,
  payoutId: string,
): Promise<PayoutRow | undefined> {
  const [row] = await tx.query<PayoutRow>(
    `SELECT shop_id, payout_id, statement_id, payee_id, kind, currency, amount_minor, account_hash,
            status, seq, pay_via, returned_minor, withheld_minor, withheld_back_minor
       FROM payout WHERE shop_id = $1 AND payout_id = $2 FOR UPDATE`,
    [shopId, payoutId],
  );
  return row;
}

/** What was told of a payout's end. */
export interface NotedResult {
  readonly shopId: string;
  readonly payoutId: string;
  readonly status: string;
  readonly seq: bigint;
  readonly alipayOrderId: string | null;
  readonly endedAt: Date;
}

/** Names a payout in the answer of {@link lockPayouts}. */
export function payoutKey(shopId: string, payoutId: string): string {
  return `${shopId} ${payoutId}`;
}

/** Payouts by {@link payoutKey}, locked in one order; those that are not ours are missing. */
export async function lockPayouts(
  tx: Tx,
  keys: readonly { readonly shopId: string; readonly payoutId: string }[],
): Promise<Map<string, PayoutRow>> {
  const rows = await tx.prepared<PayoutRow>(
    'lock-payouts',
    `SELECT shop_id, payout_id, statement_id, payee_id, kind, currency, amount_minor, account_hash,
            status, seq, pay_via, returned_minor, withheld_minor, withheld_back_minor
       FROM payout
      WHERE (shop_id, payout_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      ORDER BY shop_id, payout_id FOR UPDATE`,
    [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
  );
  return new Map(rows.map((row) => [payoutKey(row.shop_id, row.payout_id), row]));
}

/** Notes results, each payout at most once. */
export async function noteResults(tx: Tx, results: readonly NotedResult[]): Promise<void> {
  await tx.prepared(
    'note-results',
    `UPDATE payout p SET status = r.status, seq = r.seq, ended_at = r.ended_at,
                         alipay_order_id = coalesce(r.alipay_order_id, p.alipay_order_id),
                         withheld_back_minor = CASE WHEN r.status = 'succeeded'
                           THEN p.withheld_back_minor ELSE p.withheld_minor END
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
            AS r (shop_id, payout_id, status, seq, alipay_order_id, ended_at)
      WHERE p.shop_id = r.shop_id AND p.payout_id = r.payout_id`,
    [
      results.map(({ shopId }) => shopId),
      results.map(({ payoutId }) => payoutId),
      results.map(({ status }) => status),
      results.map(({ seq }) => seq),
      results.map(({ alipayOrderId }) => alipayOrderId),
      results.map(({ endedAt }) => endedAt),
    ],
  );
}

/** Notes what has come back of a split by now. */
export async function noteReturned(
  tx: Tx,
  { shop_id: shopId, payout_id: payoutId }: Pick<PayoutRow, 'shop_id' | 'payout_id'>,
  {
    seq,
    returnedMinor,
    withheldBackMinor,
  }: {
    readonly seq: bigint;
    readonly returnedMinor: bigint;
    readonly withheldBackMinor: bigint;
  },
): Promise<void> {
  await tx.query(
    `UPDATE payout SET returned_minor = $3, seq = greatest(seq, $4::bigint), withheld_back_minor = $5
      WHERE shop_id = $1 AND payout_id = $2`,
    [shopId, payoutId, returnedMinor, seq, withheldBackMinor],
  );
}

/**
 * A change of the account that is being told at this moment ends first, or finds the hold.
 * @returns whether a hold was placed: not if the payee's account is another one by now.
 */
export async function holdPayeeAccount(tx: Tx, payout: PayoutRow, at: Date): Promise<boolean> {
  const placed = await tx.query(
    `INSERT INTO hold (shop_id, subject_type, subject_id, reason, hold_key, account_hash, opened_at)
     SELECT $1, 'payee', $2, 'payee-account', $3, $4, $5
       FROM payee p
      WHERE p.shop_id = $1 AND p.payee_id = $2 AND p.account_hash IS NOT DISTINCT FROM $4
        FOR SHARE OF p
     ON CONFLICT DO NOTHING RETURNING hold_key`,
    [payout.shop_id, payout.payee_id, payout.payout_id, payout.account_hash, at],
  );
  return placed.length > 0;
}

/** What the owner of the ledger knows of payouts that are about to be sent. */
export async function payoutsById(
  tx: Pick<Tx, 'query'>,
  keys: readonly { readonly shopId: string; readonly payoutId: string }[],
): Promise<PayoutRow[]> {
  return tx.query<PayoutRow>(
    `SELECT shop_id, payout_id, statement_id, payee_id, kind, currency, amount_minor, account_hash,
            status, seq, pay_via, returned_minor, withheld_minor, withheld_back_minor
       FROM payout
      WHERE (shop_id, payout_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
  );
}

/**
 * Payouts whose payee's unstated sum of the kind fell below zero since the statement was issued.
 *
 * Here and in {@link heldSince} each step is looked up by its key, which OFFSET 0 holds the planner to:
 * while it knows nothing of young tables it takes a shop to have one row of each, and joins all with all.
 */
export async function indebtedSince(
  tx: Pick<Tx, 'query'>,
  keys: readonly { readonly shopId: string; readonly payoutId: string }[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ shop_id: string; payout_id: string }>(
    `SELECT k.shop_id, k.payout_id
       FROM unnest($1::text[], $2::text[]) AS k(shop_id, payout_id)
      CROSS JOIN LATERAL (
        SELECT p.kind, p.payee_id, p.currency, p.requested_at FROM payout p
         WHERE p.shop_id = k.shop_id AND p.payout_id = k.payout_id OFFSET 0) AS p
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(u.amount_minor), 0) AS minor,
               array_agg(u.entry_id) FILTER (WHERE u.amount_minor < 0) AS negative
          FROM (SELECT c.account_no FROM account c
                 WHERE c.shop_id = k.shop_id AND c.kind = p.kind AND c.currency = p.currency
                   AND c.owner_id = p.payee_id OFFSET 0) AS c
         CROSS JOIN LATERAL (
           SELECT u.entry_id, u.amount_minor FROM unstated u
            WHERE u.shop_id = k.shop_id AND u.account_no = c.account_no OFFSET 0) AS u) AS owed
      WHERE owed.minor < 0
        AND EXISTS (SELECT 1 FROM unnest(owed.negative) AS n(entry_id)
                     CROSS JOIN LATERAL (
                       SELECT 1 FROM single_entry e
                        WHERE e.shop_id = k.shop_id AND e.block = n.entry_id / 16384
                          AND e.booked_at >= p.requested_at OFFSET 0) AS e)`,
    [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
  );
  return new Set(rows.map((row) => `${row.shop_id} ${row.payout_id}`));
}

/**
 * Payouts of statements that list an order on which a hold has been opened since, or a give-back of one.
 * What a give-back goes back to is asked of give-backs alone, for it is far to go.
 */
export async function heldSince(
  tx: Pick<Tx, 'query'>,
  keys: readonly { readonly shopId: string; readonly payoutId: string }[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ shop_id: string; payout_id: string }>(
    `SELECT DISTINCT k.shop_id, k.payout_id
       FROM unnest($1::text[], $2::text[]) AS k(shop_id, payout_id)
      CROSS JOIN LATERAL (
        SELECT p.statement_id FROM payout p
         WHERE p.shop_id = k.shop_id AND p.payout_id = k.payout_id OFFSET 0) AS p
      CROSS JOIN LATERAL (
        SELECT t.statement_no FROM statement t
         WHERE t.shop_id = k.shop_id AND t.statement_id = p.statement_id OFFSET 0) AS t
      CROSS JOIN LATERAL (
        SELECT DISTINCT l.entry_id / 16384 AS block FROM statement_entry l
         WHERE l.shop_id = k.shop_id AND l.statement_no = t.statement_no OFFSET 0) AS l
      CROSS JOIN LATERAL (
        SELECT a.order_id, false AS is_give_back FROM accrual a
         WHERE a.shop_id = k.shop_id AND a.block = l.block
         UNION ALL
        SELECT e.order_id, e.cause = 'give-back' FROM single_entry e
         WHERE e.shop_id = k.shop_id AND e.block = l.block OFFSET 0) AS o
      WHERE EXISTS (SELECT 1 FROM hold h
                     WHERE h.shop_id = k.shop_id AND h.subject_type = 'order'
                       AND h.subject_id = o.order_id AND h.released_at IS NULL OFFSET 0)
         OR CASE WHEN o.is_give_back THEN give_back_held(k.shop_id, l.block * 16384) END`,
    [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
  );
  return new Set(rows.map((row) => `${row.shop_id} ${row.payout_id}`));
}
