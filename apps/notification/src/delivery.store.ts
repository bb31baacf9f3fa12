import { insertRows, type Database, type Tx } from '@qingfen/database';
import type { Facts } from './wording.js';

export type DeliveryState = 'waiting' | 'sending' | 'sent' | 'failed';

/** A message to a payee, or to the shop's operator, that is to be made. */
export interface NewDelivery {
  readonly shopId: string;
  readonly deliveryId: string;
  /** Null: the shop's operator. */
  readonly payeeId: string | null;
  readonly template: string;
  readonly templateVersion: number;
  readonly subject: { readonly type: string; readonly id: string };
  readonly facts: Facts;
  /** `Message-ID` of the mail, derived: a mail sent twice is recognised by whoever receives it. */
  readonly messageId: string;
  readonly createdAt: Date;
}

/** A delivery in the hands of the one who sends it. */
export interface ClaimedDelivery {
  readonly shopId: string;
  readonly deliveryId: string;
  /** Null: the shop's operator. */
  readonly payeeId: string | null;
  readonly template: string;
  readonly templateVersion: number;
  readonly facts: Facts;
  readonly messageId: string;
  /** Counts this one. */
  readonly attempts: number;
}

/** A delivery as the API shows one. */
export interface DeliveryRow {
  readonly shopId: string;
  readonly deliveryId: string;
  /** Null: the shop's operator. */
  readonly payeeId: string | null;
  readonly channel: 'mail';
  readonly template: string;
  readonly templateVersion: number;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly error: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** Notes deliveries to be made; one that is there already stays as it is. */
export async function insertDeliveries(tx: Tx, deliveries: readonly NewDelivery[]): Promise<void> {
  await insertRows(tx, {
    table: 'delivery',
    columns: {
      shop_id: 'text',
      delivery_id: 'text',
      payee_id: 'text',
      channel: 'text',
      template: 'text',
      template_version: 'integer',
      subject_type: 'text',
      subject_id: 'text',
      facts: 'jsonb',
      message_id: 'text',
      created_at: 'timestamptz',
    },
    rows: deliveries.map((row) => [
      row.shopId,
      row.deliveryId,
      row.payeeId,
      'mail',
      row.template,
      row.templateVersion,
      row.subject.type,
      row.subject.id,
      JSON.stringify(row.facts),
      row.messageId,
      row.createdAt,
    ]),
    onConflict: '(shop_id, delivery_id) DO NOTHING',
  });
}

/**
 * The payouts of which nothing later was told than `seq`, and notes them: a lower `seq` that comes later is
 * ignored, the same one told again too. Each payout at most once in `told`.
 */
export async function takeNews(
  tx: Tx,
  told: readonly { readonly shopId: string; readonly payoutId: string; readonly seq: number }[],
): Promise<{ shopId: string; payoutId: string }[]> {
  return insertRows(tx, {
    table: 'payout_told',
    columns: { shop_id: 'text', payout_id: 'text', seq: 'bigint' },
    rows: told.map(({ shopId, payoutId, seq }) => [shopId, payoutId, BigInt(seq)]),
    onConflict: `(shop_id, payout_id) DO UPDATE SET seq = excluded.seq
      WHERE payout_told.seq < excluded.seq`,
    returning: 'shop_id AS "shopId", payout_id AS "payoutId"',
  });
}

/**
 * Takes deliveries that are due on real time, and those whose sender has not come back within `leaseMs`; each
 * by one taker. Counts the attempt before it is made, so that a crash is an attempt too.
 */
export function claimDue(
  database: Database,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): Promise<ClaimedDelivery[]> {
  return database.query<ClaimedDelivery>(
    `WITH due AS (
       SELECT shop_id, delivery_id FROM delivery
       WHERE state IN ('waiting', 'sending') AND next_try_at <= clock_timestamp()
       ORDER BY next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     UPDATE delivery d SET state = 'sending', attempts = d.attempts + 1,
       next_try_at = clock_timestamp() + $2 * interval '1 millisecond'
     FROM due WHERE d.shop_id = due.shop_id AND d.delivery_id = due.delivery_id
     RETURNING d.shop_id AS "shopId", d.delivery_id AS "deliveryId", d.payee_id AS "payeeId",
       d.template, d.template_version AS "templateVersion", d.facts,
       d.message_id AS "messageId", d.attempts`,
    [limit, leaseMs],
  );
}

/** How a claimed delivery ended. */
export interface Ended {
  readonly delivery: ClaimedDelivery;
  readonly state: 'sent' | 'failed';
  readonly error: string | null;
}

/** Names a delivery in the answer of {@link endDeliveries}. */
export function deliveryKey(named: {
  readonly shopId: string;
  readonly deliveryId: string;
}): string {
  return `${named.shopId} ${named.deliveryId}`;
}

/** Ends claimed deliveries; answers the keys of those that no other taker has by now. */
export async function endDeliveries(
  tx: Tx,
  ended: readonly Ended[],
  at: Date,
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ shopId: string; deliveryId: string }>(
    `UPDATE delivery d SET state = e.state, error = e.error, ended_at = $6
     FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[])
       AS e (shop_id, delivery_id, attempts, state, error)
     WHERE d.shop_id = e.shop_id AND d.delivery_id = e.delivery_id AND d.attempts = e.attempts
       AND d.state = 'sending'
     RETURNING d.shop_id AS "shopId", d.delivery_id AS "deliveryId"`,
    [
      ended.map(({ delivery }) => delivery.shopId),
      ended.map(({ delivery }) => delivery.deliveryId),
      ended.map(({ delivery }) => delivery.attempts),
      ended.map(({ state }) => state),
      ended.map(({ error }) => error),
      at,
    ],
  );
  return new Set(rows.map(deliveryKey));
}

/** Puts a claimed delivery back, to be tried again after `pauseMs` of real time. */
export async function postpone(
  database: Database,
  claimed: ClaimedDelivery,
  { error, pauseMs }: { readonly error: string; readonly pauseMs: number },
): Promise<void> {
  await database.query(
    `UPDATE delivery SET state = 'waiting', error = $4,
       next_try_at = clock_timestamp() + $5 * interval '1 millisecond'
     WHERE shop_id = $1 AND delivery_id = $2 AND attempts = $3 AND state = 'sending'`,
    [claimed.shopId, claimed.deliveryId, claimed.attempts, error, pauseMs],
  );
}

/** Which of a shop's deliveries to list, and behind which one. */
export interface DeliveryPage {
  readonly shopId: string;
  readonly state: DeliveryState | null;
  readonly payeeId: string | null;
  readonly after: { readonly at: Date; readonly id: string } | null;
  readonly limit: number;
}

/** Deliveries by the instant that they were noted at, oldest first. */
export function listDeliveries(database: Database, page: DeliveryPage): Promise<DeliveryRow[]> {
  const { shopId, state, payeeId, after, limit } = page;
  return database.query<DeliveryRow>(
    `SELECT shop_id AS "shopId", delivery_id AS "deliveryId", payee_id AS "payeeId", channel,
            template, template_version AS "templateVersion", subject_type AS "subjectType",
            subject_id AS "subjectId", state, attempts, error, created_at AS "createdAt",
            ended_at AS "endedAt"
     FROM delivery
     WHERE shop_id = $1 AND ($2::text IS NULL OR state = $2)
       AND ($3::text IS NULL OR payee_id = $3)
       AND ($4::timestamptz IS NULL OR (created_at, delivery_id) > ($4, $5))
     ORDER BY created_at, delivery_id LIMIT $6`,
    [shopId, state, payeeId, after?.at ?? null, after?.id ?? null, limit],
  );
}
