import type { ExplainedHold } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';

/** A hold as it is kept, and what was said when a person placed it. */
export interface HoldRow {
  readonly subject_type: ExplainedHold['subject']['type'];
  readonly subject_id: string;
  readonly reason: ExplainedHold['reason'];
  readonly hold_key: string;
  readonly opened_at: Date;
  readonly released_at: Date | null;
  readonly words: string | null;
  readonly actor: string | null;
}

/** Why and by whom: of an operator's hold, from the audit of the act that placed it. */
export const holdColumns = `h.subject_type, h.subject_id, h.reason, h.hold_key, h.opened_at,
  h.released_at,
  CASE WHEN h.reason = 'operator' THEN (
    SELECT json_build_array(a.reason, a.actor) FROM audit a
     WHERE a.shop_id = h.shop_id AND a.action = h.subject_type || '.hold'
       AND a.subject_id = h.subject_id AND a.at = h.opened_at
     ORDER BY a.audit_id LIMIT 1)
  WHEN h.reason = 'dispute' THEN (
    SELECT json_build_array(d.reason, NULL) FROM dispute d
     WHERE d.shop_id = h.shop_id AND d.order_id = h.subject_id AND d.dispute_id = h.hold_key)
  END AS told`;

type ToldRow = Omit<HoldRow, 'words' | 'actor'> & {
  readonly told: readonly [string | null, string | null] | null;
};

/** All holds of some subjects, ended ones included, the oldest first. */
export async function holdsOf(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  type: HoldRow['subject_type'],
  ids: readonly string[],
): Promise<HoldRow[]> {
  const rows = await tx.query<ToldRow>(
    `SELECT ${holdColumns} FROM hold h
      WHERE h.shop_id = $1 AND h.subject_type = $2 AND h.subject_id = ANY($3)
      ORDER BY h.opened_at, h.hold_key LIMIT 1000`,
    [shopId, type, ids],
  );
  return rows.map(holdOfRow);
}

export function holdOfRow({ told, ...row }: ToldRow): HoldRow {
  return { ...row, words: told?.[0] ?? null, actor: told?.[1] ?? null };
}
