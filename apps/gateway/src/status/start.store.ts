import type { Database } from '@qingfen/database';

/** A service as it was seen running. */
export interface SeenStart {
  readonly service: string;
  readonly startedAt: Date;
  readonly pid: number;
}

/** Notes the starts that were not seen before. */
export async function noteStarts(database: Database, starts: readonly SeenStart[]): Promise<void> {
  await database.query(
    `INSERT INTO service_start (service, started_at, pid)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::int[]) ON CONFLICT DO NOTHING`,
    [starts.map((s) => s.service), starts.map((s) => s.startedAt), starts.map((s) => s.pid)],
  );
}

/** How often each service was seen to start after the first time. */
export async function countRestarts(database: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query<{ service: string; restarts: number }>(
    `SELECT service, (count(*) - 1)::int AS restarts FROM service_start GROUP BY service`,
  );
  return new Map(rows.map(({ service, restarts }) => [service, restarts]));
}
