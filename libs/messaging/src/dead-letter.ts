import { deadLetterHeaderNames, headerNames, type Topic } from '@qingfen/contracts';
import type { IHeaders } from 'kafkajs';

/** A message of a dead letter topic. */
export interface DeadLetter {
  /** The topic it came from. */
  readonly topic: Topic;
  /** Where it stands on the dead letter topic. */
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  /** Null where the original had none, or was too large for any topic. */
  readonly value: Buffer | null;
  /** All headers, the original message's own included. */
  readonly headers: IHeaders;
}

/** Why and where from, read off the headers; null where one is missing. */
export interface DeadLetterOrigin {
  readonly error: string | null;
  readonly reason: string | null;
  readonly topic: string | null;
  readonly partition: string | null;
  readonly offset: string | null;
  readonly failedAt: string | null;
}

/** What the headers of a dead letter say of it. */
export function originOf(letter: DeadLetter): DeadLetterOrigin {
  const read = (name: string): string | null => headerText(letter.headers, name);
  return {
    error: read(headerNames.error),
    reason: read(headerNames.reason),
    topic: read(headerNames.originalTopic),
    partition: read(headerNames.originalPartition),
    offset: read(headerNames.originalOffset),
    failedAt: read(headerNames.failedAt),
  };
}

function headerText(headers: IHeaders, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined ? null : last.toString();
}

/** A message as it was before it became a dead letter. */
export interface OriginalMessage {
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** The signature among them, which holds for the same topic, key and value. */
  readonly headers: IHeaders;
}

/** The original message, or null where its value could not be kept. */
export function originalOf(letter: DeadLetter): OriginalMessage | null {
  if (letter.value === null) return null;
  const own = Object.entries(letter.headers).filter(([name]) => {
    return !deadLetterHeaderNames.includes(name);
  });
  return { key: letter.key, value: letter.value, headers: Object.fromEntries(own) };
}
