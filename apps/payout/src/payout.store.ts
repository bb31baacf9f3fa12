import type { EventData } from '@qingfen/contracts';
import { batchMinimum, type Payout } from '@qingfen/core-payout';
import { insertRows, type Tx } from '@qingfen/database';
import { minor } from '@qingfen/money';

/** What both a transaction and the database itself can do. */
export interface Reader {
  query<T>(sql: string, params?: readonly unknown[]): Promise<T[]>;
}

/** A payout as it was read, with what guards its next write. */
export interface HeldPayout {
  readonly payout: Payout;
  readonly revision: number;
  readonly correlationId: string;
}

/** The order in which payouts go: the one asked for first is first. */
export function olderFirst(a: HeldPayout, b: HeldPayout): number {
  const gapMs = a.payout.requestedAt.getTime() - b.payout.requestedAt.getTime();
  if (gapMs !== 0) return gapMs;
  return a.payout.payoutId < b.payout.payoutId ? -1 : 1;
}

/** Names one payout. */
export interface PayoutKey {
  readonly shopId: string;
  readonly payoutId: string;
}

/** The key as one text, for maps and sets. */
export function keyText({ shopId, payoutId }: PayoutKey): string {
  return `${shopId}|${payoutId}`;
}

/** The columns of a {@link PayoutRow}, of a table called `p`. */
export const payoutColumns = `
  p.shop_id AS "shopId", p.payout_id AS "payoutId", p.statement_id AS "statementId",
  p.part, p.parts, p.payee_id AS "payeeId", p.kind, p.amount_minor AS "amountMinor", p.currency,
  p.withheld_minor AS "withheldMinor",
  p.pay_via AS "payVia",
  p.trade_no AS "tradeNo", p.returned_minor AS "returnedMinor", p.remark, p.requested_at AS "requestedAt", p.out_biz_no AS "outBizNo",
  p.state, p.reason, p.seq, p.app_id AS "appId", p.batch_no AS "batchNo", p.attempts, p.is_unsent AS "isUnsent",
  p.refusal, p.failure, p.payee_fault AS "payeeFault", p.alipay_order_id AS "alipayOrderId",
  p.approved_doubts AS "approvedDoubts", p.makers, p.unknown_at AS "unknownAt", p.asked,
  p.not_found_at AS "notFoundAt", p.ask_at AS "askAt", p.recheck_at AS "recheckAt",
  p.changed_at AS "changedAt", p.sent_at AS "sentAt", p.approved_hash AS "approvedHash",
  p.approved_until AS "approvedUntil", p.revision, p.correlation_id AS "correlationId"`;

/** Whether a payout `p` is paid in a batch: what `isBatched` of the core says. */
export const isBatchedSql = `(p.batch_no IS NOT NULL OR (p.pay_via = 'batch'
  AND p.amount_minor >= ${batchMinimum} AND p.app_id IS NULL))`;

/** A row as PostgreSQL answers it. */
export type PayoutRow = Omit<Payout, 'amountMinor' | 'withheldMinor' | 'returnedMinor'> & {
  readonly amountMinor: bigint;
  readonly withheldMinor: bigint;
  readonly returnedMinor: bigint;
  readonly revision: number;
  readonly correlationId: string;
};

/** Gives a row its meaning. */
export function heldFrom(row: PayoutRow): HeldPayout {
  const { revision, correlationId, ...fields } = row;
  const amounts = {
    amountMinor: minor(row.amountMinor),
    withheldMinor: minor(row.withheldMinor),
    returnedMinor: minor(row.returnedMinor),
  };
  return { payout: { ...fields, ...amounts }, revision, correlationId };
}

/** The payouts of these keys that are there, in no order; `lock` holds them until the end. */
export async function loadPayouts(
  reader: Reader,
  keys: readonly PayoutKey[],
  lock: 'lock' | 'skip-locked' | 'look' = 'look',
): Promise<HeldPayout[]> {
  if (keys.length === 0) return [];
  const locking = {
    lock: 'FOR UPDATE OF p',
    'skip-locked': 'FOR UPDATE OF p SKIP LOCKED',
    look: '',
  };
  // One order for everybody who locks several, so that nobody waits in a circle.
  const rows = await reader.query<PayoutRow>(
    `SELECT ${payoutColumns} FROM payout p
     JOIN unnest($1::text[], $2::text[]) AS k(shop_id, payout_id) USING (shop_id, payout_id)
     ORDER BY p.shop_id, p.payout_id ${locking[lock]}`,
    [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
  );
  return rows.map(heldFrom);
}

/** An instruction with what its event carried besides. */
export interface NewPayout {
  readonly payout: Payout;
  readonly legs: NonNullable<EventData['payout-requested']['legs']>;
  readonly correlationId: string;
}

/** Adds instructions; those whose id is there already stay as they are. Answers the added keys. */
export async function insertPayouts(tx: Tx, added: readonly NewPayout[]): Promise<Set<string>> {
  const rows = await insertRows<PayoutKey>(tx, {
    table: 'payout',
    columns: {
      shop_id: 'text',
      payout_id: 'text',
      statement_id: 'text',
      part: 'integer',
      parts: 'integer',
      payee_id: 'text',
      kind: 'text',
      amount_minor: 'bigint',
      withheld_minor: 'bigint',
      currency: 'text',
      pay_via: 'text',
      legs: 'jsonb',
      trade_no: 'text',
      order_id: 'text',
      remark: 'text',
      requested_at: 'timestamptz',
      out_biz_no: 'text',
      correlation_id: 'text',
      makers: 'text[]',
      changed_at: 'timestamptz',
    },
    rows: added.map(({ payout, legs, correlationId }) => [
      payout.shopId,
      payout.payoutId,
      payout.statementId,
      payout.part,
      payout.parts,
      payout.payeeId,
      payout.kind,
      payout.amountMinor,
      payout.withheldMinor,
      payout.currency,
      payout.payVia,
      JSON.stringify(legs),
      payout.tradeNo,
      legs[0]?.orderId ?? null,
      payout.remark,
      payout.requestedAt,
      payout.outBizNo,
      correlationId,
      payout.makers,
      payout.changedAt,
    ]),
    onConflict: '(shop_id, payout_id) DO NOTHING',
    returning: 'shop_id AS "shopId", payout_id AS "payoutId"',
  });
  return new Set(rows.map(keyText));
}

/** What a list of payouts is asked for. */
export interface PayoutPage {
  readonly shopId: string;
  /** A state; `open` for any in which it has not ended. */
  readonly state: string | null;
  readonly payeeId: string | null;
  readonly after: { readonly at: Date; readonly id: string } | null;
  readonly limit: number;
}

/** Payouts of a shop, oldest first. */
export async function listPayouts(reader: Reader, page: PayoutPage): Promise<HeldPayout[]> {
  const rows = await reader.query<PayoutRow>(
    `SELECT ${payoutColumns} FROM payout p
     WHERE p.shop_id = $1
       AND ($2::text IS NULL OR p.state = $2
            OR ($2 = 'open' AND p.state NOT IN ('succeeded', 'failed', 'cancelled', 'returned')))
       AND ($3::text IS NULL OR p.payee_id = $3)
       AND ($4::timestamptz IS NULL OR (p.requested_at, p.payout_id) > ($4, $5))
     ORDER BY p.requested_at, p.payout_id LIMIT $6`,
    [
      page.shopId,
      page.state,
      page.payeeId,
      page.after?.at ?? null,
      page.after?.id ?? null,
      page.limit,
    ],
  );
  return rows.map(heldFrom);
}

/** One recorded move. */
export interface TransitionRow extends PayoutKey {
  readonly seq: number;
  readonly from: Payout['state'];
  readonly to: Payout['state'];
  readonly at: Date;
  readonly why: string;
  readonly by: string;
}

/** The moves of these payouts, each payout's in its order. */
export function loadTransitions(
  reader: Reader,
  keys: readonly PayoutKey[],
): Promise<TransitionRow[]> {
  return reader.query<TransitionRow>(
    `SELECT t.shop_id AS "shopId", t.payout_id AS "payoutId", t.seq, t.from_state AS "from",
            t.to_state AS "to", t.at, t.why, t.by
     FROM payout_transition t
     JOIN unnest($1::text[], $2::text[]) AS k(shop_id, payout_id) USING (shop_id, payout_id)
     ORDER BY t.shop_id, t.payout_id, t.seq`,
    [keys.map(({ shopId }) => shopId), keys.map(({ payoutId }) => payoutId)],
  );
}

/** When any payout last moved, by these books; null while none has. Business time. */
export async function lastMoveAt(reader: Reader): Promise<Date | null> {
  const [row] = await reader.query<{ at: Date | null }>(
    'SELECT max(changed_at) AS at FROM payout WHERE seq > 0',
  );
  return row?.at ?? null;
}
