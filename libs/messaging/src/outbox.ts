import { buildEvent, headerNames, needsTime, type ServiceName } from '@qingfen/contracts';
import { insertRows, type Tx } from '@qingfen/database';
import { currentCorrelation } from '@qingfen/telemetry';
import { derivedUuid, shardOf } from './identity.js';
import { headersToJson } from './message-headers.js';
import type { OutgoingEvent } from './unit.js';

/** A message on its way: what the relay will send, byte for byte. */
export interface OutboxMessage {
  readonly topic: string;
  /** What decides the shard: messages that share it keep their order. */
  readonly orderKey: string;
  /** Text travels cheaper; bytes are for what others wrote. */
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  /** JSON, as {@link headersToJson} makes it. */
  readonly headers: string;
}

/** Signs a message as its service; `MessageSigner` of the security library does. */
export interface MessageSigning {
  sign(message: { topic: string; key: string; value: string }): string;
}

/** Who says it. */
export interface Sayer {
  readonly service: ServiceName;
  readonly signer: MessageSigning;
}

/**
 * The signed message of an event. It is signed here and not by the relay, so that a row that
 * somebody puts into the outbox behind the service's back never gets a signature.
 */
export function messageOf(event: OutgoingEvent, now: Date, by: Sayer): OutboxMessage {
  const time = (event.time ?? now).toISOString();
  const correlationId = event.correlationId ?? currentCorrelation().correlationId;
  const envelope = { source: `/qingfen/${by.service}`, time, correlationId };
  const id = event.id ?? idOf(event, time, by.service);
  const document = buildEvent(event.topic, event.data, { ...envelope, id });
  const { key } = event;
  const value = JSON.stringify(document);
  const headers = {
    [headerNames.correlationId]: correlationId ?? id,
    [headerNames.signature]: by.signer.sign({ topic: event.topic, key, value }),
  };
  return {
    topic: event.topic,
    orderKey: event.key,
    key,
    value,
    headers: headersToJson(headers),
  };
}

function idOf(event: OutgoingEvent, time: string, service: ServiceName): string {
  const data = JSON.stringify(event.data);
  const when = needsTime(event.topic) ? time : '';
  return derivedUuid('event', service, event.topic, event.key, when, data);
}

/** The channel on which a schema's relays listen, and on which a trigger of its outbox tells them. */
export function wakeChannel(schema: string): string {
  return `qf_outbox_${schema}`;
}

function parted(content: Buffer | string | null): [Buffer | null, string | null] {
  if (typeof content !== 'string') return [content, null];
  // PostgreSQL's text holds no NUL; as bytes it goes through.
  return content.includes('\u0000') ? [Buffer.from(content), null] : [null, content];
}

/** Writes messages into the outbox, which wakes the relays when the transaction commits. */
export async function writeOutbox(tx: Tx, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await insertRows(tx, {
    table: 'outbox',
    columns: {
      shard: 'smallint',
      topic: 'text',
      key: 'bytea',
      key_text: 'text',
      value: 'bytea',
      value_text: 'text',
      headers: 'text',
    },
    rows: messages.map(({ topic, orderKey, key, value, headers }) => {
      return [shardOf(orderKey), topic, ...parted(key), ...parted(value), headers];
    }),
  });
}
