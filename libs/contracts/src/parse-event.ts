import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { type CloudEvent, eventSchema, type EventData, type EventOf } from './events.js';
import { type DeadLetterCode } from './headers.js';
import { fieldName, phraseOfIssue, shown, valueAt } from './phrase.js';
import { topicNames, type Topic } from './topics.js';

/** A value above this many bytes is dead-lettered without being looked into: 1 MiB. */
export const valueBytesMax = 1024 * 1024;

/** What the parser alone can find wrong. */
export type ParseFailureCode = Extract<
  DeadLetterCode,
  'not-json' | 'not-a-cloudevent' | 'wrong-type' | 'invalid-data' | 'too-large'
>;

/** A message that is no well-formed event: why, and the sentence that names the field. */
export interface ParseFailure {
  readonly ok: false;
  readonly code: ParseFailureCode;
  readonly reason: string;
}

/** The outcome of parsing one message of a topic. */
export type ParsedEvent<T extends Topic> =
  { readonly ok: true; readonly event: EventOf<T> } | ParseFailure;

type EventParser<T extends Topic> = (document: unknown) => z.ZodSafeParseResult<EventOf<T>>;

const parsers: { readonly [T in Topic]: EventParser<T> } = makeParsers();

function makeParsers(): { readonly [T in Topic]: EventParser<T> } {
  const made = topicNames.map((topic) => {
    const schema = eventSchema(topic);
    return [topic, (document: unknown) => schema.safeParse(document)];
  });
  return Object.fromEntries(made);
}

/**
 * Judges whether a message is a well-formed event of its topic, the same way in every service.
 * Unknown fields are dropped, missing and ill-typed ones refused; texts stay as they came.
 * Never throws. Whether the fact is acceptable (contradiction, refund above what was paid) is
 * for the fact's owner to say.
 */
export function parseEvent<T extends Topic>(topic: T, value: Buffer | null): ParsedEvent<T> {
  if (value === null) return failure('not-json', 'the message has no value');
  if (value.length > valueBytesMax) {
    const limit = `more than the ${valueBytesMax} that a value may have`;
    return failure('too-large', `the value has ${value.length} bytes, ${limit}`);
  }
  if (!isUtf8(value)) return failure('not-json', 'the value is not UTF-8');
  let document: unknown;
  try {
    document = JSON.parse(value.toString('utf8'));
  } catch (error) {
    return failure('not-json', `the value is not JSON: ${oneLine(error)}`);
  }
  const parsed = parsers[topic](document);
  if (parsed.success) return { ok: true, event: parsed.data };
  return explain(parsed.error.issues, document);
}

function failure(code: ParseFailureCode, reason: string): ParseFailure {
  return { ok: false, code, reason };
}

const parserCharsMax = 200;

// V8 quotes the document in its message, control characters included.
function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, parserCharsMax);
}

function explain(issues: readonly z.core.$ZodIssue[], document: unknown): ParseFailure {
  // The envelope is judged before the data, whichever field a schema happens to look at first.
  const envelopeIssue = issues.find((issue) => {
    return issue.path[0] !== 'data' || valueAt(document, ['data']) === undefined;
  });
  const issue = envelopeIssue ?? issues[0];
  if (issue === undefined) return failure('invalid-data', 'the event is not valid');
  const sentence = sentenceOf(issue, document);
  if (envelopeIssue === undefined) return failure('invalid-data', sentence);
  const type = valueAt(document, ['type']);
  const isWrongType = envelopeIssue.path[0] === 'type' && typeof type === 'string';
  return failure(isWrongType ? 'wrong-type' : 'not-a-cloudevent', sentence);
}

function sentenceOf(issue: z.core.$ZodIssue, document: unknown): string {
  const { en } = phraseOfIssue(issue);
  if (issue.path.length === 0) return `the value ${en}`;
  const field = fieldName(issue.path);
  const value = valueAt(document, issue.path);
  if (value === undefined) return `${field} is missing`;
  return `${field}: ${shown(value)} ${en}`;
}

/** Envelope of an event that we write ourselves. */
export interface EventEnvelope {
  /** Unique within the source; the same fact said again has the same id. */
  readonly id: string;
  /** Who says it, such as `/services/order`. */
  readonly source: string;
  /** Instant, ISO 8601 with an offset, from the clock of the business. */
  readonly time: string;
  /** What this was caused by; also the value of the header of that name. */
  readonly correlationId?: string | undefined;
}

/** An event of ours, ready for `JSON.stringify`; that data fits the contract, the types say. */
export function buildEvent<T extends Topic>(
  topic: T,
  data: EventData[T],
  envelope: EventEnvelope,
): CloudEvent<EventData[T], T> {
  return {
    specversion: '1.0',
    id: envelope.id,
    source: envelope.source,
    type: topic,
    time: envelope.time,
    ...(envelope.correlationId === undefined ? {} : { correlationid: envelope.correlationId }),
    datacontenttype: 'application/json',
    data,
  };
}
