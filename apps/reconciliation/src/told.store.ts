import type { Kind } from '@qingfen/contracts';
import { insertRows, type Tx } from '@qingfen/database';

type Row = readonly unknown[];

/** Every word once, however often it is told: the first stands. Rows are sorted by their keys. */
const firstStands = (key: string): string => `(${key}) DO NOTHING`;

/** Inserts in one order, so that two batches with the same keys wait for each other and never in a ring. */
function inOrder(rows: readonly Row[], keys: number): readonly Row[] {
  const keyOf = (row: Row): string => row.slice(0, keys).map(String).join(' ');
  return [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

export async function keepShops(tx: Tx, rows: readonly Row[]): Promise<void> {
  await insertRows(tx, {
    table: 'shop',
    columns: { shop_id: 'text', timezone: 'text', updated_at: 'timestamptz' },
    rows: inOrder([...new Map(rows.map((row) => [row[0], row])).values()], 1),
    onConflict: `(shop_id) DO UPDATE SET timezone = excluded.timezone,
      updated_at = excluded.updated_at WHERE shop.updated_at <= excluded.updated_at`,
  });
}

export async function keepOrders(tx: Tx, rows: readonly Row[]): Promise<void> {
  await insertRows(tx, {
    table: 'told_order',
    columns: {
      shop_id: 'text',
      order_id: 'text',
      currency: 'text',
      base_minor: 'bigint',
      paid_minor: 'bigint',
      paid_at: 'timestamptz',
      completed_at: 'timestamptz',
      trade_no: 'text',
      told_on: 'date',
    },
    rows: inOrder(rows, 2),
    onConflict: firstStands('shop_id, order_id'),
  });
}

export async function keepRefunds(tx: Tx, rows: readonly Row[]): Promise<void> {
  await insertRows(tx, {
    table: 'told_refund',
    columns: {
      shop_id: 'text',
      order_id: 'text',
      refund_id: 'text',
      amount_minor: 'bigint',
      back_minor: 'bigint',
      refunded_at: 'timestamptz',
      told_on: 'date',
    },
    rows: inOrder(rows, 3),
    onConflict: firstStands('shop_id, order_id, refund_id'),
  });
}

export async function keepReversals(tx: Tx, rows: readonly Row[]): Promise<void> {
  await insertRows(tx, {
    table: 'told_reversal',
    columns: {
      shop_id: 'text',
      order_id: 'text',
      refund_id: 'text',
      reversed_at: 'timestamptz',
      told_on: 'date',
    },
    rows: inOrder(rows, 3),
    onConflict: firstStands('shop_id, order_id, refund_id'),
  });
}

export async function keepStatements(tx: Tx, rows: readonly Row[]): Promise<void> {
  await insertRows(tx, {
    table: 'told_statement',
    columns: {
      shop_id: 'text',
      statement_id: 'text',
      currency: 'text',
      net_minor: 'bigint',
      told_on: 'date',
      kind: 'text',
      issued_at: 'timestamptz',
    },
    rows: inOrder(rows, 2),
    onConflict: firstStands('shop_id, statement_id'),
  });
}

/** A payout as it was asked for, or as it ended. */
export interface ToldPayout {
  readonly shopId: string;
  readonly payoutId: string;
  readonly statementId: string;
  readonly outBizNo: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly kind: Kind;
  /** Null where it was not asked for yet. */
  readonly requestedAt: Date | null;
  readonly status: string | null;
  readonly seq: bigint;
  readonly succeededAt: Date | null;
  readonly returnedAt: Date | null;
  readonly endedAt: Date | null;
  readonly toldOn: string;
}

/** Of ends the one with the highest `seq` counts; a later end keeps when the money had left. */
export async function keepPayouts(tx: Tx, told: readonly ToldPayout[]): Promise<void> {
  await insertRows(tx, {
    table: 'told_payout',
    columns: {
      shop_id: 'text',
      payout_id: 'text',
      statement_id: 'text',
      out_biz_no: 'text',
      currency: 'text',
      amount_minor: 'bigint',
      is_requested: 'boolean',
      status: 'text',
      seq: 'bigint',
      succeeded_at: 'timestamptz',
      returned_at: 'timestamptz',
      told_on: 'date',
      kind: 'text',
      requested_at: 'timestamptz',
      ended_at: 'timestamptz',
    },
    rows: told.map((one) => [
      one.shopId,
      one.payoutId,
      one.statementId,
      one.outBizNo,
      one.currency,
      one.amountMinor,
      one.requestedAt !== null,
      one.status,
      one.seq,
      one.succeededAt,
      one.returnedAt,
      one.toldOn,
      one.kind,
      one.requestedAt,
      one.endedAt,
    ]),
    onConflict: `(shop_id, payout_id) DO UPDATE SET
      is_requested = told_payout.is_requested OR excluded.is_requested,
      requested_at = coalesce(told_payout.requested_at, excluded.requested_at),
      kind = coalesce(told_payout.kind, excluded.kind),
      status = CASE WHEN excluded.seq > told_payout.seq THEN excluded.status
                    ELSE told_payout.status END,
      succeeded_at = CASE WHEN excluded.seq > told_payout.seq AND excluded.succeeded_at IS NOT NULL
                          THEN coalesce(told_payout.succeeded_at, excluded.succeeded_at)
                          ELSE told_payout.succeeded_at END,
      returned_at = CASE WHEN excluded.seq > told_payout.seq THEN excluded.returned_at
                         ELSE told_payout.returned_at END,
      ended_at = CASE WHEN excluded.seq > told_payout.seq THEN excluded.ended_at
                      ELSE told_payout.ended_at END,
      seq = greatest(told_payout.seq, excluded.seq)`,
  });
}
