import { z } from 'zod';
import { flag, instant, list, record, strictRecord, text, whole } from '../fields.js';
import { deadLetterCodes } from '../headers.js';
import { phrase } from '../phrase.js';
import { topicNames } from '../topics.js';
import { pageFields } from './paging.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const topic = z.enum(topicNames, { error: phrase('is not a topic', '不是有效的主题') });
const notAnOffset = phrase('is not an offset', '不是位移');
const offset = z.string({ error: notAnOffset }).regex(/^(0|[1-9][0-9]{0,17})$/, {
  error: notAnOffset,
});

/** A message that could not be processed, as it stands on `<topic>.dlq`. */
export const deadLetter = record({
  /** The original topic. */
  topic,
  /** Where the dead letter stands; its partition is 0. */
  offset,
  /** Null, like the other originals, of a letter that none of our services has written. */
  originalPartition: count.nullable(),
  originalOffset: offset.nullable(),
  key: z.string().nullable(),
  /**
   * The original value as text, of a long one the beginning; bytes that are not UTF-8 show as U+FFFD,
   * payees' accounts as asterisks. Null where there was none, or it was too large to be kept.
   */
  value: z.string().nullable(),
  /** How long the value is, in bytes. */
  valueBytes: count,
  error: z.enum([...deadLetterCodes, 'unknown']),
  reason: text(4000, 0),
  failedAt: instant.nullable(),
});
/** A message that could not be processed. */
export type DeadLetter = z.output<typeof deadLetter>;

/** Query of `GET /dead-letters`: one topic's, or all of them, topic by topic. */
export const deadLetterQuery = strictRecord({ topic: topic.optional(), ...pageFields });
/** Query of `GET /dead-letters`. */
export type DeadLetterQuery = z.output<typeof deadLetterQuery>;

/** Body of `POST /dead-letters/replay`: some offsets of the dead letter topic, or all from one on. */
export const deadLetterReplayBody = strictRecord({
  topic,
  offsets: list(offset, 1000, 1).optional(),
  all: flag.optional(),
  /** With `all`: begins there; with the first one where it is absent. */
  from: offset.optional(),
  reason: text(1000).optional(),
})
  .refine((body) => (body.offsets === undefined) === (body.all === true), {
    error: phrase('needs either offsets or all: true', '需要 offsets 或 all: true 之一'),
  })
  .refine((body) => body.from === undefined || body.all === true, {
    error: phrase('has from without all: true', 'from 仅可与 all: true 同用'),
  });
/** Body of `POST /dead-letters/replay`. */
export type DeadLetterReplayBody = z.output<typeof deadLetterReplayBody>;

/** Answer of `POST /dead-letters/replay`. */
export const deadLetterReplay = record({
  topic,
  replayed: count,
  /** Letters whose values were too large to be kept: they stand only where they came from. */
  left: count,
  /** Where the next call goes on; null when nothing is left to do. */
  nextOffset: offset.nullable(),
});
/** Answer of `POST /dead-letters/replay`. */
export type DeadLetterReplay = z.output<typeof deadLetterReplay>;
