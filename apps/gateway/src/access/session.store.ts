import type { Database, Tx } from '@qingfen/database';

/** A refresh token counts this long; each use gives a new one. */
const refreshTokenDays = 7;
/** Whoever refreshes for ever logs in again after this long. */
const sessionDays = 30;

/** Begins a log-in and keeps the hash of its first refresh token. */
export async function startSession(
  tx: Tx,
  session: { readonly sessionId: string; readonly username: string; readonly tokenHash: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO login_session (session_id, username, ends_at)
     VALUES ($1, $2, clock_timestamp() + make_interval(days => $3))`,
    [session.sessionId, session.username, sessionDays],
  );
  await keepToken(tx, session);
}

/** What became of a refresh token that was shown. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly sessionId: string; readonly username: string }
  /** Used before: it was stolen, or its thief was first. The whole log-in has ended. */
  | { readonly kind: 'reused'; readonly sessionId: string; readonly username: string }
  | { readonly kind: 'unknown' };

/**
 * Takes a refresh token once and keeps its successor's hash. Locks the log-in's row first, so that
 * of two who show the same token at once, one is second.
 */
export async function rotateToken(
  tx: Tx,
  token: { readonly shownHash: string; readonly nextHash: string },
): Promise<Rotation> {
  const [row] = await tx.query<{
    session_id: string;
    username: string;
    is_used: boolean;
    is_live: boolean;
  }>(
    `SELECT s.session_id, s.username, t.used_at IS NOT NULL AS is_used,
            s.ended_at IS NULL AND s.ends_at > clock_timestamp()
              AND t.expires_at > clock_timestamp() AND NOT p.is_disabled AS is_live
       FROM refresh_token t JOIN login_session s USING (session_id) JOIN person p USING (username)
      WHERE t.token_hash = $1 FOR UPDATE OF s, t`,
    [token.shownHash],
  );
  if (row === undefined || !row.is_live) return { kind: 'unknown' };
  const { session_id: sessionId, username } = row;
  if (row.is_used) {
    await endSession(tx, { sessionId, why: 'refresh token used twice' });
    return { kind: 'reused', sessionId, username };
  }
  await tx.query('UPDATE refresh_token SET used_at = clock_timestamp() WHERE token_hash = $1', [
    token.shownHash,
  ]);
  await keepToken(tx, { sessionId, tokenHash: token.nextHash });
  return { kind: 'rotated', sessionId, username };
}

/** From now on no token of this log-in counts. */
export async function endSession(
  tx: Tx,
  end: { readonly sessionId: string; readonly why: string },
): Promise<void> {
  await tx.query(
    `UPDATE login_session SET ended_at = clock_timestamp(), ended_why = $2
      WHERE session_id = $1 AND ended_at IS NULL`,
    [end.sessionId, end.why],
  );
}

/** Deletes log-ins that ended or ran out a month ago; the audit keeps that they were. */
export async function dropOldSessions(database: Database): Promise<void> {
  await database.query(
    `DELETE FROM login_session
      WHERE coalesce(ended_at, ends_at) < clock_timestamp() - interval '30 days'`,
  );
}

async function keepToken(
  tx: Tx,
  token: { readonly sessionId: string; readonly tokenHash: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO refresh_token (token_hash, session_id, expires_at)
     VALUES ($1, $2, clock_timestamp() + make_interval(days => $3))`,
    [token.tokenHash, token.sessionId, refreshTokenDays],
  );
}
