import type { Database, Tx } from '@qingfen/database';

/** Which write a key belongs to: nobody meets another one's key. */
export interface WriteId {
  readonly username: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
}

/** What a write was answered. */
export interface Answer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** How a write that carries a key stands. */
export type Hold =
  | { readonly kind: 'ours' }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'other-body' }
  /** Somebody is at it this moment. */
  | { readonly kind: 'busy' };

/** A holder that has not answered for this long has died; far above any call's time-out. */
const holdSeconds = 60;
const keptDays = 7;

/** Takes the key, or tells what became of it. The rows decide, so replicas may race. */
export function holdKey(
  database: Database,
  write: WriteId,
  claim: { readonly holder: string; readonly bodyHash: string },
): Promise<Hold> {
  return database.transaction((tx) => hold(tx, write, claim));
}

async function hold(
  tx: Tx,
  write: WriteId,
  claim: { readonly holder: string; readonly bodyHash: string },
): Promise<Hold> {
  const id = [write.username, write.method, write.path, write.key];
  const taken = await tx.query(
    `INSERT INTO kept_answer (username, method, path, key, body_hash, holder, held_until)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))
     ON CONFLICT (username, method, path, key) DO UPDATE
        SET holder = excluded.holder, held_until = excluded.held_until
      WHERE kept_answer.status IS NULL AND kept_answer.held_until < clock_timestamp()
        AND kept_answer.body_hash = excluded.body_hash
     RETURNING key`,
    [...id, claim.bodyHash, claim.holder, holdSeconds],
  );
  if (taken.length > 0) return { kind: 'ours' };
  const [row] = await tx.query<{
    body_hash: string;
    status: number | null;
    answer: string | null;
  }>(
    `SELECT body_hash, status, answer FROM kept_answer
      WHERE username = $1 AND method = $2 AND path = $3 AND key = $4`,
    id,
  );
  if (row === undefined) return { kind: 'busy' };
  if (row.body_hash !== claim.bodyHash) return { kind: 'other-body' };
  if (row.status === null || row.answer === null) return { kind: 'busy' };
  return { kind: 'answered', answer: { status: row.status, body: row.answer } };
}

/** Keeps the first answer; false when another holder has taken over meanwhile. */
export async function keepAnswer(
  database: Database,
  write: WriteId,
  kept: { readonly holder: string; readonly answer: Answer },
): Promise<boolean> {
  const rows = await database.query(
    `UPDATE kept_answer SET status = $6, answer = $7
      WHERE username = $1 AND method = $2 AND path = $3 AND key = $4 AND holder = $5
        AND status IS NULL RETURNING key`,
    [
      write.username,
      write.method,
      write.path,
      write.key,
      kept.holder,
      kept.answer.status,
      kept.answer.body,
    ],
  );
  return rows.length > 0;
}

/** Gives the key back: nothing was answered that should be answered again. */
export async function releaseKey(
  database: Database,
  write: WriteId,
  holder: string,
): Promise<void> {
  await database.query(
    `DELETE FROM kept_answer WHERE username = $1 AND method = $2 AND path = $3 AND key = $4
        AND holder = $5 AND status IS NULL`,
    [write.username, write.method, write.path, write.key, holder],
  );
}

/** Deletes answers that nobody may ask for any more. */
export async function dropOldAnswers(database: Database): Promise<void> {
  await database.query(
    `DELETE FROM kept_answer WHERE created_at < clock_timestamp() - make_interval(days => $1)`,
    [keptDays],
  );
}
