import {
  findingKey,
  type ClosingState,
  type Comparison,
  type DifferenceClass,
  type DifferenceState,
  type Standing,
} from '@qingfen/core-reconciliation';
import { insertRows, type Tx } from '@qingfen/database';
import { sha256Hex } from '@qingfen/security';
import type { PricedFinding } from './comparison.service.js';

type Reader = Pick<Tx, 'query'>;

/** A difference as it stands. */
export interface DifferenceRow extends Standing {
  readonly differenceId: string;
  readonly day: string;
  readonly comparison: Comparison;
  readonly class: DifferenceClass;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly currency: string;
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly openedAt: Date;
  readonly closedBy: string | null;
  readonly approvedBy: string | null;
  readonly closedAt: Date | null;
  readonly reason: string | null;
}

const columns = `difference_id AS "differenceId", finding_key AS key, occurrence, day, comparison,
  class, subject_type AS "subjectType", subject_id AS "subjectId", currency,
  amount_minor AS "amountMinor", cash_minor AS "cashMinor", ours, theirs, state,
  opened_at AS "openedAt", closed_by AS "closedBy", approved_by AS "approvedBy",
  closed_at AS "closedAt", reason`;

/** What a thing's difference is called: the same thing's next one has another name. */
export function differenceIdOf(shopId: string, key: string, occurrence: number): string {
  return `df_${sha256Hex(`${shopId}|${key}|${occurrence}`).slice(0, 26)}`;
}

/** Closed, and of a payout that may still be told of differently. */
export const holdsCash = `(comparison = 'payouts' AND cash_minor <> 0)`;

/** What a comparison has to look at again, and what it is called. */
export interface OpenSubject {
  readonly key: string;
  readonly comparison: Comparison;
  readonly subjectId: string;
  /** In whose comparison it was last told. */
  readonly day: string;
}

/** What is open, by comparison, or holds cash: every comparison looks at it again. */
export function openSubjects(reader: Reader, shopId: string): Promise<OpenSubject[]> {
  return reader.query(
    `SELECT finding_key AS key, comparison, subject_id AS "subjectId", day FROM difference
      WHERE shop_id = $1 AND (state = 'open' OR ${holdsCash})`,
    [shopId],
  );
}

/** The newest difference of each of these things. */
export function standingFor(
  reader: Reader,
  shopId: string,
  keys: readonly string[],
): Promise<DifferenceRow[]> {
  return reader.query<DifferenceRow>(
    `SELECT DISTINCT ON (finding_key) ${columns} FROM difference
      WHERE shop_id = $1 AND finding_key = ANY ($2)
      ORDER BY finding_key, occurrence DESC`,
    [shopId, keys],
  );
}

/** A finding that becomes, or changes, a difference. */
export interface Placed {
  readonly finding: PricedFinding;
  readonly occurrence: number;
}

/** Opens new ones and writes anew what is told of open ones; every step is kept besides. */
export async function placeDifferences(
  tx: Tx,
  { shopId, day, at }: { readonly shopId: string; readonly day: string; readonly at: Date },
  placed: readonly Placed[],
): Promise<void> {
  const named = placed.map(({ finding, occurrence }) => {
    const key = findingKey(finding);
    return { finding, occurrence, key, id: differenceIdOf(shopId, key, occurrence) };
  });
  await insertRows(tx, {
    table: 'difference',
    columns: {
      shop_id: 'text',
      difference_id: 'text',
      finding_key: 'text',
      occurrence: 'integer',
      day: 'date',
      comparison: 'text',
      class: 'text',
      subject_type: 'text',
      subject_id: 'text',
      currency: 'text',
      amount_minor: 'bigint',
      cash_minor: 'bigint',
      ours: 'jsonb',
      theirs: 'jsonb',
      state: 'text',
      opened_at: 'timestamptz',
      is_booked: 'boolean',
    },
    rows: named.map(({ finding, occurrence, key, id }) => [
      shopId,
      id,
      key,
      occurrence,
      day,
      finding.comparison,
      finding.class,
      finding.subject.type,
      finding.subject.id,
      finding.currency,
      finding.amountMinor,
      finding.cashMinor,
      finding.ours && JSON.stringify(finding.ours),
      finding.theirs && JSON.stringify(finding.theirs),
      'open',
      at,
      finding.cashMinor === 0n,
    ]),
    onConflict: `(shop_id, difference_id) DO UPDATE SET day = excluded.day, class = excluded.class,
      amount_minor = excluded.amount_minor, cash_minor = excluded.cash_minor,
      ours = excluded.ours, theirs = excluded.theirs,
      is_booked = difference.is_booked AND excluded.cash_minor = difference.cash_minor`,
  });
  await noteSteps(
    tx,
    shopId,
    named.map(({ id }) => id),
    at,
  );
}

/** Open ones that are gone. */
export async function clearDifferences(
  tx: Tx,
  { shopId, day, at }: { readonly shopId: string; readonly day: string; readonly at: Date },
  differenceIds: readonly string[],
): Promise<void> {
  await tx.query(
    `UPDATE difference SET state = 'cleared', closed_at = $3, day = $4,
            cash_minor = 0, is_booked = cash_minor = 0
      WHERE shop_id = $1 AND difference_id = ANY ($2) AND state = 'open'`,
    [shopId, differenceIds, at, day],
  );
  await noteSteps(tx, shopId, differenceIds, at);
}

/** Closed ones for which there is no cash any more; what people have said of them stays. */
export async function releaseDifferences(
  tx: Tx,
  { shopId, day }: { readonly shopId: string; readonly day: string },
  differenceIds: readonly string[],
): Promise<void> {
  await tx.query(
    `UPDATE difference SET cash_minor = 0, is_booked = false, day = $3
      WHERE shop_id = $1 AND difference_id = ANY ($2)`,
    [shopId, differenceIds, day],
  );
}

/** Closes one for two people; its cash moves to another account of the ledger. */
export async function closeDifference(
  tx: Tx,
  shopId: string,
  closing: {
    readonly differenceId: string;
    readonly as: ClosingState;
    readonly by: string;
    readonly approvedBy: string;
    readonly reason: string;
    readonly at: Date;
  },
): Promise<boolean> {
  const { differenceId, as, by, approvedBy, reason, at } = closing;
  const rows = await tx.query(
    `UPDATE difference SET state = $3, closed_by = $4, approved_by = $5, reason = $6,
            closed_at = $7, is_booked = cash_minor = 0
      WHERE shop_id = $1 AND difference_id = $2 AND state = 'open' RETURNING 1`,
    [shopId, differenceId, as, by, approvedBy, reason, at],
  );
  await noteSteps(tx, shopId, [differenceId], at);
  return rows.length > 0;
}

async function noteSteps(tx: Tx, shopId: string, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `INSERT INTO difference_step (shop_id, difference_id, at, day, state, class, amount_minor, ours,
                                  theirs)
     SELECT shop_id, difference_id, $3, day, state, class, amount_minor, ours, theirs
       FROM difference WHERE shop_id = $1 AND difference_id = ANY ($2)`,
    [shopId, ids, at],
  );
}

/** One of a shop; null where there is none. */
export async function findDifference(
  reader: Reader,
  shopId: string,
  differenceId: string,
): Promise<DifferenceRow | null> {
  const rows = await reader.query<DifferenceRow>(
    `SELECT ${columns} FROM difference WHERE shop_id = $1 AND difference_id = $2`,
    [shopId, differenceId],
  );
  return rows[0] ?? null;
}

/** Those that a day told last, and those that are still open since before; most at stake first. */
export function differencesOf(
  reader: Reader,
  { shopId, day, limit }: { readonly shopId: string; readonly day: string; readonly limit: number },
): Promise<DifferenceRow[]> {
  return reader.query<DifferenceRow>(
    `SELECT ${columns} FROM difference WHERE shop_id = $1 AND day = $2
      ORDER BY abs(amount_minor) DESC, difference_id LIMIT $3`,
    [shopId, day, limit],
  );
}

/** How many differences a day has told that are not gone by themselves. */
export async function countDifferences(
  reader: Reader,
  shopId: string,
  day: string,
): Promise<number> {
  const [row] = await reader.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM difference
      WHERE shop_id = $1 AND day = $2 AND state <> 'cleared'`,
    [shopId, day],
  );
  return Number(row?.count ?? 0n);
}

export function listDifferences(
  reader: Reader,
  shopId: string,
  page: {
    readonly state: DifferenceState | null;
    readonly after: { readonly at: Date; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<DifferenceRow[]> {
  return reader.query<DifferenceRow>(
    `SELECT ${columns} FROM difference
      WHERE shop_id = $1 AND ($2::text IS NULL OR state = $2)
        AND ($3::timestamptz IS NULL OR (opened_at, difference_id) > ($3, $4))
      ORDER BY opened_at, difference_id LIMIT $5`,
    [shopId, page.state, page.after?.at ?? null, page.after?.id ?? null, page.limit],
  );
}

/** A difference whose cash the ledger has not heard of as it is now. */
export interface Unbooked {
  readonly differenceId: string;
  readonly state: DifferenceState;
  readonly cashMinor: bigint;
  readonly day: string;
}

export function unbookedDifferences(
  reader: Reader,
  shopId: string,
  limit: number,
): Promise<Unbooked[]> {
  return reader.query<Unbooked>(
    `SELECT difference_id AS "differenceId", state, cash_minor AS "cashMinor", day
       FROM difference WHERE shop_id = $1 AND NOT is_booked ORDER BY difference_id LIMIT $2`,
    [shopId, limit],
  );
}

/** The ledger has them, unless they have changed since they were read. */
export async function noteBooked(
  reader: Reader,
  shopId: string,
  booked: readonly Unbooked[],
): Promise<void> {
  await reader.query(
    `UPDATE difference d SET is_booked = true
       FROM unnest($2::text[], $3::text[], $4::bigint[]) AS b(id, state, cash_minor)
      WHERE d.shop_id = $1 AND d.difference_id = b.id AND d.state = b.state
        AND d.cash_minor = b.cash_minor`,
    [
      shopId,
      booked.map(({ differenceId }) => differenceId),
      booked.map(({ state }) => state),
      booked.map(({ cashMinor }) => cashMinor.toString()),
    ],
  );
}

/** Shops of which the ledger has something to hear. */
export async function shopsWithUnbooked(reader: Reader, limit: number): Promise<string[]> {
  const rows = await reader.query<{ shopId: string }>(
    `SELECT DISTINCT shop_id AS "shopId" FROM difference WHERE NOT is_booked LIMIT $1`,
    [limit],
  );
  return rows.map(({ shopId }) => shopId);
}
