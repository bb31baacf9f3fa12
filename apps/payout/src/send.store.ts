import { insertRows, type Tx } from '@qingfen/database';
import type { FieldCipher } from '@qingfen/security';
import {
  heldFrom,
  isBatchedSql,
  keyText,
  payoutColumns,
  type HeldPayout,
  type PayoutKey,
  type PayoutRow,
  type Reader,
} from './payout.store.js';

/** A requested payout, and whether its payee can be paid. */
export interface Candidate extends HeldPayout {
  readonly hasAccount: boolean;
}

/** The oldest requested payouts that are paid by themselves, unlocked: whoever sends them locks them and looks again. */
export async function findRequested(reader: Reader, limit: number): Promise<Candidate[]> {
  const rows = await reader.query<PayoutRow & { hasAccount: boolean }>(
    `SELECT ${payoutColumns}, e.account_index IS NOT NULL AS "hasAccount"
     FROM payout p LEFT JOIN payee e ON e.shop_id = p.shop_id AND e.payee_id = p.payee_id
     WHERE p.state = 'requested' AND NOT ${isBatchedSql}
     ORDER BY p.requested_at, p.shop_id, p.payout_id LIMIT $1`,
    [limit],
  );
  return rows.map(({ hasAccount, ...row }) => ({ ...heldFrom(row), hasAccount }));
}

/** Payouts whose intent stands and whose request certainly never left; held by nobody. */
export async function findUnsent(reader: Reader, limit: number): Promise<HeldPayout[]> {
  const rows = await reader.query<PayoutRow>(
    `SELECT ${payoutColumns} FROM payout p
     WHERE p.state = 'sending' AND p.is_unsent AND p.owner IS NULL AND p.batch_no IS NULL
     ORDER BY p.requested_at, p.shop_id, p.payout_id LIMIT $1`,
    [limit],
  );
  return rows.map(heldFrom);
}

/** Says that this sender lives; the database's clock is the same for all of them. */
export async function notePulse(reader: Reader, owner: string): Promise<void> {
  await reader.query(
    `WITH forgotten AS (DELETE FROM sender WHERE seen_at < clock_timestamp() - interval '1 day')
     INSERT INTO sender (owner, seen_at) VALUES ($1, clock_timestamp())
     ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at`,
    [owner],
  );
}

/** A sender that stops in order is gone at once. */
export async function endPulse(reader: Reader, owner: string): Promise<void> {
  await reader.query('DELETE FROM sender WHERE owner = $1', [owner]);
}

/**
 * Payouts being sent by nobody who lives: their senders were not seen for `silenceMs`, or they are
 * this sender's own and it knows nothing of them.
 */
export async function findLost(
  tx: Tx,
  by: { readonly owner: string; readonly mine: readonly PayoutKey[]; readonly silenceMs: number },
): Promise<HeldPayout[]> {
  const rows = await tx.query<PayoutRow>(
    `SELECT ${payoutColumns} FROM payout p
     WHERE p.state = 'sending' AND NOT (p.is_unsent AND p.owner IS NULL)
       AND CASE WHEN p.owner = $1
             THEN NOT EXISTS (SELECT 1 FROM unnest($2::text[], $3::text[]) AS k(s, i)
                              WHERE k.s = p.shop_id AND k.i = p.payout_id)
             ELSE NOT EXISTS (SELECT 1 FROM sender l WHERE l.owner = p.owner
                  AND l.seen_at > clock_timestamp() - $4::int * interval '1 millisecond') END
     ORDER BY p.shop_id, p.payout_id LIMIT 500 FOR UPDATE OF p SKIP LOCKED`,
    [
      by.owner,
      by.mine.map(({ shopId }) => shopId),
      by.mine.map(({ payoutId }) => payoutId),
      by.silenceMs,
    ],
  );
  return rows.map(heldFrom);
}

/** A request as it was made, to be kept for ever. */
export interface MadeRequest extends PayoutKey {
  readonly appId: string;
  /** Byte for byte what is sent. */
  readonly text: string;
}

/** Stored requests: written once, encrypted, sent again as they are. */
export class RequestStore {
  constructor(private readonly cipher: FieldCipher) {}

  /** Keeps requests; one that is there already stays. */
  async add(tx: Tx, made: readonly MadeRequest[], now: Date): Promise<void> {
    await insertRows(tx, {
      table: 'stored_request',
      columns: {
        shop_id: 'text',
        payout_id: 'text',
        app_id: 'text',
        request: 'text',
        stored_at: 'timestamptz',
      },
      rows: made.map((request) => [
        request.shopId,
        request.payoutId,
        request.appId,
        this.cipher.encrypt(request.text, contextOf(request)),
        now,
      ]),
    });
  }

  /** The stored requests of these payouts, by {@link keyText}. */
  async load(reader: Reader, keys: readonly PayoutKey[]): Promise<Map<string, string>> {
    if (keys.length === 0) return new Map();
    const rows = await reader.query<PayoutKey & { request: string }>(
      `SELECT shop_id AS "shopId", payout_id AS "payoutId", request FROM stored_request
       JOIN unnest($1::text[], $2::text[]) AS k(shop_id, payout_id) USING (shop_id, payout_id)`,
      [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
    );
    return new Map(
      rows.map((row) => [keyText(row), this.cipher.decrypt(row.request, contextOf(row))]),
    );
  }
}

function contextOf({ shopId, payoutId }: PayoutKey): string {
  return `${shopId}/payout/${payoutId}/request`;
}
