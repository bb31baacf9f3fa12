import type { EventData } from '@qingfen/contracts';
import { eventMessage, type UpstreamEvent } from '@qingfen/testing';

/** What order systems tell of. */
export type NewsTopic =
  | 'order-completed'
  | 'order-refunded'
  | 'order-refund-reversed'
  | 'order-disputed'
  | 'order-dispute-resolved';

/** An event of an order before it goes to Kafka. */
export type News = { readonly [T in NewsTopic]: NewsOf<T> }[NewsTopic];

interface NewsOf<T extends NewsTopic> {
  readonly topic: T;
  readonly data: EventData[T];
}

/** A completed order as it goes to Kafka. */
export type DemoOrder = EventData['order-completed'];
/** A refund as it goes to Kafka. */
export type DemoRefund = EventData['order-refunded'];
/** The end of a refund that did not take place, as it goes to Kafka. */
export type DemoReversal = EventData['order-refund-reversed'];

/** News and the evening on which it is told. */
export interface ToldNews {
  readonly toldMs: number;
  readonly news: News;
}

/** The message that tells news; its id follows from what it says, so every demo sends the same. */
export function messageOf({ topic, data }: News): UpstreamEvent {
  const part =
    'refundId' in data ? data.refundId : 'disputeId' in data ? data.disputeId : 'completed';
  const id = `${data.shopId}:${data.orderId}:${part}:${topic}`;
  return eventMessage(topic, data, { key: data.orderId, id });
}
