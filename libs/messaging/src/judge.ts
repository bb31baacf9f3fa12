import {
  headerNames,
  isTopic,
  mustBeSigned,
  parseEvent,
  writerOf,
  type DeadLetterCode,
  type ServiceName,
  type Topic,
} from '@qingfen/contracts';
import { eventKey, factDigest } from './identity.js';
import type { InboxEntry } from './inbox.js';
import type { RawMessage } from './raw-message.js';
import type { IncomingEvent } from './unit.js';

/** Tells who signed a message; `MessageVerifier` of the security library does. */
export interface SignatureCheck {
  verify(message: {
    topic: string;
    key: Buffer | null;
    value: Buffer | null;
    header: string;
  }): { readonly service: ServiceName } | null;
}

/** A well-formed, authentic event and its digests. */
export interface Accepted<T extends Topic = Topic> extends InboxEntry {
  readonly kind: 'accepted';
  readonly incoming: IncomingEvent<T>;
}

/** A message that can have no effect. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly raw: RawMessage;
  readonly code: DeadLetterCode;
  readonly reason: string;
}

type Signer = { readonly ok: true; readonly service: ServiceName | null } | { readonly ok: false };

function signerOf(topic: Topic, raw: RawMessage, check: SignatureCheck): Signer {
  const header = raw.headers[headerNames.signature];
  const writer = writerOf(topic);
  if (!mustBeSigned(topic)) {
    // Payees come from upstream, unsigned, and from payout, signed; a bad signature is a forgery.
    if (topic !== 'payee-upserted' || header === undefined) return { ok: true, service: null };
  }
  if (header === undefined) return { ok: false };
  const { key, value } = raw;
  const signed = check.verify({ topic, key, value, header });
  if (signed === null) return { ok: false };
  const expected = writer === 'upstream' ? 'payout' : writer;
  if (expected !== 'any' && signed.service !== expected) return { ok: false };
  return { ok: true, service: signed.service };
}

/** A Kafka topic that a group hears is always one of the contract's. @throws TypeError */
export function topicOf<T extends Topic>(name: string): T {
  if (!isTopic(name)) throw new TypeError(`${name} is not a topic of the contract`);
  return name as T;
}

/** Judges one message by itself: signature, form. What it says is for the handler to judge. */
export function judge<T extends Topic>(
  topic: T,
  raw: RawMessage,
  check: SignatureCheck,
): Accepted<T> | Rejected {
  const signer = signerOf(topic, raw, check);
  if (!signer.ok) {
    const writer = writerOf(topic) === 'upstream' ? 'payout' : writerOf(topic);
    const reason = `${headerNames.signature} is not a valid signature of ${writer}`;
    return { kind: 'rejected', raw, code: 'unauthenticated', reason };
  }
  const parsed = parseEvent(topic, raw.value);
  if (!parsed.ok) return { kind: 'rejected', raw, code: parsed.code, reason: parsed.reason };
  const { event } = parsed;
  const incoming: IncomingEvent<T> = {
    topic,
    partition: raw.partition,
    offset: raw.offset,
    event,
    data: event.data,
    correlationId: raw.headers[headerNames.correlationId] ?? event.id,
    signedBy: signer.service,
    raw,
  };
  return { kind: 'accepted', incoming, eventKey: eventKey(event), fact: factDigest(event) };
}
