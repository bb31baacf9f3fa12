import type { Tx } from '@qingfen/database';

/** Alipay's calls that have a rate of their own. */
export type RatedApi = 'transfer' | 'query';

/** How many calls are wanted of an application, and how fast they may follow each other. */
export interface RateWish {
  readonly appId: string;
  readonly api: RatedApi;
  readonly wanted: number;
  /** Real milliseconds from one call to the next. */
  readonly gapMs: number;
  /** No call is promised later than so many milliseconds from now. */
  readonly horizonMs: number;
}

/**
 * Takes turns to call Alipay, one gap apart from each other and from what any replica has taken before:
 * real milliseconds from now to each call. Its row stays locked until the transaction ends, so that what
 * is not used can be {@link giveBack given back}.
 */
export async function takeTurns(tx: Tx, wish: RateWish): Promise<number[]> {
  const { appId, api, wanted, gapMs, horizonMs } = wish;
  await tx.query(
    `INSERT INTO call_rate (app_id, api, ready_at) VALUES ($1, $2, clock_timestamp())
     ON CONFLICT DO NOTHING`,
    [appId, api],
  );
  const [row] = await tx.query<{ waitMs: number }>(
    `SELECT greatest(0, extract(epoch FROM ready_at - clock_timestamp()) * 1000)::float8 AS "waitMs"
       FROM call_rate WHERE app_id = $1 AND api = $2 FOR UPDATE`,
    [appId, api],
  );
  const waitMs = row?.waitMs ?? 0;
  const fitting = Math.floor((horizonMs - waitMs) / gapMs) + 1;
  const taken = Math.max(0, Math.min(wanted, fitting));
  await tx.query(
    `UPDATE call_rate
        SET ready_at = greatest(ready_at, clock_timestamp()) + $3::float8 * interval '1 millisecond'
      WHERE app_id = $1 AND api = $2`,
    [appId, api, taken * gapMs],
  );
  return Array.from({ length: taken }, (_, turn) => waitMs + turn * gapMs);
}

/** Gives back the last turns of those that this transaction has taken. */
export async function giveBack(
  tx: Tx,
  wish: Pick<RateWish, 'appId' | 'api' | 'gapMs'>,
  unused: number,
): Promise<void> {
  if (unused === 0) return;
  await tx.query(
    `UPDATE call_rate SET ready_at = ready_at - $3::float8 * interval '1 millisecond'
      WHERE app_id = $1 AND api = $2`,
    [wish.appId, wish.api, unused * wish.gapMs],
  );
}
