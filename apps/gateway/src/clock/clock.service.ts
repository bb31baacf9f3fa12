import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import { problem, type ClockBody, type ClockMoved, type ClockState } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { audit, ProblemError } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import { ClockMover } from './clock-mover.js';
import { beginMove, lockClock, readClock, type ClockRow } from './clock.store.js';

/** How long a move that another gateway carries may have ended before this one sees it. */
const pollMs = 200;

/** What admins ask of the clock. */
@Injectable()
export class ClockService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ClockMover) private readonly mover: ClockMover,
  ) {}

  /** The clock as it is remembered; under a system clock, the machine's. */
  async read(): Promise<ClockState> {
    const { mode } = this.clock;
    const row = mode === 'virtual' ? await readClock(this.database) : null;
    const now = row?.now ?? this.clock.now();
    return { mode, now: now.toISOString(), target: row?.target?.toISOString() ?? null };
  }

  /**
   * Begins a move and waits for its end, at most `waitSeconds` of real time.
   *
   * @throws ProblemError 409 `clock-not-virtual` and `clock-moving`, 422 `clock-backwards`
   */
  async move(
    body: ClockBody,
    caller: Caller,
  ): Promise<{ readonly status: 200 | 202; readonly body: ClockMoved }> {
    if (this.clock.mode !== 'virtual') throw notVirtual();
    const move = await this.begin(parseInstant(body.now), caller);
    this.mover.wake();
    const endsAtMs = performance.now() + body.waitSeconds * 1000;
    for (;;) {
      // Listened for before the row is read: a move that ends in between is not missed.
      const ended = this.mover.ended(Math.min(pollMs, endsAtMs - performance.now()));
      const row = await readClock(this.database);
      if (row !== null && (row.target === null || row.move !== move)) {
        return { status: 200, body: { now: row.now.toISOString(), target: null, idle: true } };
      }
      const isOver = performance.now() >= endsAtMs || this.mover.isStopping;
      if (isOver) return { status: 202, body: underWay(row) };
      await ended;
    }
  }

  private begin(target: Date, caller: Caller): Promise<bigint> {
    return this.database.transaction(async (tx) => {
      const row = await lockClock(tx);
      if (row === null) throw notVirtual();
      if (row.target !== null) throw moving(row.target);
      if (target.getTime() < row.now.getTime()) throw backwards(row.now);
      await audit(tx, {
        caller,
        action: 'clock.move',
        subject: { type: 'clock', id: 'virtual' },
        shopId: null,
        before: { now: row.now.toISOString() },
        after: { target: target.toISOString() },
        reason: null,
        at: row.now,
      });
      return beginMove(tx, target);
    });
  }
}

function underWay(row: ClockRow | null): ClockMoved {
  const now = row?.now.toISOString() ?? '';
  return { now, target: row?.target?.toISOString() ?? null, idle: false };
}

function notVirtual(): ProblemError {
  const detail = 'This system runs on real time: nobody moves its clock.';
  return new ProblemError(problem('clock-not-virtual', 409, 'The clock is real', detail));
}

function moving(target: Date): ProblemError {
  const detail = `The clock is on its way to ${target.toISOString()}.`;
  return new ProblemError(problem('clock-moving', 409, 'The clock is moving', detail), {
    'Retry-After': '1',
  });
}

function backwards(now: Date): ProblemError {
  const text = now.toISOString();
  const detail = `The clock stands at ${text} and does not go back.`;
  const errors = [
    {
      pointer: '/now',
      message: `is before the clock's now, ${text}`,
      messageZh: `早于当前时刻 ${text}`,
    },
  ];
  return new ProblemError(problem('clock-backwards', 422, 'Backwards', detail, errors));
}
