import type { PartKind } from '@qingfen/core-plan';
import type { OwedSlots } from '@qingfen/core-settlement';
import type { Tx } from '@qingfen/database';

type Reader = Pick<Tx, 'query'>;

/** Whose entries are summed: a kind of a shop, in one currency. */
export interface DueKind {
  readonly shopId: string;
  readonly kind: PartKind;
  readonly currency: string;
}

/** A run that was noted and is not done. */
export interface NotedDue {
  readonly period: string;
  readonly cutoff: Date;
  readonly planVersion: number;
  readonly cycles: readonly number[];
}

/** The runs of a kind that are under way or late, the oldest first; and up to when runs are noted. */
export async function notedDues(
  tx: Reader,
  { shopId, kind, currency }: DueKind,
): Promise<{ readonly plannedUntil: Date | null; readonly runs: readonly NotedDue[] }> {
  const key = [shopId, kind, currency];
  const [schedule] = await tx.query<{ plannedUntil: Date }>(
    `SELECT planned_until AS "plannedUntil" FROM schedule
      WHERE shop_id = $1 AND kind = $2 AND currency = $3`,
    key,
  );
  const runs = await tx.query<NotedDue>(
    `SELECT period, cutoff, plan_version AS "planVersion", cycles FROM run
      WHERE shop_id = $1 AND kind = $2 AND currency = $3 AND state <> 'done'
      ORDER BY scheduled_at LIMIT 500`,
    key,
  );
  return { plannedUntil: schedule?.plannedUntil ?? null, runs };
}

/** The next owners who are owed anything of a kind, behind one, by their names. */
export async function owedOwners(
  tx: Reader,
  { shopId, kind, currency }: DueKind,
  after: string,
  limit: number,
): Promise<{ readonly ownerId: string; readonly accountNo: bigint }[]> {
  return tx.query(
    `SELECT c.owner_id AS "ownerId", c.account_no AS "accountNo" FROM account c
      WHERE c.shop_id = $1 AND c.kind = $2 AND c.currency = $3 AND c.owner_id > $4
        AND EXISTS (SELECT 1 FROM unstated u
                     WHERE u.shop_id = c.shop_id AND u.account_no = c.account_no)
      ORDER BY c.owner_id LIMIT $5`,
    [shopId, kind, currency, after, limit],
  );
}

/**
 * What these accounts are owed, in sums by the first of the cutoffs that comes after it matures. Left out is
 * what no run would take as things are: of held orders and payees, and of payees without an account. A
 * team's reward matures with its run.
 */
export async function owedSlots(
  tx: Reader,
  shopId: string,
  of: { readonly accountNos: readonly bigint[]; readonly cutoffs: readonly Date[] },
): Promise<OwedSlots[]> {
  const rows = await tx.query<{ ownerId: string; slot: number; amountMinor: bigint }>(
    `SELECT c.owner_id AS "ownerId", s.slot, sum(u.amount_minor)::bigint AS "amountMinor"
       FROM account c
       JOIN unstated u ON u.shop_id = c.shop_id AND u.account_no = c.account_no
      CROSS JOIN LATERAL (
        SELECT width_bucket(CASE WHEN c.owner_id LIKE '#%'
                 THEN u.matures_at - interval '1 microsecond' ELSE u.matures_at END,
                 $3::timestamptz[]) AS slot) s
       LEFT JOIN payee p ON p.shop_id = c.shop_id AND p.payee_id = c.owner_id
      WHERE c.shop_id = $1 AND c.account_no = ANY ($2::bigint[]) AND s.slot < cardinality($3)
        AND (c.owner_id LIKE '#%' OR p.account_hash IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM hold h
                         WHERE h.shop_id = $1 AND h.subject_type = 'payee'
                           AND h.subject_id = c.owner_id AND h.released_at IS NULL)
        AND (u.amount_minor < 0 OR NOT (
          u.entry_id / 16384 IN (SELECT h.block FROM held_block h WHERE h.shop_id = $1)
          OR CASE WHEN u.is_give_back THEN give_back_held($1, u.entry_id) ELSE false END))
      GROUP BY 1, 2 ORDER BY 1, 2`,
    [shopId, of.accountNos, of.cutoffs],
  );
  const byOwner = new Map<string, { slot: number; amountMinor: bigint }[]>();
  for (const { ownerId, slot, amountMinor } of rows) {
    const slots = byOwner.get(ownerId) ?? [];
    slots.push({ slot, amountMinor });
    byOwner.set(ownerId, slots);
  }
  return [...byOwner].map(([payeeId, slots]) => ({ payeeId, slots }));
}
