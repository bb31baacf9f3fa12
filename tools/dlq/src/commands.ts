import { type Topic, topicNames } from '@qingfen/contracts';
import { onScreen } from '@qingfen/local';
import {
  type DeadLetter,
  originOf,
  type Place,
  readDeadLetters,
  type SendBack,
  sendingBack,
} from '@qingfen/messaging';
import type { Kafka } from 'kafkajs';
import { wholeText } from './on-screen.js';

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
      const error = originOf(letter).error ?? unsaid;
      const byError = counts.get(letter.topic) ?? new Map<string, Count>();
      const letters = (byError.get(error)?.letters ?? 0) + 1;
      counts.set(letter.topic, byError.set(error, { letters, last: letter }));
      if (selection.topic !== undefined) print(lineOf(letter));
      return 'more';
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

/** Shown where a header is missing. */
const unsaid = '?';

function lineOf(letter: DeadLetter): string {
  const origin = originOf(letter);
  const said = (text: string | null): string => text ?? unsaid;
  const from = `from ${said(origin.topic)}/${said(origin.partition)}@${said(origin.offset)}`;
  const { partition, offset } = letter;
  const why = `${said(origin.failedAt)}  ${said(origin.error)}  ${said(origin.reason)}`;
  return onScreen(`${partition}:${offset}  ${why}  (${from})`);
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
      return 'more';
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

/** Sends dead letters back, in their order; those that come during the replay are not replayed. */
export async function replay(kafka: Kafka, selection: Selection, print: Print): Promise<Replay> {
  let [replayed, left] = [0, 0];
  await sendingBack(kafka, (sendBack) =>
    readDeadLetters({
      kafka,
      topics: topicsOf(selection),
      at: selection.at,
      onLetter: async (letter) => {
        if (await replayOne(sendBack, letter, print)) replayed += 1;
        else left += 1;
        return 'more';
      },
    }),
  );
  return { replayed, left };
}

async function replayOne(sendBack: SendBack, letter: DeadLetter, print: Print): Promise<boolean> {
  const sent = await sendBack(letter);
  if (sent === null) {
    print(`left: ${lineOf(letter)}`);
    return false;
  }
  const to = `${letter.topic}/${sent.partition ?? unsaid}@${sent.offset ?? unsaid}`;
  print(`${letter.partition}:${letter.offset} → ${to}`);
  return true;
}
