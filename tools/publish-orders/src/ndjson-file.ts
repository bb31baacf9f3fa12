import { isTopic, parseEvent, type Topic } from '@qingfen/contracts';
import { type BadLine, type FileMessage, fileTopics } from './file-message.js';
import { linesOf } from './file-text.js';

/** Reads a file of `{topic,key,value}`, one a line; empty lines are passed over. */
export async function* readNdjsonFile(file: string): AsyncGenerator<FileMessage | BadLine> {
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    const trimmed = text.trim();
    if (trimmed !== '') yield readLine(line, trimmed);
  }
}

function readLine(line: number, text: string): FileMessage | BadLine {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return bad(line, 'is not JSON');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return bad(line, 'is not an object {topic,key,value}');
  }
  const [topic, key, value] = ['topic', 'key', 'value'].map((field): unknown => {
    return Object.hasOwn(document, field) ? Reflect.get(document, field) : undefined;
  });
  if (typeof topic !== 'string') return bad(line, 'has no topic');
  if (!isTopic(topic) || !fileTopics.includes(topic)) {
    const allowed = fileTopics.join(', ');
    return bad(line, `has the topic ${JSON.stringify(topic)}, not one of ${allowed}`);
  }
  if (key !== undefined && key !== null && typeof key !== 'string') {
    return bad(line, 'has a key that is neither a text nor null');
  }
  if (value === undefined || value === null) return bad(line, 'has no value');
  return messageOf({ line, topic, key: key ?? null, value });
}

function bad(line: number, unreadable: string): BadLine {
  return { line, field: null, subject: null, unreadable, isFatal: false };
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
  const message = { line, lastLine: line, topic, key, value };
  const parsed = parseEvent(topic, value);
  if (parsed.ok) return { ...message, time: parsed.event.time ?? null, invalid: null };
  return { ...message, time: timeOf(read.value), invalid: `${parsed.code}: ${parsed.reason}` };
}

function timeOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const time: unknown = Object.hasOwn(value, 'time') ? Reflect.get(value, 'time') : null;
  return typeof time === 'string' ? time : null;
}
