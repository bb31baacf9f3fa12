import type { Kind } from '@qingfen/contracts';
import type { PayVia } from '@qingfen/core-plan';
import type { Tx } from '@qingfen/database';

/** A statement with its run, its sums and its payouts. */
export interface StatementFact {
  readonly statement_id: string;
  readonly statement_no: bigint;
  readonly payee_id: string;
  readonly kind: Kind;
  readonly currency: string;
  readonly period: string;
  readonly cutoff: Date;
  readonly issued_at: Date;
  readonly net_minor: bigint;
  readonly withheld_minor: bigint;
  readonly withholding: string | null;
  readonly entry_count: number;
  readonly correlation_id: string;
  readonly batch_id: bigint;
  readonly min_payout_minor: bigint | null;
  readonly transfer_max_minor: bigint | null;
  readonly pay_via: PayVia;
  readonly scheduled_at: Date;
  readonly plan_version: number;
  readonly finished_at: Date | null;
  readonly owed_minor: bigint;
  readonly taken_minor: bigint;
  readonly entries: bigint;
  /** Part 1 first; amounts as text, for JSON has no whole numbers that large. */
  readonly payouts: readonly {
    readonly part: number;
    readonly parts: number;
    readonly payout_id: string;
    readonly amount: string;
    readonly withheld: string;
  }[];
}

const statementSelect = `
SELECT s.statement_id, s.statement_no, s.payee_id, s.kind, s.currency, s.period, s.cutoff,
       s.issued_at, s.net_minor, s.withheld_minor, s.withholding, s.entry_count, s.correlation_id, s.batch_id, s.min_payout_minor,
       s.transfer_max_minor, s.pay_via, r.scheduled_at, r.plan_version, r.finished_at,
       e.owed_minor, e.taken_minor, e.entries,
       coalesce((SELECT json_agg(json_build_object('part', p.part, 'parts', p.parts,
                          'payout_id', p.payout_id, 'amount', p.amount_minor::text,
                          'withheld', p.withheld_minor::text) ORDER BY p.part)
                   FROM payout p
                  WHERE p.shop_id = s.shop_id AND p.statement_id = s.statement_id), '[]') AS payouts
  FROM statement s
  JOIN run r ON r.shop_id = s.shop_id AND r.currency = s.currency AND r.kind = s.kind
            AND r.period = s.period
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(l.amount_minor) FILTER (WHERE l.amount_minor > 0), 0)::bigint AS owed_minor,
          coalesce(sum(l.amount_minor) FILTER (WHERE l.amount_minor < 0), 0)::bigint AS taken_minor,
          count(*) AS entries
     FROM statement_entry l
    WHERE l.shop_id = s.shop_id AND l.statement_no = s.statement_no) e
 WHERE s.shop_id = $1`;

export async function statementFact(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  statementId: string,
): Promise<StatementFact | undefined> {
  const [row] = await tx.query<StatementFact>(`${statementSelect} AND s.statement_id = $2`, [
    shopId,
    statementId,
  ]);
  return row;
}

/** What is kept of the tax of a statement. */
export async function statementTax(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  statementId: string | null,
): Promise<Pick<StatementFact, 'net_minor' | 'withheld_minor' | 'withholding'> | undefined> {
  const [row] = await tx.query<StatementFact>(
    `SELECT net_minor, withheld_minor, withholding FROM statement
      WHERE shop_id = $1 AND statement_id = $2`,
    [shopId, statementId],
  );
  return row;
}

/** A shop's statements behind one, in their order. */
export function statementFactsAfter(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  { after, limit }: { readonly after: bigint; readonly limit: number },
): Promise<StatementFact[]> {
  return tx.query<StatementFact>(
    `${statementSelect} AND s.statement_no > $2 ORDER BY s.statement_no LIMIT $3`,
    [shopId, after, limit],
  );
}

/** A statement's entries behind one, in their order. */
export async function entryIdsOfStatement(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  page: { readonly statementNo: bigint; readonly after: bigint; readonly limit: number },
): Promise<bigint[]> {
  const rows = await tx.query<{ entry_id: bigint }>(
    `SELECT l.entry_id
       FROM statement_page p CROSS JOIN LATERAL unnest(p.entry_ids) AS l(entry_id)
      WHERE p.shop_id = $1 AND p.statement_no = $2 AND p.last_entry_id > $3 AND l.entry_id > $3
      ORDER BY l.entry_id LIMIT $4`,
    [shopId, page.statementNo, page.after, page.limit],
  );
  return rows.map((row) => row.entry_id);
}

/** A payout as the ledger has it. */
export interface LedgerPayout {
  readonly payout_id: string;
  readonly statement_id: string;
  readonly part: number;
  readonly parts: number;
  readonly payee_id: string;
  readonly kind: Kind;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly withheld_minor: bigint;
  readonly requested_at: Date;
  readonly status: string | null;
  readonly ended_at: Date | null;
  readonly give_back_id: bigint | null;
}

export async function ledgerPayout(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  payoutId: string,
): Promise<LedgerPayout | undefined> {
  const [row] = await tx.query<LedgerPayout>(
    `SELECT p.payout_id, p.statement_id, p.part, p.parts, p.payee_id, p.kind, p.currency,
            p.amount_minor, p.withheld_minor, p.requested_at, p.status, p.ended_at,
            (SELECT n.block * 16384 FROM single_entry n
              WHERE n.shop_id = p.shop_id AND n.cause = 'give-back'
                AND n.cause_id = p.payout_id) AS give_back_id
       FROM payout p WHERE p.shop_id = $1 AND p.payout_id = $2`,
    [shopId, payoutId],
  );
  return row;
}
