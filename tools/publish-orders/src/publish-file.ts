import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import {
  checkFile,
  type FileCheck,
  insideOf,
  type LineProblem,
  type TimeSpan,
} from './check-file.js';
import { UsageError } from './config.js';
import type { FileMessage, FileReading } from './file-message.js';
import { hashOfFile } from './file-text.js';
import { readOrderFile } from './order-file.js';
import {
  type Progress,
  readProgress,
  removeProgress,
  type Undertaking,
  writeProgress,
} from './progress-note.js';

/** What to publish where. */
export interface PublishOptions extends TimeSpan, FileReading {
  readonly file: string;
  readonly brokers: readonly string[];
  /** Publish the rest of a file with bad lines and messages, and leave those out. */
  readonly skipBad?: boolean | undefined;
  /** Where to note how far it is; no note without it. */
  readonly progressFile?: string | undefined;
  /** Go on behind what the note says. */
  readonly resume?: boolean | undefined;
  /** Messages a second, at most. */
  readonly rate?: number | undefined;
  /** Stops after the batch that is on its way. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each batch how many messages the broker has acknowledged, of how many. */
  readonly onProgress?: (published: number, total: number) => void;
  /** Told once when how far it is cannot be noted. */
  readonly onNoNote?: (reason: string) => void;
}

/** What was published. */
export interface Publication {
  /** Messages acknowledged in this run. */
  readonly published: number;
  /** Messages that an earlier run had sent. */
  readonly before: number;
  /** Messages outside of `from` … `until`. */
  readonly skipped: number;
  /** Messages that will be dead-lettered, or were left out. */
  readonly invalid: readonly LineProblem[];
  /** Lines that were left out. */
  readonly unreadable: readonly LineProblem[];
  /** Whether it ended before its end, by the signal. */
  readonly isStopped: boolean;
}

/** A file that is not published because of its lines: all of them are told. */
export class BadFileError extends UsageError {
  readonly check: FileCheck;

  constructor(file: string, check: FileCheck, cause: LineProblem) {
    super(`${file}: ${cause.reason}`);
    this.check = check;
  }
}

const batchMessagesMax = 1000;
const batchBytesMax = 1024 * 1024;

/**
 * Publishes the messages of a file in its order, each acknowledged by all replicas before the next
 * batch is sent. The file is checked first: with a line that is no message nothing is sent.
 * Publishing again is harmless: the same events under the same ids are one event each.
 *
 * @throws BadFileError when the file has such a line, and UsageError when it cannot be read or
 * `resume` finds no note of this very undertaking.
 */
export async function publishFile(options: PublishOptions): Promise<Publication> {
  const check = await checkOf(options);
  const kafka = new Kafka({
    clientId: 'qingfen-publish-orders',
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
  });
  const sending = new Sending(options, check, await noteOf(options, kafka));
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    return await sending.run(producer);
  } finally {
    await producer.disconnect();
  }
}

async function checkOf(options: PublishOptions): Promise<FileCheck> {
  const { file, signal, skipBad = false } = options;
  const check = await checkFile(file, { ...spanOf(options), ...readingOf(options), signal });
  const cause = skipBad ? check.fatal : (check.unreadable[0] ?? null);
  if (cause !== null) throw new BadFileError(file, check, cause);
  return check;
}

function spanOf({ from, until }: TimeSpan): TimeSpan {
  return { from, until };
}

function readingOf({ payees, shop, time, ignoredColumns }: FileReading): FileReading {
  return { payees, shop, time, ignoredColumns };
}

interface Note {
  readonly file: string;
  readonly undertaking: Undertaking;
  readonly begun: Progress | null;
}

async function noteOf(options: PublishOptions, kafka: Kafka): Promise<Note | null> {
  const { file, progressFile, resume = false, skipBad = false } = options;
  if (progressFile === undefined) {
    if (resume) throw new UsageError('to go on, say where it was noted');
    return null;
  }
  const admin = kafka.admin();
  await admin.connect();
  try {
    const undertaking = {
      sha256: await hashOfFile(file),
      cluster: (await admin.describeCluster()).clusterId,
      settings: JSON.stringify({ ...spanOf(options), ...readingOf(options), skipBad }),
    };
    const begun = resume ? readProgress(progressFile, undertaking) : null;
    return { file: progressFile, undertaking, begun };
  } finally {
    await admin.disconnect();
  }
}

/** One run through the file. */
class Sending {
  readonly #options: PublishOptions;
  readonly #check: FileCheck;
  readonly #startedAt = performance.now();
  readonly #sizeMax: number;
  #note: Note | null;
  #batch: FileMessage[] = [];
  #bytes = 0;
  #published = 0;

  constructor(options: PublishOptions, check: FileCheck, note: Note | null) {
    const { rate } = options;
    this.#options = options;
    this.#check = check;
    this.#note = note;
    // Five small batches a second come closer to a rate than one large one.
    const evenly = rate === undefined ? batchMessagesMax : Math.max(1, Math.floor(rate / 5));
    this.#sizeMax = Math.min(batchMessagesMax, evenly);
  }

  async run(producer: Producer): Promise<Publication> {
    const { file, signal, skipBad = false } = this.#options;
    const isInside = insideOf(this.#options);
    const after = this.#note?.begun?.line ?? 0;
    const { invalid, unreadable } = this.#check;
    let skipped = 0;
    let isStopped = false;
    for await (const entry of readOrderFile(file, readingOf(this.#options))) {
      if (signal?.aborted === true) {
        isStopped = true;
        break;
      }
      if ('unreadable' in entry) {
        if (skipBad && !entry.isFatal) continue;
        throw new UsageError(`${file} changed while it was read`);
      }
      if (isInside(entry) !== true) skipped += 1;
      else if (entry.line > after && !(skipBad && entry.invalid !== null)) {
        await this.#add(producer, entry);
      }
    }
    if (!isStopped) {
      await this.#flush(producer);
      if (this.#note !== null) removeProgress(this.#note.file);
    }
    const before = this.#before;
    return { published: this.#published, before, skipped, invalid, unreadable, isStopped };
  }

  get #before(): number {
    return this.#note?.begun?.published ?? 0;
  }

  async #add(producer: Producer, message: FileMessage): Promise<void> {
    if (this.#bytes + message.value.length > batchBytesMax) await this.#flush(producer);
    this.#batch.push(message);
    this.#bytes += message.value.length;
    if (this.#batch.length >= this.#sizeMax) await this.#flush(producer);
  }

  async #flush(producer: Producer): Promise<void> {
    const last = this.#batch.at(-1);
    if (last === undefined) return;
    await sendBatch(producer, this.#batch);
    this.#published += this.#batch.length;
    [this.#batch, this.#bytes] = [[], 0];
    this.#keep(last.lastLine);
    const { skipBad = false, onProgress, rate, signal } = this.#options;
    const { sound, invalid } = this.#check.inside;
    const total = sound + (skipBad ? 0 : invalid);
    onProgress?.(this.#before + this.#published, total);
    if (rate === undefined) return;
    const dueAt = this.#startedAt + (this.#published / rate) * 1000;
    const waitMs = dueAt - performance.now();
    // An abort ends the wait; what comes of it, the reader of the file sees.
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }

  #keep(line: number): void {
    if (this.#note === null) return;
    const { file, undertaking } = this.#note;
    const published = this.#before + this.#published;
    try {
      writeProgress(file, undertaking, { line, published });
    } catch (error) {
      this.#note = null;
      this.#options.onNoNote?.(error instanceof Error ? error.message : String(error));
    }
  }
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
