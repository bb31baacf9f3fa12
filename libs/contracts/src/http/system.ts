import { z } from 'zod';
import { flag, instant, oneOf, record, strictRecord, text, whole } from '../fields.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);

/** Answer of `GET /system/status`. */
export const systemStatus = record({
  /** Nothing is under way that anyone waits for; see contracts.md 3. */
  idle: flag,
  now: instant,
  clock: record({ mode: oneOf(['system', 'virtual']), target: instant.nullable() }),
  consumers: z.array(record({ group: text(200), topic: text(200), lag: count })),
  outboxPending: count,
  runsDue: count,
  payouts: record({
    requested: count,
    waiting: z.record(z.string(), count),
    review: count,
    blocked: count,
    sending: count,
    unknown: count,
  }),
  deadLetters: z.record(z.string(), count),
  /** What is missing to `idle`, in words. */
  holdingUp: z.array(text(1000)),
  services: z.array(
    record({
      name: text(100),
      url: text(1000),
      pid: count.nullable(),
      ready: flag,
      startedAt: instant.nullable(),
      restarts: count,
    }),
  ),
});
/** Answer of `GET /system/status`. */
export type SystemStatus = z.output<typeof systemStatus>;

/** The business clock; `target` is where a move goes, null while it stands. */
export const clockState = record({
  mode: oneOf(['system', 'virtual']),
  now: instant,
  target: instant.nullable(),
});
/** The business clock. */
export type ClockState = z.output<typeof clockState>;

/** Body of `PUT /system/clock`. */
export const clockBody = strictRecord({
  now: instant,
  /** Real seconds to wait for the move's end before 202 is answered. */
  waitSeconds: whole(0, 300).default(30),
});
/** Body of `PUT /system/clock`. */
export type ClockBody = z.output<typeof clockBody>;

/** Answer of `PUT /system/clock`: 200 when the move is done, 202 while it goes on. */
export const clockMoved = record({ now: instant, target: instant.nullable(), idle: flag });
/** Answer of `PUT /system/clock`. */
export type ClockMoved = z.output<typeof clockMoved>;
