import { eventSchema } from '../events.js';
import { deadLetterCodes, headerNames } from '../headers.js';
import {
  deadLettererOf,
  deadLetterTopic,
  mustBeSigned,
  type Topic,
  topicNames,
  topicSpecsFor,
  writerOf,
} from '../topics.js';
import { dialect, type JsonDocument, jsonSchemaOf } from './json-schema.js';

/** The JSON Schema of one topic's whole event, for those who write or read it outside. */
export function eventDocument(topic: Topic): JsonDocument {
  return {
    $schema: dialect,
    title: topic,
    description: `One CloudEvents 1.0 event of the topic ${topic}. Unknown fields are ignored.`,
    ...jsonSchemaOf(eventSchema(topic)),
  };
}

const keys: Readonly<Record<Topic, string>> = {
  'order-completed': 'orderId',
  'order-refunded': 'orderId',
  'order-refund-reversed': 'orderId',
  'order-disputed': 'orderId',
  'order-dispute-resolved': 'orderId',
  'payee-upserted': 'payeeId',
  'shop-upserted': 'shopId',
  'settlement-plan-published': 'shopId:version',
  'return-window-closed': 'orderId',
  'statement-issued': 'payeeId',
  'payout-requested': 'payeeId',
  'payout-result': 'payeeId',
  'alert-raised': 'shopId',
  'reconciliation-completed': 'shopId',
  'ledger-head': 'shopId',
  'plan-change-announced': 'payeeId',
};

/** The AsyncAPI 3.0 document of all topics and their dead letters. */
export function asyncApiDocument(): JsonDocument {
  const specs = new Map(topicSpecsFor().map((spec) => [spec.name, spec]));
  const channels: Record<string, JsonDocument> = {};
  const operations: Record<string, JsonDocument> = {};
  for (const topic of topicNames) {
    channels[topic] = channelOf(topic, topic, specs.get(topic), describe(topic));
    const dead = deadLetterTopic(topic);
    channels[dead] = channelOf(dead, topic, specs.get(dead), describeDead(topic));
    operations[topic] = {
      // Seen from Qingfen: what upstream writes is received, all else is sent.
      action: writerOf(topic) === 'upstream' ? 'receive' : 'send',
      channel: { $ref: `#/channels/${topic}` },
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Qingfen',
      version: '1',
      description:
        'Every value is one CloudEvents 1.0 event in structured JSON. Delivery is at least ' +
        'once, in any order between topics.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels,
    operations,
    components: { messages: Object.fromEntries(topicNames.map(messageOf)) },
  };
}

function describe(topic: Topic): string {
  const writer = writerOf(topic);
  const signed = mustBeSigned(topic) ? `, signed in the header ${headerNames.signature}` : '';
  const by = writer === 'any' ? 'any service of Qingfen' : writer;
  return `Written by ${by}${signed}; dead-lettered by ${deadLettererOf(topic)}.`;
}

function describeDead(topic: Topic): string {
  return (
    `What could not be processed of ${topic}: key, value and headers unchanged, and the header ` +
    `${headerNames.error}, one of ${deadLetterCodes.join(', ')}.`
  );
}

function channelOf(
  name: string,
  topic: Topic,
  spec: ReturnType<typeof topicSpecsFor>[number] | undefined,
  description: string,
): JsonDocument {
  return {
    address: name,
    description,
    messages: { [topic]: { $ref: `#/components/messages/${topic}` } },
    bindings: {
      kafka: {
        topic: name,
        partitions: spec?.partitions,
        'x-config': spec?.config,
        bindingVersion: '0.5.0',
      },
    },
  };
}

function messageOf(topic: Topic): [string, JsonDocument] {
  return [
    topic,
    {
      name: topic,
      contentType: 'application/cloudevents+json',
      payload: { $ref: `./events/${topic}.json` },
      bindings: { kafka: { key: { type: 'string', description: keys[topic] } } },
    },
  ];
}
