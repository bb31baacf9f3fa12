import type { RunView } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';
import { notHeld, type Run } from './run.store.js';

export interface RunRow {
  readonly kind: Run['kind'];
  readonly currency: string;
  readonly period: string;
  readonly scheduled_at: Date;
  readonly cutoff: Date;
  readonly plan_version: number;
  readonly state: RunView['state'];
  readonly mode: RunView['rollout'];
  readonly statements: number;
  readonly stated_minor: bigint;
  readonly carried: number;
  readonly finished_at: Date | null;
}

/** A shop's runs by their scheduled instants, oldest first, behind the one that `after` names. */
export async function listRuns(
  tx: Pick<Tx, 'query'>,
  shopId: string,
  filter: {
    readonly kind?: Run['kind'] | undefined;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly after: readonly string[] | null;
    readonly limit: number;
  },
): Promise<RunRow[]> {
  return tx.query<RunRow>(
    `SELECT kind, currency, period, scheduled_at, cutoff, plan_version, statements, stated_minor,
            carried, finished_at, rollout ->> 'mode' AS mode,
            CASE WHEN state = 'done' AND rollout ->> 'mode' = 'off' THEN 'skipped'
                 WHEN state <> 'done' AND NOT ${notHeld} THEN 'held'
                 ELSE state END AS state
       FROM run
      WHERE shop_id = $1 AND ($2::text IS NULL OR kind = $2)
        AND ($3::timestamptz IS NULL OR scheduled_at >= $3)
        AND ($4::timestamptz IS NULL OR scheduled_at < $4)
        AND ($5::timestamptz IS NULL
             OR (scheduled_at, currency, kind, period) > ($5, $6, $7, $8))
      ORDER BY scheduled_at, currency, kind, period LIMIT $9`,
    [
      shopId,
      filter.kind ?? null,
      filter.from ?? null,
      filter.to ?? null,
      ...Array.from({ length: 4 }, (_, index) => filter.after?.[index] ?? null),
      filter.limit,
    ],
  );
}
