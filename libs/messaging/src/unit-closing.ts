import type { ServiceName } from '@qingfen/contracts';
import type { Tx } from '@qingfen/database';
import { changeAlerts } from './alerts.js';
import { isDeadLetterer, takeDeadLetters } from './dead-letters.js';
import { messageOf, writeOutbox, type Sayer } from './outbox.js';
import type { UnitBuffer } from './unit-buffer.js';

/** Who closes a unit. */
export interface Closer extends Sayer {
  readonly service: ServiceName;
  /** A value above this stays where it is; its dead letter has none. */
  readonly deadLetterBytesMax: number;
}

/**
 * Writes what a unit wants said: dead letters (if this service is the one to write them), alerts
 * that are news, events. Returns how many messages the outbox got.
 */
export async function closeUnit(tx: Tx, buffer: UnitBuffer, by: Closer): Promise<number> {
  const refusals = buffer.refused.filter(({ raw }) => isDeadLetterer(by.service, raw.topic));
  const letters = await takeDeadLetters(tx, refusals, {
    now: buffer.now,
    bytesMax: by.deadLetterBytesMax,
  });
  const news = await changeAlerts(tx, buffer.alerts, { now: buffer.now, service: by.service });
  const alerts = news.map((event) => messageOf(event, buffer.now, by));
  const messages = [...letters, ...buffer.said, ...alerts];
  await writeOutbox(tx, messages);
  return messages.length;
}
