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

/** Why and where from, read off the headers; `?` where one is missing. */
export interface DeadLetterOrigin {
  readonly error: string;
  readonly reason: string;
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  readonly failedAt: string;
}

/** What the headers of a dead letter say of it. */
export function originOf(letter: DeadLetter): DeadLetterOrigin {
  const read = (name: string): string => headerText(letter.headers, name) ?? '?';
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

/** A dead letter whole, for reading: headers one a line, then the value as text. */
export function wholeText(letter: DeadLetter): string {
  const headers = Object.entries(letter.headers).map(([name, value]) => {
    const texts = (Array.isArray(value) ? value : [value]).map((one) => onScreen(`${one}`));
    return `${onScreen(name)}: ${texts.join(' | ')}`;
  });
  const key = letter.key === null ? 'no key' : `key: ${onScreen(letter.key.toString())}`;
  const value = letter.value === null ? 'no value' : valueText(letter.value);
  return [
    `${letter.topic}.dlq ${letter.partition}:${letter.offset}`,
    ...headers,
    key,
    '',
    value,
  ].join('\n');
}

function valueText(value: Buffer): string {
  const text = value.toString('utf8');
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text.split('\n').map(onScreen).join('\n');
  }
}

/** A text without what a terminal would take for an order. */
export function onScreen(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
