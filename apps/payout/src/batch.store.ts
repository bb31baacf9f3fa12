import { insertRows, type Tx } from '@qingfen/database';
import { sha256Hex, type FieldCipher } from '@qingfen/security';
import type { BatchMode } from './merchant.js';
import {
  heldFrom,
  isBatchedSql,
  payoutColumns,
  type HeldPayout,
  type PayoutKey,
  type PayoutRow,
  type Reader,
} from './payout.store.js';

/** Names one batch. */
export interface BatchKey {
  readonly shopId: string;
  readonly batchNo: string;
}

/** The key as one text, for maps and sets. */
export function batchKeyText({ shopId, batchNo }: BatchKey): string {
  return `${shopId}|${batchNo}`;
}

/**
 * The number under which Alipay hears of a batch: `QB` and 30 hex digits of SHA-256 over the shop and the
 * ids of its payouts, so that the same payouts never make a second one.
 */
export function batchNoOf(members: readonly PayoutKey[]): string {
  const ids = members.map(({ payoutId }) => payoutId).sort();
  return `QB${sha256Hex([members[0]?.shopId, ...ids].join('|')).slice(0, 30)}`;
}

/** A batch as it is kept, without its request. */
export interface Batch extends BatchKey {
  readonly appId: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly mode: BatchMode;
  /** How many. */
  readonly payouts: number;
  readonly amountMinor: bigint;
  /** Alipay's own number, once it has told it. */
  readonly batchTransId: string | null;
}

/** A batch as it is made. */
export interface NewBatch extends Omit<Batch, 'batchTransId'> {
  /** Byte for byte what is sent. */
  readonly text: string;
}

const batchColumns = `b.shop_id AS "shopId", b.batch_no AS "batchNo", b.app_id AS "appId", b.kind, b.mode,
  b.payouts, b.amount_minor AS "amountMinor", b.batch_trans_id AS "batchTransId"`;

/** Batches and their stored requests: written once, encrypted, sent again as they are. */
export class BatchStore {
  constructor(private readonly cipher: FieldCipher) {}

  /** Keeps a batch; what its payouts add up to is checked when the transaction commits. */
  async add(tx: Tx, batch: NewBatch, now: Date): Promise<void> {
    const request = this.cipher.encrypt(batch.text, contextOf(batch));
    await insertRows(tx, {
      table: 'payout_batch',
      columns: {
        shop_id: 'text',
        batch_no: 'text',
        app_id: 'text',
        kind: 'text',
        mode: 'text',
        payouts: 'integer',
        amount_minor: 'bigint',
        request: 'text',
        stored_at: 'timestamptz',
      },
      rows: [
        [
          batch.shopId,
          batch.batchNo,
          batch.appId,
          batch.kind,
          batch.mode,
          batch.payouts,
          batch.amountMinor,
          request,
          now,
        ],
      ],
    });
  }

  /** The stored request of a batch. @throws Error when it is not there */
  async textOf(reader: Reader, key: BatchKey): Promise<string> {
    const [row] = await reader.query<{ request: string }>(
      'SELECT request FROM payout_batch WHERE shop_id = $1 AND batch_no = $2',
      [key.shopId, key.batchNo],
    );
    if (row === undefined) throw new Error(`batch ${key.batchNo} is not there`);
    return this.cipher.decrypt(row.request, contextOf(key));
  }
}

/** Batches of a shop by their number; those that are not there are missing. */
export async function loadBatches(
  reader: Reader,
  shopId: string,
  batchNos: readonly string[],
): Promise<Map<string, Batch>> {
  if (batchNos.length === 0) return new Map();
  const rows = await reader.query<Batch>(
    `SELECT ${batchColumns} FROM payout_batch b WHERE b.shop_id = $1 AND b.batch_no = ANY ($2)`,
    [shopId, batchNos],
  );
  return new Map(rows.map((row) => [row.batchNo, row]));
}

/** Notes Alipay's own number of a batch; the first that it told stays. */
export async function noteBatchTransId(
  reader: Reader,
  { shopId, batchNo }: BatchKey,
  batchTransId: string,
): Promise<void> {
  await reader.query(
    `UPDATE payout_batch SET batch_trans_id = $3
      WHERE shop_id = $1 AND batch_no = $2 AND batch_trans_id IS NULL`,
    [shopId, batchNo, batchTransId],
  );
}

/** Payouts that are to be sent together: those of a batch, or of which one is to be made. */
export interface BatchGroup {
  readonly shopId: string;
  readonly kind: Batch['kind'];
  readonly currency: string;
  /** Null: there is none yet. */
  readonly batchNo: string | null;
  readonly count: number;
}

/** Groups of which some payout is to be sent, the one with the oldest first. */
export async function findGroups(reader: Reader, limit: number): Promise<BatchGroup[]> {
  return reader.query<BatchGroup>(
    `SELECT p.shop_id AS "shopId", p.kind, p.currency, p.batch_no AS "batchNo",
            count(*)::integer AS count
       FROM payout p
      WHERE (p.state = 'requested' AND ${isBatchedSql})
         OR (p.state = 'sending' AND p.is_unsent AND p.owner IS NULL AND p.batch_no IS NOT NULL)
      GROUP BY p.shop_id, p.kind, p.currency, p.batch_no
      ORDER BY min(p.requested_at), p.shop_id, p.kind, p.currency, p.batch_no LIMIT $1`,
    [limit],
  );
}

/** The members of a group, oldest first and unlocked: of a new batch at most so many. */
export async function membersOf(
  reader: Reader,
  group: BatchGroup,
  limit: number,
): Promise<(HeldPayout & { readonly hasAccount: boolean })[]> {
  const rows = await reader.query<PayoutRow & { hasAccount: boolean }>(
    `SELECT ${payoutColumns}, e.account_index IS NOT NULL AS "hasAccount"
       FROM payout p LEFT JOIN payee e ON e.shop_id = p.shop_id AND e.payee_id = p.payee_id
      WHERE p.shop_id = $1 AND CASE WHEN $2::text IS NULL
              THEN p.state = 'requested' AND p.batch_no IS NULL AND ${isBatchedSql}
                   AND p.kind = $3 AND p.currency = $4
              ELSE p.batch_no = $2 END
      ORDER BY p.requested_at, p.payout_id LIMIT $5`,
    [group.shopId, group.batchNo, group.kind, group.currency, limit],
  );
  return rows.map(({ hasAccount, ...row }) => ({ ...heldFrom(row), hasAccount }));
}

/** All payouts of a batch, locked until the end of the transaction. */
export async function lockMembers(tx: Tx, { shopId, batchNo }: BatchKey): Promise<HeldPayout[]> {
  const rows = await tx.query<PayoutRow>(
    `SELECT ${payoutColumns} FROM payout p WHERE p.shop_id = $1 AND p.batch_no = $2
      ORDER BY p.shop_id, p.payout_id FOR UPDATE OF p`,
    [shopId, batchNo],
  );
  return rows.map(heldFrom);
}

/** States of payouts about which asking about their batch says something. */
const isAsked = `(p.state IN ('unknown', 'succeeded')
  OR (p.state = 'waiting' AND p.reason = 'confirmation'))`;

/**
 * Takes batches of which some payout is to be asked about now, with all their payouts that may be asked
 * about: one question answers them all. They are due again after `leaseMs` of real time, so that a crash
 * loses no question.
 */
export async function claimDueBatches(
  tx: Tx,
  by: { readonly begunUntil: Date; readonly limit: number; readonly leaseMs: number },
): Promise<HeldPayout[]> {
  const rows = await tx.query<PayoutRow>(
    `WITH due AS (
       SELECT b.shop_id, b.batch_no FROM payout_batch b
        WHERE EXISTS (SELECT 1 FROM (
                SELECT p.shop_id, p.batch_no FROM payout p
                 WHERE ${isAsked} AND p.batch_no IS NOT NULL
                   AND (p.ask_real_at <= clock_timestamp() OR p.ask_at <= $1)) AS d
               WHERE d.shop_id = b.shop_id AND d.batch_no = b.batch_no)
        ORDER BY b.shop_id, b.batch_no LIMIT $2 FOR UPDATE OF b SKIP LOCKED)
     UPDATE payout p SET revision = p.revision + 1, ask_at = NULL,
            ask_real_at = clock_timestamp() + $3::int * interval '1 millisecond'
       FROM due WHERE p.shop_id = due.shop_id AND p.batch_no = due.batch_no AND ${isAsked}
     RETURNING ${payoutColumns}`,
    [by.begunUntil, by.limit, by.leaseMs],
  );
  return rows.map(heldFrom);
}

/** Has batches asked about at once. Answers whether there are any such. */
export async function askBatchesSoon(tx: Tx, batches: readonly BatchKey[]): Promise<boolean> {
  if (batches.length === 0) return false;
  const rows = await tx.query(
    `UPDATE payout p SET ask_real_at = clock_timestamp(), revision = revision + 1
       FROM unnest($1::text[], $2::text[]) AS k(shop_id, batch_no)
      WHERE p.shop_id = k.shop_id AND p.batch_no = k.batch_no AND ${isAsked} RETURNING p.payout_id`,
    [batches.map(({ shopId }) => shopId), batches.map(({ batchNo }) => batchNo)],
  );
  return rows.length > 0;
}

function contextOf({ shopId, batchNo }: BatchKey): string {
  return `${shopId}/batch/${batchNo}/request`;
}
