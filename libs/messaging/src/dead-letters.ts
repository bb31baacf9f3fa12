import { createHash } from 'node:crypto';
import { deadLettererOf, deadLetterTopic, headerNames, isTopic } from '@qingfen/contracts';
import type { ServiceName } from '@qingfen/contracts';
import { insertRows, type Tx } from '@qingfen/database';
import { storable } from './alerts.js';
import { headersToJson } from './message-headers.js';
import type { OutboxMessage } from './outbox.js';
import type { RawMessage } from './raw-message.js';
import type { Refusal } from './unit-buffer.js';

interface Place {
  readonly partition: number;
  readonly message_offset: bigint;
  readonly content: string;
}

function contentOf(raw: RawMessage): string {
  const hasher = createHash('sha256');
  hasher.update(`${raw.key === null ? -1 : raw.key.length};`);
  if (raw.key !== null) hasher.update(raw.key);
  if (raw.value !== null) hasher.update(raw.value);
  return hasher.digest('hex').slice(0, 32);
}

/** Whether this service is the one that dead-letters the topic's bad messages. */
export function isDeadLetterer(service: ServiceName, topic: string): boolean {
  return isTopic(topic) && deadLettererOf(topic) === service;
}

// A header is one line, whatever the message that is quoted in it has.
function oneLine(text: string): string {
  return storable(text).replace(/\s+/g, ' ').slice(0, 1000);
}

function letterOf(refusal: Refusal, now: Date, bytesMax: number): OutboxMessage {
  const { raw, code, reason } = refusal;
  if (!isTopic(raw.topic)) throw new TypeError(`${raw.topic} has no dead letters`);
  const tooLarge = raw.value !== null && raw.value.length > bytesMax;
  const note = tooLarge ? ' (the value is left where it is: no topic would hold it)' : '';
  const place = `${raw.topic}/${raw.partition}`;
  return {
    topic: deadLetterTopic(raw.topic),
    orderKey: place,
    key: raw.key,
    value: tooLarge ? null : raw.value,
    headers: headersToJson({
      ...(raw.rawHeaders ?? raw.headers),
      [headerNames.error]: code,
      [headerNames.reason]: `${oneLine(reason)}${note}`,
      [headerNames.originalTopic]: raw.topic,
      [headerNames.originalPartition]: String(raw.partition),
      [headerNames.originalOffset]: String(raw.offset),
      [headerNames.failedAt]: now.toISOString(),
    }),
  };
}

/**
 * Notes the refused messages and returns the dead letters to send: none for a message that has
 * one already, after a replay of the topic too.
 */
export async function takeDeadLetters(
  tx: Tx,
  refusals: readonly Refusal[],
  { now, bytesMax }: { readonly now: Date; readonly bytesMax: number },
): Promise<OutboxMessage[]> {
  const byPlace = new Map<string, Refusal>();
  const rows: unknown[][] = [];
  for (const refusal of refusals) {
    const { topic, partition, offset } = refusal.raw;
    const place = `${partition}:${offset}`;
    if (byPlace.has(place)) continue;
    byPlace.set(place, refusal);
    const { code, reason, raw } = refusal;
    rows.push([topic, partition, offset, contentOf(raw), code, oneLine(reason), now]);
  }
  const fresh = await insertRows<Place>(tx, {
    table: 'dead_letter',
    columns: {
      topic: 'text',
      partition: 'integer',
      message_offset: 'bigint',
      content: 'uuid',
      code: 'text',
      reason: 'text',
      failed_at: 'timestamptz',
    },
    rows,
    onConflict: 'DO NOTHING',
    returning: 'partition, message_offset, content',
  });
  return fresh.flatMap((place) => {
    const refusal = byPlace.get(`${place.partition}:${place.message_offset}`);
    return refusal === undefined ? [] : [letterOf(refusal, now, bytesMax)];
  });
}
