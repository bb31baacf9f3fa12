import type { DifferenceClass } from '@qingfen/core-reconciliation';
import { copyEscaped, CopyInto, type Tx } from '@qingfen/database';
import type { ExportedRow } from './order-export-file.js';

type Reader = Pick<Tx, 'query'>;

/** How many differences a comparison has found, by class. */
export type FoundCounts = Readonly<Partial<Record<DifferenceClass, number>>>;

/** An export that was uploaded. Instants of its span are half-open. */
export interface OrderExportFile {
  readonly shopId: string;
  readonly exportId: string;
  readonly sha256: string;
  readonly byteCount: bigint;
  readonly fromAt: Date;
  readonly toAt: Date;
  readonly asOf: Date;
  readonly uploadedBy: string;
  readonly uploadedAt: Date;
}

/** One as it stands. */
export interface OrderExportState extends OrderExportFile {
  readonly exportNo: bigint;
  readonly rowCount: number;
  readonly state: 'due' | 'done' | 'refused';
  readonly problem: string | null;
  readonly asked: number;
  readonly comparedAt: Date | null;
  readonly found: FoundCounts;
}

const columns = `shop_id AS "shopId", export_no AS "exportNo", export_id AS "exportId", sha256,
  byte_count AS "byteCount", row_count AS "rowCount", from_at AS "fromAt", to_at AS "toAt",
  as_of AS "asOf", uploaded_by AS "uploadedBy", uploaded_at AS "uploadedAt", state, problem, asked,
  compared_at AS "comparedAt", found`;

/** The export of this id; it stays as it is until the transaction ends. */
export async function exportUnderLock(
  tx: Tx,
  shopId: string,
  exportId: string,
): Promise<OrderExportState | null> {
  const rows = await tx.query<OrderExportState>(
    `SELECT ${columns} FROM order_export WHERE shop_id = $1 AND export_id = $2 FOR UPDATE`,
    [shopId, exportId],
  );
  return rows[0] ?? null;
}

/** A new one, without its rows; returns its number. */
export async function insertExport(tx: Tx, file: OrderExportFile): Promise<bigint> {
  const [row] = await tx.query<{ exportNo: bigint }>(
    `INSERT INTO order_export (shop_id, export_id, sha256, byte_count, row_count, from_at, to_at,
                               as_of, uploaded_by, uploaded_at, state)
     VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, 'due') RETURNING export_no AS "exportNo"`,
    [
      file.shopId,
      file.exportId,
      file.sha256,
      file.byteCount,
      file.fromAt,
      file.toAt,
      file.asOf,
      file.uploadedBy,
      file.uploadedAt,
    ],
  );
  if (row === undefined) throw new Error('an insert returns its row');
  return row.exportNo;
}

/** All its rows are there. */
export async function noteRowCount(
  tx: Tx,
  { shopId, exportNo }: Pick<OrderExportState, 'shopId' | 'exportNo'>,
  rowCount: number,
): Promise<void> {
  await tx.query('UPDATE order_export SET row_count = $3 WHERE shop_id = $1 AND export_no = $2', [
    shopId,
    exportNo,
    rowCount,
  ]);
}

/** Has it compared again. */
export async function askAgain(
  tx: Tx,
  { shopId, exportNo }: Pick<OrderExportState, 'shopId' | 'exportNo'>,
): Promise<void> {
  await tx.query(
    `UPDATE order_export SET state = 'due', problem = NULL, asked = asked + 1
      WHERE shop_id = $1 AND export_no = $2`,
    [shopId, exportNo],
  );
}

/** Copies rows as they are read, one COPY for all of them. */
export class ExportCopy {
  private constructor(
    private readonly into: CopyInto,
    private readonly shopId: string,
    private readonly exportNo: bigint,
  ) {}

  static begin(tx: Tx, shopId: string, exportNo: bigint): ExportCopy {
    const money = ['currency', 'paid_minor', 'refunded_minor', 'completed_at'];
    const into = CopyInto.begin(tx, {
      table: 'order_export_row',
      columns: ['shop_id', 'export_no', 'order_id', 'line_no', ...money],
    });
    return new ExportCopy(into, shopId, exportNo);
  }

  async write(rows: readonly ExportedRow[]): Promise<void> {
    if (rows.length === 0) return;
    const begin = `${copyEscaped(this.shopId)}\t${this.exportNo}`;
    let text = '';
    for (const { orderId, line, currency, paidMinor, refundedMinor, completedAt } of rows) {
      const amounts = `${currency}\t${paidMinor}\t${refundedMinor}\t${completedAt.toISOString()}`;
      text += `${begin}\t${copyEscaped(orderId)}\t${line}\t${amounts}\n`;
    }
    await this.into.write(text);
  }

  end(): Promise<void> {
    return this.into.end();
  }
}

/** Takes the oldest that is due and that nobody is at; a shop's are compared one after the other. */
export async function takeDueExport(
  tx: Tx,
  { owner, leaseSeconds }: { readonly owner: string; readonly leaseSeconds: number },
): Promise<OrderExportState | null> {
  const rows = await tx.query<OrderExportState>(
    `UPDATE order_export
        SET leased_until = clock_timestamp() + make_interval(secs => $2), owner = $1
      WHERE (shop_id, export_no) = (
        SELECT e.shop_id, e.export_no FROM order_export e
         WHERE e.state = 'due' AND (e.leased_until IS NULL OR e.leased_until < clock_timestamp())
           AND NOT EXISTS (SELECT 1 FROM order_export o
                            WHERE o.shop_id = e.shop_id AND o.export_no <> e.export_no
                              AND o.state = 'due' AND o.leased_until >= clock_timestamp())
         ORDER BY e.export_no LIMIT 1 FOR UPDATE OF e SKIP LOCKED)
     RETURNING ${columns}`,
    [owner, leaseSeconds],
  );
  return rows[0] ?? null;
}

type Taken = Pick<OrderExportState, 'shopId' | 'exportNo' | 'asked'>;

/** Says that its owner is still at it. */
export async function renewExportLease(
  reader: Reader,
  { shopId, exportNo }: Taken,
  { owner, leaseSeconds }: { readonly owner: string; readonly leaseSeconds: number },
): Promise<void> {
  await reader.query(
    `UPDATE order_export SET leased_until = clock_timestamp() + make_interval(secs => $4)
      WHERE shop_id = $1 AND export_no = $2 AND owner = $3 AND leased_until IS NOT NULL`,
    [shopId, exportNo, owner, leaseSeconds],
  );
}

/** Gives back one that could not be compared now: it is due still. */
export async function giveExportBack(reader: Reader, { shopId, exportNo }: Taken): Promise<void> {
  await reader.query(
    'UPDATE order_export SET leased_until = NULL WHERE shop_id = $1 AND export_no = $2',
    [shopId, exportNo],
  );
}

/** Ends a comparison; it stays due where somebody has asked for another meanwhile. */
export async function finishExport(
  tx: Tx,
  { shopId, exportNo, asked }: Taken,
  result: { readonly found: FoundCounts; readonly problem: string | null; readonly at: Date },
): Promise<void> {
  const state = result.problem === null ? 'done' : 'refused';
  await tx.query(
    `UPDATE order_export
        SET state = CASE WHEN asked = $3 THEN $4 ELSE 'due' END,
            problem = CASE WHEN asked = $3 THEN $5 END,
            found = $6::jsonb, compared_at = $7, leased_until = NULL
      WHERE shop_id = $1 AND export_no = $2`,
    [shopId, exportNo, asked, state, result.problem, JSON.stringify(result.found), result.at],
  );
}

/** Orders that it has, behind one in the order of their ids. */
export async function ordersOfExport(
  reader: Reader,
  { shopId, exportNo }: Taken,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await reader.query<{ orderId: string }>(
    `SELECT order_id AS "orderId" FROM order_export_row
      WHERE shop_id = $1 AND export_no = $2 AND order_id > $3 ORDER BY order_id LIMIT $4`,
    [shopId, exportNo, after, limit],
  );
  return rows.map(({ orderId }) => orderId);
}

/** A place among orders by their completion. */
export interface ToldPlace {
  readonly orderId: string;
  readonly completedAt: Date;
}

/**
 * Orders told as completed within its span of which it has no row, behind a place. Each is looked up by
 * itself: of rows that have just come PostgreSQL has no statistics to choose a join by.
 */
export function ordersBesideExport(
  reader: Reader,
  { shopId, exportNo, fromAt, toAt, asOf }: OrderExportState,
  { after, limit }: { readonly after: ToldPlace | null; readonly limit: number },
): Promise<ToldPlace[]> {
  return reader.query<ToldPlace>(
    `SELECT o.order_id AS "orderId", o.completed_at AS "completedAt" FROM told_order o
       LEFT JOIN LATERAL (SELECT r.export_no FROM order_export_row r
                           WHERE r.shop_id = o.shop_id AND r.order_id = o.order_id
                             AND r.export_no = $2 LIMIT 1) r ON true
      WHERE r.export_no IS NULL AND o.shop_id = $1 AND o.completed_at >= $3 AND o.completed_at < least($4::timestamptz, $5)
        AND ($6::timestamptz IS NULL OR (o.completed_at, o.order_id) > ($6, $7))
      ORDER BY o.completed_at, o.order_id LIMIT $8`,
    [
      shopId,
      exportNo,
      fromAt,
      toAt,
      asOf,
      after?.completedAt ?? null,
      after?.orderId ?? null,
      limit,
    ],
  );
}

export async function countDueExports(reader: Reader): Promise<number> {
  const [row] = await reader.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM order_export WHERE state = 'due'`,
  );
  return Number(row?.count ?? 0n);
}

export function listExports(
  reader: Reader,
  shopId: string,
  page: {
    readonly after: { readonly at: Date; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<OrderExportState[]> {
  return reader.query<OrderExportState>(
    `SELECT ${columns} FROM order_export
      WHERE shop_id = $1
        AND ($2::timestamptz IS NULL OR (uploaded_at, export_id) > ($2, $3))
      ORDER BY uploaded_at, export_id LIMIT $4`,
    [shopId, page.after?.at ?? null, page.after?.id ?? null, page.limit],
  );
}
