import { formatInstant } from '@qingfen/calendar';
import type { Entry, EntryExplanation } from '@qingfen/contracts';
import { chainOf, explainLine, type OrderFact, type RefundItem } from '@qingfen/core-settlement';
import type { Plan, RequiredTask } from '@qingfen/core-plan';
import type { Tx } from '@qingfen/database';
import { formatAmount, minor } from '@qingfen/money';

/** An entry with what has become of it. */
export interface EntryRow {
  readonly entry_id: bigint;
  readonly order_id: string;
  readonly item_id: string | null;
  readonly kind: Entry['kind'];
  readonly level: number | null;
  readonly payee_id: string | null;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly matures_at: Date;
  readonly plan_version: number | null;
  readonly corrects: bigint | null;
  readonly cause: string;
  readonly statement_id: string | null;
  readonly statement_batch: bigint | null;
  /** To whom it was stated: of a team's reward, its leader then. */
  readonly leader_id: string | null;
  readonly paid: boolean;
  /** Closed as paid elsewhere: it stands on no statement and never will. */
  readonly settled_outside: boolean;
  readonly holds: Entry['holds'];
}

const entrySelect = `
SELECT e.entry_id, e.order_id, e.item_id, e.kind, e.level, e.payee_id, e.currency,
       e.amount_minor + coalesce((SELECT sum(a.amount_minor) FROM entry_adjustment a
                                   WHERE a.shop_id = e.shop_id
                                     AND a.entry_id = e.entry_id), 0)::bigint AS amount_minor,
       e.matures_at, e.plan_version, e.corrects, e.cause, t.statement_id,
       coalesce(x.batch_id, t.batch_id) AS statement_batch, t.payee_id AS leader_id,
       coalesce((SELECT bool_and(coalesce(p.status = 'succeeded', false)) FROM payout p
                  WHERE p.shop_id = e.shop_id AND p.statement_id = t.statement_id), false) AS paid,
       x.entry_id IS NOT NULL AS settled_outside,
       ARRAY(SELECT h.reason FROM hold h
              WHERE h.shop_id = e.shop_id AND h.released_at IS NULL AND t.statement_id IS NULL
                AND x.entry_id IS NULL
                AND ((h.subject_type = 'order' AND h.subject_id = e.order_id)
                  OR (h.subject_type = 'entry' AND h.subject_id = e.entry_id::text)
                  OR (h.subject_type = 'payee' AND h.subject_id = e.payee_id))
             UNION
             SELECT 'condition' FROM unnest($3::text[], $4::text[]) AS r(kind, task)
              WHERE r.kind = e.kind AND t.statement_id IS NULL AND x.entry_id IS NULL
                AND NOT EXISTS (SELECT 1 FROM payee p
                                 WHERE p.shop_id = e.shop_id AND p.payee_id = e.payee_id
                                   AND r.task = ANY (p.tasks))
              ORDER BY 1) AS holds
  FROM entry e
  LEFT JOIN LATERAL stated_entry(e.shop_id, e.account_no, e.entry_id) s ON true
  LEFT JOIN statement t ON t.shop_id = e.shop_id AND t.statement_no = s.statement_no
  LEFT JOIN settled_outside x ON x.shop_id = e.shop_id AND x.account_no = e.account_no
                             AND x.entry_id = e.entry_id`;

export async function entriesOfOrder(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  orderId: string,
  tasks: readonly RequiredTask[],
): Promise<EntryRow[]> {
  return tx.query<EntryRow>(
    `${entrySelect} WHERE e.shop_id = $1 AND e.order_id = $2 ORDER BY e.entry_id`,
    [shopId, orderId, tasks.map(({ kind }) => kind), tasks.map(({ task }) => task)],
  );
}

// $1 shop: the entries of `listed`.
const listedEntries = `entry AS (
       SELECT e.* FROM (SELECT DISTINCT entry_id / 16384 AS block FROM listed) b
        CROSS JOIN LATERAL (
          -- OFFSET 0: looked up block by block, rather than joined with all entries there are
          SELECT * FROM entry e WHERE e.shop_id = $1 AND e.block = b.block OFFSET 0) e
        WHERE e.entry_id IN (SELECT entry_id FROM listed)
     )`;

export async function entriesOfStatements(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  statementIds: readonly string[],
): Promise<EntryRow[]> {
  return tx.query<EntryRow>(
    `WITH listed AS MATERIALIZED (
       SELECT l.entry_id FROM statement t
         JOIN statement_entry l ON l.shop_id = t.shop_id AND l.statement_no = t.statement_no
        WHERE t.shop_id = $1 AND t.statement_id = ANY($2)
     ), ${listedEntries}
     ${entrySelect} ORDER BY e.entry_id`,
    [shopId, statementIds, [], []], // nothing keeps what is stated
  );
}

/** Some entries by their numbers, in their order. */
export async function entriesByIds(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  entryIds: readonly bigint[],
  tasks: readonly RequiredTask[],
): Promise<EntryRow[]> {
  return tx.query<EntryRow>(
    `WITH listed AS MATERIALIZED (
       SELECT DISTINCT unnest($2::bigint[]) AS entry_id
     ), ${listedEntries}
     ${entrySelect} ORDER BY e.entry_id`,
    [shopId, entryIds, tasks.map(({ kind }) => kind), tasks.map(({ task }) => task)],
  );
}

export interface EntryContext {
  readonly timezone: string;
  readonly now: Date;
  /** How the entry of an order's line came about, where there is a line. */
  readonly how: EntryExplanation | null;
}

export function viewOfEntry(row: EntryRow, { timezone, now, how }: EntryContext): Entry {
  return {
    entryId: `en_${row.entry_id}`,
    orderId: row.order_id === '' ? null : row.order_id,
    itemId: row.item_id,
    kind: row.kind,
    level: row.level,
    payeeId: row.payee_id?.startsWith('#') === true ? row.leader_id : row.payee_id,
    amount: formatAmount(minor(row.amount_minor), row.currency),
    currency: row.currency,
    state: stateOf(row, now),
    maturesAt: formatInstant(row.matures_at, timezone),
    holds: row.holds,
    corrects: row.corrects === null ? null : `en_${row.corrects}`,
    statementId: row.statement_id,
    planVersion: row.plan_version,
    ...(row.settled_outside ? { settledOutside: true } : {}),
    how,
  };
}

function stateOf(row: EntryRow, now: Date): Entry['state'] {
  if (row.statement_id !== null) return row.paid ? 'paid' : 'stated';
  if (row.settled_outside) return 'paid';
  if (row.amount_minor === 0n) return 'cancelled';
  return row.matures_at <= now ? 'matured' : 'accrued';
}

/** A refund as far as derivations need it: what it took of which line, and when it was booked. */
export interface BookedRefund {
  readonly items: readonly RefundItem[];
  /** The journal batch that booked it; a statement of a later batch knew of it. */
  readonly batchId: bigint;
}

/** The derivation of every entry of an order, recomputed from the order, its refunds and its plans. */
export class OrderExplanations {
  /** `planOf`: by version; `bound`: the one that binds the order now. */
  constructor(
    private readonly order: OrderFact,
    private readonly planOf: ReadonlyMap<number, Plan>,
    private readonly bound: number | null,
    private readonly refunds: readonly BookedRefund[],
  ) {}

  /**
   * `statedBatch`: the batch of the entry's statement, whose amounts knew of earlier refunds only. Null for
   * what is no share of a line, and for what another version has taken the place of.
   */
  of(row: EntryRow, statedBatch: bigint | null): EntryExplanation | null {
    const item = this.order.items.find(({ itemId }) => itemId === row.item_id);
    const plan = row.plan_version === null ? undefined : this.planOf.get(row.plan_version);
    const isReplaced = statedBatch === null && row.plan_version !== this.bound;
    if (item === undefined || plan === undefined || isReplaced || row.cause !== 'order')
      return null;
    let base = item.amountMinor + item.subsidyMinor;
    for (const { items, batchId } of this.refunds) {
      if (statedBatch !== null && batchId > statedBatch) continue;
      for (const { itemId, amountMinor, subsidyMinor } of items) {
        if (itemId === row.item_id) base -= amountMinor + subsidyMinor;
      }
    }
    const paidMinor = minor(item.amountMinor + item.subsidyMinor);
    const line = explainLine(
      { baseMinor: minor(base), paidMinor, kind: item.kind },
      chainOf(this.order),
      plan,
    );
    switch (row.kind) {
      case 'platform-fee':
        return line.fee;
      case 'supplier':
        return line.supplier;
      case 'commission':
        return line.levels.find(({ level }) => level === row.level)?.how ?? null;
      case 'team-reward':
        return null;
      default: {
        const never: never = row.kind;
        return never;
      }
    }
  }
}
