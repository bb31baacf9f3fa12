import type { Database, Tx } from '@qingfen/database';
import type { Move, Step } from './clock-move.js';

/** The virtual clock as it is remembered. */
export interface ClockRow {
  readonly now: Date;
  /** Null while it stands. */
  readonly target: Date | null;
  readonly step: Step | null;
  /** Counts moves, so that whoever waits for one knows that it is over. */
  readonly move: bigint;
}

const columns = 'now, target, step, move';

/** A mover that has not been heard of for this long has died. */
const leaseSeconds = 3;

/** Null before the first start on a virtual clock. */
export async function readClock(database: Database): Promise<ClockRow | null> {
  const [row] = await database.query<ClockRow>(`SELECT ${columns} FROM virtual_clock`);
  return row ?? null;
}

/** Remembers a first instant, or a later one; an earlier one changes nothing. */
export async function startClockAt(database: Database, now: Date): Promise<void> {
  await database.query(
    `INSERT INTO virtual_clock (now) VALUES ($1)
     ON CONFLICT (is_only) DO UPDATE
       SET now = excluded.now,
           -- greatest() would take the instant for a target where there is none
           target = CASE WHEN virtual_clock.target IS NULL THEN NULL
                         ELSE greatest(virtual_clock.target, excluded.now) END,
           step = CASE WHEN virtual_clock.target IS NULL THEN NULL ELSE 'taking' END
     WHERE virtual_clock.now < excluded.now`,
    [now],
  );
}

/** The row, locked until the transaction ends. */
export async function lockClock(tx: Tx): Promise<ClockRow | null> {
  const [row] = await tx.query<ClockRow>(`SELECT ${columns} FROM virtual_clock FOR UPDATE`);
  return row ?? null;
}

/** Begins a move; only on the locked row of a clock that stands. Returns the move's number. */
export async function beginMove(tx: Tx, target: Date): Promise<bigint> {
  const [row] = await tx.query<{ move: bigint }>(
    `UPDATE virtual_clock SET target = $1, step = 'waiting', move = move + 1,
            mover = NULL, mover_until = NULL
      WHERE target IS NULL RETURNING move`,
    [target],
  );
  if (row === undefined) throw new Error('a move was begun on a clock that is moving');
  return row.move;
}

/** The move under way, if nobody else is at it. Of several movers one gets it. */
export async function takeMove(database: Database, mover: string): Promise<Move | null> {
  const [row] = await database.query<Move>(
    `UPDATE virtual_clock
        SET mover = $1, mover_until = clock_timestamp() + make_interval(secs => $2)
      WHERE is_only = (SELECT is_only FROM virtual_clock
                        WHERE target IS NOT NULL
                          AND (mover = $1 OR mover_until IS NULL OR mover_until < clock_timestamp())
                        FOR UPDATE SKIP LOCKED)
     RETURNING now, target, step`,
    [mover, leaseSeconds],
  );
  return row ?? null;
}

/** Says that the mover lives; false when another one has taken over. */
export async function keepMove(database: Database, mover: string): Promise<boolean> {
  const rows = await database.query(
    `UPDATE virtual_clock SET mover_until = clock_timestamp() + make_interval(secs => $2)
      WHERE mover = $1 AND target IS NOT NULL RETURNING 1`,
    [mover, leaseSeconds],
  );
  return rows.length > 0;
}

/** Writes down the next step before anybody is told; false when another mover has taken over. */
export async function saveStep(database: Database, mover: string, move: Move): Promise<boolean> {
  const rows = await database.query(
    `UPDATE virtual_clock SET now = $2, step = $3,
            mover_until = clock_timestamp() + make_interval(secs => $4)
      WHERE mover = $1 AND target = $5 AND now <= $2 RETURNING 1`,
    [mover, move.now, move.step, leaseSeconds, move.target],
  );
  return rows.length > 0;
}

/** The move has arrived: the clock stands. */
export async function endMove(database: Database, mover: string): Promise<boolean> {
  const rows = await database.query(
    `UPDATE virtual_clock SET target = NULL, step = NULL, mover = NULL, mover_until = NULL
      WHERE mover = $1 AND now = target RETURNING 1`,
    [mover],
  );
  return rows.length > 0;
}

/** A mover that stops in order lets another one go on at once. */
export async function releaseMove(database: Database, mover: string): Promise<void> {
  await database.query(
    'UPDATE virtual_clock SET mover = NULL, mover_until = NULL WHERE mover = $1',
    [mover],
  );
}
