import type { Database, Tx } from '@qingfen/database';
import { blockSecondsAfter, forgetAfterSeconds, type Pace } from './login-pace.js';

/** Whole seconds, at least 1, until none of the subjects is blocked; 0 when none is. Real time. */
export async function blockedSeconds(
  database: Database,
  subjects: readonly string[],
): Promise<number> {
  const [row] = await database.query<{ seconds: number }>(
    `SELECT ceil(extract(epoch FROM max(blocked_until) - clock_timestamp()))::int AS seconds
       FROM login_failure WHERE subject = ANY($1) AND blocked_until > clock_timestamp()`,
    [subjects],
  );
  const seconds = row?.seconds ?? 0;
  return seconds <= 0 ? 0 : seconds;
}

/** Counts one more failure and blocks the subject as its pace says. */
export async function countFailure(tx: Tx, subject: string, pace: Pace): Promise<void> {
  const [row] = await tx.query<{ failures: number }>(
    `INSERT INTO login_failure (subject, failures, last_at, blocked_until)
     VALUES ($1, 1, clock_timestamp(), clock_timestamp())
     ON CONFLICT (subject) DO UPDATE SET
       failures = CASE WHEN login_failure.last_at > clock_timestamp() - make_interval(secs => $2)
                       THEN login_failure.failures + 1 ELSE 1 END,
       last_at = clock_timestamp()
     RETURNING failures`,
    [subject, forgetAfterSeconds],
  );
  const seconds = blockSecondsAfter(row?.failures ?? 1, pace);
  if (seconds === 0) return;
  await tx.query(
    `UPDATE login_failure SET blocked_until = clock_timestamp() + make_interval(secs => $2)
      WHERE subject = $1`,
    [subject, seconds],
  );
}

/** A log-in that worked: the subjects start at zero again. */
export async function forgetFailures(tx: Tx, subjects: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM login_failure WHERE subject = ANY($1)', [subjects]);
}

/** Deletes what no longer counts. */
export async function dropOldFailures(database: Database): Promise<void> {
  await database.query(
    `DELETE FROM login_failure WHERE blocked_until < clock_timestamp()
        AND last_at < clock_timestamp() - make_interval(secs => $1)`,
    [forgetAfterSeconds],
  );
}
