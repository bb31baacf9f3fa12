import type { Tx } from '@qingfen/database';

/** An export that may go. */
export interface OldExport {
  readonly shopId: string;
  readonly exportNo: bigint;
  readonly exportId: string;
  readonly sha256: string;
  readonly rowCount: number;
  readonly uploadedAt: Date;
}

/**
 * Takes the oldest export, or this one, that was uploaded before an instant, is not to be compared and that
 * nobody needs: no open difference is of it, and none made before it is kept, which would decide on its orders
 * once it is gone. A refused one decides nothing and goes by its age alone.
 *
 * @returns null where there is none that nobody is at
 */
export async function takeOldExport(
  tx: Tx,
  before: Date,
  exportNo: bigint | null = null,
): Promise<OldExport | null> {
  const rows = await tx.query<OldExport>(
    `SELECT e.shop_id AS "shopId", e.export_no AS "exportNo", e.export_id AS "exportId", e.sha256,
            e.row_count AS "rowCount", e.uploaded_at AS "uploadedAt"
       FROM order_export e
      WHERE e.uploaded_at < $1 AND e.state <> 'due' AND ($2::bigint IS NULL OR e.export_no = $2)
        AND (e.state = 'refused' OR NOT (
          EXISTS (SELECT 1 FROM difference d
                   WHERE d.shop_id = e.shop_id AND d.theirs->>'exportId' = e.export_id
                     AND d.comparison = 'exports' AND d.state = 'open')
          OR EXISTS (SELECT 1 FROM order_export o
                      WHERE o.shop_id = e.shop_id AND o.state <> 'refused'
                        AND (o.as_of, o.export_no) < (e.as_of, e.export_no))))
      ORDER BY e.uploaded_at, e.export_no LIMIT 1 FOR UPDATE OF e SKIP LOCKED`,
    [before, exportNo],
  );
  return rows[0] ?? null;
}

/** Deletes an export with all its rows. */
export async function deleteExport(
  tx: Tx,
  { shopId, exportNo }: Pick<OldExport, 'shopId' | 'exportNo'>,
): Promise<void> {
  const which = [shopId, exportNo];
  // First of all: as long as it is there, its rows stay.
  await tx.query('DELETE FROM order_export WHERE shop_id = $1 AND export_no = $2', which);
  await tx.query('DELETE FROM order_export_row WHERE shop_id = $1 AND export_no = $2', which);
}
