import type { Database } from '@qingfen/database';

/** One replica of a service. */
export interface Replica {
  readonly service: string;
  /** From 1. */
  readonly replica: number;
}

/** A replica as it was seen running. */
export interface SeenStart extends Replica {
  readonly startedAt: Date;
  readonly pid: number;
}

/** Names a replica in the answer of {@link countRestarts}. */
export function replicaKey({ service, replica }: Replica): string {
  return `${service} ${replica}`;
}

/** Notes the starts that were not seen before. */
export async function noteStarts(database: Database, starts: readonly SeenStart[]): Promise<void> {
  await database.query(
    `INSERT INTO service_start (service, replica, started_at, pid)
     SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::int[])
     ON CONFLICT DO NOTHING`,
    [
      starts.map(({ service }) => service),
      starts.map(({ replica }) => replica),
      starts.map(({ startedAt }) => startedAt),
      starts.map(({ pid }) => pid),
    ],
  );
}

/** How often each replica was seen to start after the first time, by {@link replicaKey}. */
export async function countRestarts(database: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query<Replica & { restarts: number }>(
    `SELECT service, replica, (count(*) - 1)::int AS restarts
       FROM service_start GROUP BY service, replica`,
  );
  return new Map(rows.map((row) => [replicaKey(row), row.restarts]));
}
