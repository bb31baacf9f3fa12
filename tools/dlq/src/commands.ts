import { type Topic, topicNames } from '@qingfen/contracts';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { type DeadLetter, onScreen, originalOf, originOf, wholeText } from './dead-letter.js';
import { type Place, readDeadLetters } from './dead-letter-topics.js';

/** Where a command writes its lines. */
export type Print = (line: string) => void;

/** What a command works on. */
export interface Selection {
  /** The original topic; all where it is absent. */
  readonly topic?: Topic | undefined;
  readonly at?: Place | undefined;
}

/**
 * Prints how many dead letters each topic has and why; of one topic, each of them
 * besides, else the last of each reason.
 *
 * @returns how many there are.
 */
export async function list(kafka: Kafka, selection: Selection, print: Print): Promise<number> {
  const counts = new Map<Topic, Map<string, Count>>();
  let total = 0;
  await readDeadLetters({
    kafka,
    topics: topicsOf(selection),
    at: selection.at,
    onLetter: async (letter) => {
      total += 1;
      const { error } = originOf(letter);
      const byError = counts.get(letter.topic) ?? new Map<string, Count>();
      const letters = (byError.get(error)?.letters ?? 0) + 1;
      counts.set(letter.topic, byError.set(error, { letters, last: letter }));
      if (selection.topic !== undefined) print(lineOf(letter));
    },
  });
  for (const [topic, byError] of counts) {
    const reasons = Array.from(byError, ([error, { letters }]) => `${letters} ${onScreen(error)}`);
    print(`${topic}.dlq: ${reasons.join(', ')}`);
    if (selection.topic !== undefined) continue;
    for (const { last } of byError.values()) print(`  last ${lineOf(last)}`);
  }
  if (total === 0) print('no dead letters');
  return total;
}

interface Count {
  readonly letters: number;
  readonly last: DeadLetter;
}

function topicsOf({ topic }: Selection): readonly Topic[] {
  return topic === undefined ? topicNames : [topic];
}

function lineOf(letter: DeadLetter): string {
  const origin = originOf(letter);
  const from = `from ${origin.topic}/${origin.partition}@${origin.offset}`;
  const { partition, offset } = letter;
  const text = `${partition}:${offset}  ${origin.failedAt}  ${origin.error}  ${origin.reason}`;
  return onScreen(`${text}  (${from})`);
}

/**
 * Prints dead letters whole: headers, key and value.
 *
 * @returns how many were shown.
 */
export async function show(kafka: Kafka, selection: Selection, print: Print): Promise<number> {
  let shown = 0;
  await readDeadLetters({
    kafka,
    topics: topicsOf(selection),
    at: selection.at,
    onLetter: async (letter) => {
      if (shown > 0) print('');
      print(wholeText(letter));
      shown += 1;
    },
  });
  return shown;
}

/** What a replay did. */
export interface Replay {
  readonly replayed: number;
  /** Letters whose value was too large to be kept; they stand only where they came from. */
  readonly left: number;
}

/**
 * Sends dead letters back to the topic they came from, in their order, with key, value and the
 * original headers unchanged. It may be repeated: an event that was taken meanwhile is one event,
 * and one that is still refused becomes a dead letter of its own. The dead letters stay where they
 * are, as the record of what was refused; those that come during the replay are not replayed.
 */
export async function replay(kafka: Kafka, selection: Selection, print: Print): Promise<Replay> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  let [replayed, left] = [0, 0];
  try {
    await readDeadLetters({
      kafka,
      topics: topicsOf(selection),
      at: selection.at,
      onLetter: async (letter) => {
        if (await sendBack(producer, letter, print)) replayed += 1;
        else left += 1;
      },
    });
  } finally {
    await producer.disconnect();
  }
  return { replayed, left };
}

async function sendBack(producer: Producer, letter: DeadLetter, print: Print): Promise<boolean> {
  const message = originalOf(letter);
  if (message === null) {
    print(`left: ${lineOf(letter)}`);
    return false;
  }
  const sent = await producer.send({ topic: letter.topic, acks: -1, messages: [message] });
  const to = sent[0];
  const place = to === undefined ? '' : `/${to.partition}@${to.baseOffset}`;
  print(`${letter.partition}:${letter.offset} → ${letter.topic}${place}`);
  return true;
}
