import { parseInstant } from '@qingfen/calendar';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { UsageError } from './config.js';
import { type FileMessage, readOrderFile } from './order-file.js';

/** What a check or a publication found in a file. */
export interface LineProblem {
  readonly line: number;
  readonly reason: string;
}

/** What `--check` tells. */
export interface FileCheck {
  readonly messages: number;
  /** Lines that are no message at all: such a file is not published. */
  readonly unreadable: readonly LineProblem[];
  /** Messages that will be dead-lettered: published all the same. */
  readonly invalid: readonly LineProblem[];
}

/** Which messages of a file, by the `time` of their event: `from` ≤ time < `until`. */
export interface TimeSpan {
  /** Instant, ISO 8601 with an offset. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** What to publish where. */
export interface PublishOptions extends TimeSpan {
  readonly file: string;
  readonly brokers: readonly string[];
  /** Told after each batch how many messages the broker has acknowledged. */
  readonly onProgress?: (published: number) => void;
}

/** What was published. */
export interface Publication {
  readonly published: number;
  /** Messages outside of `from` … `until`. */
  readonly skipped: number;
  readonly invalid: readonly LineProblem[];
}

const problemsMax = 1000;
const batchMessagesMax = 1000;
const batchBytesMax = 1024 * 1024;

/**
 * Parses a file as the services will; sends nothing. Of very many problems only the first 1,000
 * of each sort are kept.
 *
 * @throws UsageError when the file cannot be read.
 */
export async function checkFile(file: string, span: TimeSpan = {}): Promise<FileCheck> {
  const isInside = insideOf(span);
  const unreadable: LineProblem[] = [];
  const invalid: LineProblem[] = [];
  let messages = 0;
  for await (const entry of readOrderFile(file)) {
    const { line } = entry;
    if ('unreadable' in entry) {
      note(unreadable, { line, reason: `line ${line} ${entry.unreadable}` });
      continue;
    }
    messages += 1;
    if (isInside(entry) === null) {
      const reason = `line ${line} has no time, which --from and --until go by`;
      note(unreadable, { line, reason });
    }
    if (entry.invalid !== null) note(invalid, { line, reason: `line ${line}: ${entry.invalid}` });
  }
  return { messages, unreadable, invalid };
}

function note(problems: LineProblem[], problem: LineProblem): void {
  if (problems.length < problemsMax) problems.push(problem);
}

/**
 * Publishes the messages of a file in its order, each acknowledged by all replicas before the next
 * batch is sent. The file is checked first: with a line that is no message nothing is sent.
 * Publishing again is harmless: the same events under the same ids are one event each.
 *
 * @throws UsageError when the file has such a line or cannot be read.
 */
export async function publishFile(options: PublishOptions): Promise<Publication> {
  const { unreadable, invalid } = await checkFile(options.file, options);
  const [first] = unreadable;
  if (first !== undefined) throw new UsageError(`${options.file}: ${first.reason}`);
  const kafka = new Kafka({
    clientId: 'qingfen-publish-orders',
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    return { ...(await sendInBatches(producer, options)), invalid };
  } finally {
    await producer.disconnect();
  }
}

async function sendInBatches(
  producer: Producer,
  options: PublishOptions,
): Promise<{ published: number; skipped: number }> {
  const isInside = insideOf(options);
  let [published, skipped, bytes] = [0, 0, 0];
  let batch: FileMessage[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await sendBatch(producer, batch);
    published += batch.length;
    [batch, bytes] = [[], 0];
    options.onProgress?.(published);
  };
  for await (const entry of readOrderFile(options.file)) {
    if ('unreadable' in entry) throw new UsageError(`${options.file} changed while it was read`);
    if (isInside(entry) !== true) {
      skipped += 1;
      continue;
    }
    if (bytes + entry.value.length > batchBytesMax) await flush();
    batch.push(entry);
    bytes += entry.value.length;
    if (batch.length >= batchMessagesMax) await flush();
  }
  await flush();
  return { published, skipped };
}

async function sendBatch(producer: Producer, batch: readonly FileMessage[]): Promise<void> {
  const byTopic = new Map<string, { key: string | null; value: Buffer }[]>();
  for (const { topic, key, value } of batch) {
    const messages = byTopic.get(topic);
    if (messages === undefined) byTopic.set(topic, [{ key, value }]);
    else messages.push({ key, value });
  }
  const topicMessages = Array.from(byTopic, ([topic, messages]) => ({ topic, messages }));
  await producer.sendBatch({ acks: -1, topicMessages });
}

/** True inside, false outside, null where a message has no time to go by. */
function insideOf(span: TimeSpan): (message: FileMessage) => boolean | null {
  const { from, until } = span;
  if (from === undefined && until === undefined) return () => true;
  const fromMs = from === undefined ? -Infinity : msOf(from);
  const untilMs = until === undefined ? Infinity : msOf(until);
  return ({ time }) => {
    if (time === null) return null;
    const at = Date.parse(time);
    return Number.isNaN(at) ? null : at >= fromMs && at < untilMs;
  };
}

function msOf(text: string): number {
  try {
    return parseInstant(text).getTime();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
