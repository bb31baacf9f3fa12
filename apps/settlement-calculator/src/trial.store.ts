import { insertRows, type Tx } from '@qingfen/database';
import type { Run } from './run.store.js';
import type { PayeeNet } from './state-payees.store.js';

/** What a run would have stated to a payee that is not inside the rollout. */
export interface TrialPayee extends PayeeNet {
  readonly rolloutNumber: number;
}

/** Keeps trial statements: they state, post, request and tell nothing. */
export async function insertTrials(tx: Tx, run: Run, payees: readonly TrialPayee[]): Promise<void> {
  await insertRows(tx, {
    table: 'trial_statement',
    columns: {
      shop_id: 'text',
      currency: 'text',
      kind: 'text',
      period: 'text',
      payee_id: 'text',
      net_minor: 'bigint',
      period_minor: 'bigint',
      entry_count: 'integer',
      rollout_number: 'smallint',
      scheduled_at: 'timestamptz',
    },
    rows: payees.map((payee) => [
      run.shop_id,
      run.currency,
      run.kind,
      run.period,
      payee.payee_id,
      payee.net_minor,
      payee.period_minor,
      payee.entry_count,
      payee.rolloutNumber,
      run.scheduled_at,
    ]),
  });
}

export interface TrialRow {
  readonly payee_id: string;
  readonly kind: Run['kind'];
  readonly currency: string;
  readonly period: string;
  readonly scheduled_at: Date;
  readonly net_minor: bigint;
  readonly period_minor: bigint;
  readonly entry_count: number;
  readonly rollout_number: number;
}

/** A shop's trial statements, oldest run first, behind the one that `after` names. */
export async function listTrials(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  filter: {
    readonly payeeId?: string | undefined;
    readonly kind?: Run['kind'] | undefined;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly after: readonly string[] | null;
    readonly limit: number;
  },
): Promise<TrialRow[]> {
  return tx.query<TrialRow>(
    `SELECT payee_id, kind, currency, period, scheduled_at, net_minor, period_minor, entry_count,
            rollout_number
       FROM trial_statement
      WHERE shop_id = $1
        AND ($2::text IS NULL OR payee_id = $2) AND ($3::text IS NULL OR kind = $3)
        AND ($4::timestamptz IS NULL OR scheduled_at >= $4)
        AND ($5::timestamptz IS NULL OR scheduled_at < $5)
        AND ($6::timestamptz IS NULL
             OR (scheduled_at, currency, kind, period, payee_id) > ($6, $7, $8, $9, $10))
      ORDER BY scheduled_at, currency, kind, period, payee_id LIMIT $11`,
    [
      shopId,
      filter.payeeId ?? null,
      filter.kind ?? null,
      filter.from ?? null,
      filter.to ?? null,
      ...Array.from({ length: 5 }, (_, index) => filter.after?.[index] ?? null),
      filter.limit,
    ],
  );
}
