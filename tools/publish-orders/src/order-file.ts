import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { isTopic, parseEvent, type Topic, topicNames, writerOf } from '@qingfen/contracts';
import { UsageError } from './config.js';

/** Topics that upstream may write, and so may a file. */
export const fileTopics: readonly Topic[] = topicNames.filter((topic) => {
  return writerOf(topic) === 'upstream';
});

/** One line of a file, as it will be sent. */
export interface FileMessage {
  readonly line: number;
  readonly topic: Topic;
  readonly key: string | null;
  readonly value: Buffer;
  /** The event's `time`, null where it has none that can be read. */
  readonly time: string | null;
  /** Why the event will be dead-lettered: `<code>: <reason>`; null for a well-formed one. */
  readonly invalid: string | null;
}

/** A line that is no message at all. */
export interface BadLine {
  readonly line: number;
  readonly unreadable: string;
}

/**
 * Reads a file of messages line by line; empty lines are passed over.
 *
 * @throws UsageError for a file of another kind.
 */
export async function* readOrderFile(file: string): AsyncGenerator<FileMessage | BadLine> {
  if (!/\.ndjson(\.gz)?$/.test(file)) {
    const isCsv = /\.csv(\.gz)?$/.test(file);
    const cause = isCsv ? 'orders as CSV cannot be read yet' : 'its name says no kind we know';
    throw new UsageError(`${file}: ${cause}; give .ndjson or .ndjson.gz of {topic,key,value}`);
  }
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    const trimmed = (line === 1 ? text.replace(/^\ufeff/, '') : text).trim();
    if (trimmed !== '') yield readLine(line, trimmed);
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  // A pipe carries no errors.
  if (input !== raw) raw.on('error', (error) => input.destroy(error));
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be read to its end: ${cause}`);
  } finally {
    raw.destroy();
  }
}

function readLine(line: number, text: string): FileMessage | BadLine {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { line, unreadable: 'is not JSON' };
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return { line, unreadable: 'is not an object {topic,key,value}' };
  }
  const [topic, key, value] = ['topic', 'key', 'value'].map((field): unknown => {
    return Object.hasOwn(document, field) ? Reflect.get(document, field) : undefined;
  });
  if (typeof topic !== 'string') return { line, unreadable: 'has no topic' };
  if (!isTopic(topic) || !fileTopics.includes(topic)) {
    const allowed = fileTopics.join(', ');
    return { line, unreadable: `has the topic ${JSON.stringify(topic)}, not one of ${allowed}` };
  }
  if (key !== undefined && key !== null && typeof key !== 'string') {
    return { line, unreadable: 'has a key that is neither a text nor null' };
  }
  if (value === undefined || value === null) return { line, unreadable: 'has no value' };
  return messageOf({ line, topic, key: key ?? null, value });
}

function messageOf(read: {
  readonly line: number;
  readonly topic: Topic;
  readonly key: string | null;
  readonly value: unknown;
}): FileMessage {
  const { line, topic, key } = read;
  // A text is the value itself, so that a file may hold what is not even JSON.
  const text = typeof read.value === 'string' ? read.value : JSON.stringify(read.value);
  const value = Buffer.from(text);
  const parsed = parseEvent(topic, value);
  if (parsed.ok) {
    return { line, topic, key, value, time: parsed.event.time ?? null, invalid: null };
  }
  const invalid = `${parsed.code}: ${parsed.reason}`;
  return { line, topic, key, value, time: timeOf(read.value), invalid };
}

function timeOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const time: unknown = Object.hasOwn(value, 'time') ? Reflect.get(value, 'time') : null;
  return typeof time === 'string' ? time : null;
}
