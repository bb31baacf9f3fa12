import type { Database, Tx } from '@qingfen/database';

type Reader = Pick<Tx, 'query'>;

/** A day of a shop. */
export interface DigestDay {
  readonly shopId: string;
  readonly day: string;
}

/** An edition of a day's digest in the hands of the one who writes it. */
export interface ClaimedDigest extends DigestDay {
  readonly edition: number;
  /** Whether an edition before it was written. */
  readonly hasMail: boolean;
  /** Counts this one. */
  readonly attempts: number;
}

/**
 * Makes days due, after `pauseMs` of real time, whose comparison came to something else than what was
 * known; each at most once in `days`. The same outcome told again changes nothing.
 */
export async function noteDigests(
  tx: Tx,
  days: readonly (DigestDay & { readonly outcome: string })[],
  { now, pauseMs }: { readonly now: Date; readonly pauseMs: number },
): Promise<void> {
  await tx.query(
    `INSERT INTO digest (shop_id, day, outcome, ready_at, next_try_at)
     SELECT shop_id, day, outcome, $4, clock_timestamp() + $5 * interval '1 millisecond'
       FROM unnest($1::text[], $2::date[], $3::text[]) AS d (shop_id, day, outcome) ORDER BY 1, 2
     ON CONFLICT (shop_id, day) DO UPDATE
       SET outcome = excluded.outcome, edition = digest.edition + 1, state = 'due', attempts = 0,
           ready_at = excluded.ready_at, next_try_at = excluded.next_try_at
       WHERE digest.outcome <> excluded.outcome`,
    [
      days.map(({ shopId }) => shopId),
      days.map(({ day }) => day),
      days.map(({ outcome }) => outcome),
      now,
      pauseMs,
    ],
  );
}

/**
 * Takes the digest that has been due longest on business and on real time, or whose writer has not come back
 * within `leaseMs`; by one taker. Counts the attempt before it is made.
 */
export async function claimDigest(
  database: Database,
  { now, leaseMs }: { readonly now: Date; readonly leaseMs: number },
): Promise<ClaimedDigest | null> {
  const rows = await database.query<ClaimedDigest>(
    `WITH due AS (
       SELECT shop_id, day FROM digest
        WHERE state = 'due' AND next_try_at <= clock_timestamp() AND ready_at <= $1
        ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     UPDATE digest d SET attempts = d.attempts + 1,
            next_try_at = clock_timestamp() + $2 * interval '1 millisecond'
       FROM due WHERE d.shop_id = due.shop_id AND d.day = due.day
     RETURNING d.shop_id AS "shopId", d.day, d.edition, d.has_mail AS "hasMail", d.attempts`,
    [now, leaseMs],
  );
  return rows[0] ?? null;
}

/** Lays a claimed digest aside until an instant of business time: its day has not ended. */
export async function awaitDayEnd(
  reader: Reader,
  claimed: ClaimedDigest,
  readyAt: Date,
): Promise<void> {
  await reader.query(
    `UPDATE digest SET ready_at = $5, attempts = 0, next_try_at = clock_timestamp() WHERE ${ours}`,
    [...oursOf(claimed), readyAt],
  );
}

/** Puts a claimed digest back, to be tried again after `pauseMs` of real time. */
export async function postponeDigest(
  reader: Reader,
  claimed: ClaimedDigest,
  pauseMs: number,
): Promise<void> {
  await reader.query(
    `UPDATE digest SET next_try_at = clock_timestamp() + $5 * interval '1 millisecond' WHERE ${ours}`,
    [...oursOf(claimed), pauseMs],
  );
}

/** Ends a claimed digest; false where another taker, or a newer edition, has taken its place. */
export async function endDigest(
  tx: Tx,
  claimed: ClaimedDigest,
  state: 'written' | 'quiet' | 'failed',
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE digest SET state = $5, has_mail = has_mail OR $5 = 'written' WHERE ${ours} RETURNING 1`,
    [...oursOf(claimed), state],
  );
  return rows.length > 0;
}

const ours = `shop_id = $1 AND day = $2 AND edition = $3 AND attempts = $4 AND state = 'due'`;

function oursOf({ shopId, day, edition, attempts }: ClaimedDigest): unknown[] {
  return [shopId, day, edition, attempts];
}
