import { addDays } from '@qingfen/calendar';
import type { Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { approvalHash, type ApprovalRow, type Wanted } from './approval.js';

/** How long a second person has, in days of business time. */
const approvalDays = 7;

const columns = `shop_id, approval_id, wants, subject_id, document, summary, hash, makers,
  requested_at, expires_at, state, decided_by, decided_at, reason`;

/**
 * The table of a service that keeps approvals of these things. Who made it necessary cannot approve it,
 * whatever a program says: PostgreSQL refuses the row. Databases have it as it is written here: what changes,
 * changes by a further migration.
 */
export function approvalTable(wants: readonly string[]): readonly string[] {
  return [
    `CREATE TABLE approval (
       shop_id      text        NOT NULL,
       approval_id  bigint      GENERATED ALWAYS AS IDENTITY,
       wants        text        NOT NULL
         CHECK (wants IN (${wants.map((want) => `'${want}'`).join(', ')})),
       subject_id   text        NOT NULL,
       document     json        NOT NULL,
       summary      text        NOT NULL,
       hash         text        NOT NULL CHECK (length(hash) = 64),
       makers       text[]      NOT NULL CHECK (cardinality(makers) > 0),
       requested_at timestamptz NOT NULL,
       expires_at   timestamptz NOT NULL CHECK (expires_at > requested_at),
       state        text        NOT NULL DEFAULT 'open'
         CHECK (state IN ('open', 'approved', 'rejected')),
       decided_by   text,
       decided_at   timestamptz,
       reason       text,
       PRIMARY KEY (shop_id, approval_id),
       CHECK ((state = 'open') = (decided_by IS NULL)),
       CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
       CHECK (state <> 'approved' OR NOT decided_by = ANY (makers)),
       CHECK (state <> 'approved' OR decided_at < expires_at)
     )`,
    `CREATE INDEX approval_open ON approval (expires_at) WHERE state = 'open'`,
  ];
}

/** What is asked for, by whom, in words. */
export interface Ask<W extends Wanted> {
  readonly shopId: string;
  readonly wanted: W;
  readonly subjectId: string;
  readonly summary: string;
  readonly maker: string;
}

/** Keeps what wants a second person; it is done when somebody else says yes before it expires. */
export async function askSecondPerson<W extends Wanted>(
  unit: Unit,
  { shopId, wanted, subjectId, summary, maker }: Ask<W>,
): Promise<ApprovalRow<W>> {
  const [row] = await unit.tx.query<ApprovalRow<W>>(
    `INSERT INTO approval (shop_id, wants, subject_id, document, summary, hash, makers,
                           requested_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${columns}`,
    [
      shopId,
      wanted.wants,
      subjectId,
      JSON.stringify(wanted.document),
      summary.slice(0, 4_000),
      approvalHash(shopId, wanted),
      [maker],
      unit.now,
      addDays(unit.now, approvalDays),
    ],
  );
  if (row === undefined) throw new Error('an insert returned nothing');
  return row;
}

/** The same thing where it waits for a second person already; the oldest. */
export async function openApprovalOf<W extends Wanted>(
  unit: Unit,
  key: {
    readonly shopId: string;
    readonly wants: W['wants'];
    readonly subjectId: string;
  },
): Promise<ApprovalRow<W> | undefined> {
  const [row] = await unit.tx.query<ApprovalRow<W>>(
    `SELECT ${columns} FROM approval
      WHERE shop_id = $1 AND wants = $2 AND subject_id = $3 AND state = 'open' AND expires_at > $4
      ORDER BY approval_id LIMIT 1`,
    [key.shopId, key.wants, key.subjectId, unit.now],
  );
  return row;
}

/** An approval, this transaction's own until it ends. */
export async function lockApproval<W extends Wanted>(
  tx: Tx,
  shopId: string,
  approvalId: bigint,
): Promise<ApprovalRow<W> | undefined> {
  const [row] = await tx.query<ApprovalRow<W>>(
    `SELECT ${columns} FROM approval WHERE shop_id = $1 AND approval_id = $2 FOR UPDATE`,
    [shopId, approvalId],
  );
  return row;
}

/** Writes a decision; PostgreSQL refuses a maker's yes and one that comes too late. */
export async function decideApproval<W extends Wanted>(
  tx: Tx,
  row: ApprovalRow<W>,
  decision: {
    readonly state: 'approved' | 'rejected';
    readonly by: string;
    readonly at: Date;
    readonly reason: string;
  },
): Promise<ApprovalRow<W>> {
  const [decided] = await tx.query<ApprovalRow<W>>(
    `UPDATE approval SET state = $3, decided_by = $4, decided_at = $5, reason = $6
      WHERE shop_id = $1 AND approval_id = $2 AND state = 'open' RETURNING ${columns}`,
    [row.shop_id, row.approval_id, decision.state, decision.by, decision.at, decision.reason],
  );
  if (decided === undefined) throw new Error('an approval was decided under its own lock');
  return decided;
}

/** A shop's approvals, oldest first, behind the one with this number. */
export async function listApprovals(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  after: bigint,
  limit: number,
): Promise<ApprovalRow[]> {
  return tx.query<ApprovalRow>(
    `SELECT ${columns} FROM approval WHERE shop_id = $1 AND approval_id > $2
      ORDER BY approval_id LIMIT $3`,
    [shopId, after, limit],
  );
}

/** When the next open approval expires: an instant at which a moving clock stops. */
export async function nextExpiry(tx: Pick<Tx, 'query'>, now: Date): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(
    `SELECT min(expires_at) AS at FROM approval WHERE state = 'open' AND expires_at > $1`,
    [now],
  );
  return row?.at ?? null;
}
