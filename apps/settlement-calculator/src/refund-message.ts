import { parseEvent } from '@qingfen/contracts';
import type { IncomingEvent, RawMessage } from '@qingfen/messaging';

interface StoredMessage {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: number;
  readonly correlationId: string;
}

/** The message of a refund that waits for its order: it may still have to become a dead letter. */
export function storeMessage({ raw, correlationId }: IncomingEvent): string {
  const stored: StoredMessage = {
    partition: raw.partition,
    offset: raw.offset.toString(),
    key: raw.key?.toString('base64') ?? null,
    value: raw.value?.toString('base64') ?? '',
    headers: raw.headers,
    timestamp: raw.timestamp.getTime(),
    correlationId,
  };
  return JSON.stringify(stored);
}

/** The event of {@link storeMessage}, as it came. */
export function storedEvent(stored: StoredMessage): IncomingEvent<'order-refunded'> {
  const raw: RawMessage = {
    topic: 'order-refunded',
    partition: stored.partition,
    offset: BigInt(stored.offset),
    key: stored.key === null ? null : Buffer.from(stored.key, 'base64'),
    value: Buffer.from(stored.value, 'base64'),
    headers: stored.headers,
    timestamp: new Date(stored.timestamp),
  };
  const parsed = parseEvent('order-refunded', raw.value);
  if (!parsed.ok) throw new Error(`a kept refund no longer reads: ${parsed.reason}`);
  return {
    topic: 'order-refunded',
    partition: raw.partition,
    offset: raw.offset,
    event: parsed.event,
    data: parsed.event.data,
    correlationId: stored.correlationId,
    signedBy: null,
    raw,
  };
}

export type { StoredMessage };
