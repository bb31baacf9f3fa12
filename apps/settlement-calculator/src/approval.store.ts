import { addDays } from '@qingfen/calendar';
import type { Kind } from '@qingfen/contracts';
import { canonicalJson } from '@qingfen/core-plan';
import type { Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import type { RolloutChange } from './rollout.service.js';
import { sha256Hex } from '@qingfen/security';

/** How long a second person has, in days of business time. */
const approvalDays = 7;

/** An amount by hand as it is approved: minor units as text, so that JSON keeps them exactly. */
export interface ManualAmount {
  readonly payeeId: string;
  readonly kind: Kind;
  readonly currency: string;
  readonly amountMinor: string;
  readonly reason: string;
  readonly orderId: string | null;
}

/** What is done when a second person has said yes. */
export type Wanted =
  | { readonly wants: 'adjustment'; readonly document: ManualAmount }
  | { readonly wants: 'recovery'; readonly document: ManualAmount }
  | {
      readonly wants: 'write-off';
      readonly document: { readonly recoveryId: string; readonly reason: string };
    }
  | {
      readonly wants: 'opening-balances';
      readonly document: { readonly items: readonly ManualAmount[] };
    }
  | {
      readonly wants: 'move';
      readonly document: { readonly taken: ManualAmount; readonly given: ManualAmount };
    }
  | { readonly wants: 'rollout'; readonly document: RolloutChange };

export type ApprovalRow = Wanted & {
  readonly shop_id: string;
  readonly approval_id: bigint;
  readonly subject_id: string;
  readonly summary: string;
  readonly hash: string;
  readonly makers: readonly string[];
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly state: 'open' | 'approved' | 'rejected';
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly reason: string | null;
};

const columns = `shop_id, approval_id, wants, subject_id, document, summary, hash, makers,
  requested_at, expires_at, state, decided_by, decided_at, reason`;

/** What the approver approves: the shop and everything that will be booked, to the letter. */
export function hashOf(shopId: string, { wants, document }: Wanted): string {
  return sha256Hex(canonicalJson([shopId, wants, document]));
}

/** Keeps what wants a second person; it is done when somebody else says yes before it expires. */
export async function askSecondPerson(
  unit: Unit,
  ask: {
    readonly shopId: string;
    readonly wanted: Wanted;
    readonly subjectId: string;
    readonly summary: string;
    readonly maker: string;
  },
): Promise<ApprovalRow> {
  const { shopId, wanted, subjectId, summary, maker } = ask;
  const [row] = await unit.tx.query<ApprovalRow>(
    `INSERT INTO approval (shop_id, wants, subject_id, document, summary, hash, makers,
                           requested_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${columns}`,
    [
      shopId,
      wanted.wants,
      subjectId,
      JSON.stringify(wanted.document),
      summary.slice(0, 4_000),
      hashOf(shopId, wanted),
      [maker],
      unit.now,
      addDays(unit.now, approvalDays),
    ],
  );
  if (row === undefined) throw new Error('an insert returned nothing');
  return row;
}

/** Whether the same thing waits for a second person already. */
export async function openApprovalOf(
  unit: Unit,
  key: {
    readonly shopId: string;
    readonly wants: Wanted['wants'];
    readonly subjectId: string;
  },
): Promise<bigint | null> {
  const [row] = await unit.tx.query<{ approval_id: bigint }>(
    `SELECT approval_id FROM approval
      WHERE shop_id = $1 AND wants = $2 AND subject_id = $3 AND state = 'open' AND expires_at > $4
      LIMIT 1`,
    [key.shopId, key.wants, key.subjectId, unit.now],
  );
  return row?.approval_id ?? null;
}

export async function lockApproval(
  tx: Tx,
  shopId: string,
  approvalId: bigint,
): Promise<ApprovalRow | undefined> {
  const [row] = await tx.query<ApprovalRow>(
    `SELECT ${columns} FROM approval WHERE shop_id = $1 AND approval_id = $2 FOR UPDATE`,
    [shopId, approvalId],
  );
  return row;
}

/** Writes a decision; PostgreSQL refuses a maker's yes and one that comes too late. */
export async function decideApproval(
  tx: Tx,
  row: ApprovalRow,
  decision: {
    readonly state: 'approved' | 'rejected';
    readonly by: string;
    readonly at: Date;
    readonly reason: string;
  },
): Promise<ApprovalRow> {
  const [decided] = await tx.query<ApprovalRow>(
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
  after: string,
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
