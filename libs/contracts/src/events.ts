import { z } from 'zod';
import { instant, record, text } from './fields.js';
import {
  alertRaised,
  ledgerHead,
  planChangeAnnounced,
  payoutRequested,
  payoutResult,
  reconciliationCompleted,
  returnWindowClosed,
  settlementPlanPublished,
  shopUpserted,
  statementIssued,
} from './own-events.js';
import { phrase } from './phrase.js';
import type { Topic } from './topics.js';
import {
  orderCompleted,
  orderDisputed,
  orderDisputeResolved,
  orderRefunded,
  orderRefundReversed,
  payeeUpserted,
} from './upstream-events.js';

/** The schema of each topic's `data`. */
export const eventDataSchemas = {
  'order-completed': orderCompleted,
  'order-refunded': orderRefunded,
  'order-refund-reversed': orderRefundReversed,
  'order-disputed': orderDisputed,
  'order-dispute-resolved': orderDisputeResolved,
  'payee-upserted': payeeUpserted,
  'shop-upserted': shopUpserted,
  'settlement-plan-published': settlementPlanPublished,
  'return-window-closed': returnWindowClosed,
  'statement-issued': statementIssued,
  'payout-requested': payoutRequested,
  'payout-result': payoutResult,
  'alert-raised': alertRaised,
  'reconciliation-completed': reconciliationCompleted,
  'ledger-head': ledgerHead,
  'plan-change-announced': planChangeAnnounced,
} as const satisfies Record<Topic, z.ZodType>;

/** The validated wire form of each topic's `data`: amounts and instants are text. */
export type EventData = { [T in Topic]: z.output<(typeof eventDataSchemas)[T]> };

/** One CloudEvents 1.0 event in structured JSON, without the fields that we ignore. */
export interface CloudEvent<D, T extends Topic = Topic> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: T;
  /** ISO 8601 with an offset; always there for `payee-upserted` and for what we write. */
  readonly time?: string | undefined;
  readonly datacontenttype?: string | undefined;
  readonly data: D;
}

/** The event of one topic. */
export type EventOf<T extends Topic> = CloudEvent<EventData[T], T>;

/** The event of any topic; `type` tells which. */
export type AnyEvent = { [T in Topic]: EventOf<T> }[Topic];

/** Topics whose events must say when they happened: the latest `time` wins. */
export function needsTime(topic: Topic): boolean {
  return topic === 'payee-upserted';
}

/** The shape of one topic's whole event. */
export type EventSchema<T extends Topic> = z.ZodObject<{
  specversion: z.ZodLiteral<'1.0'>;
  id: z.ZodString;
  source: z.ZodString;
  type: z.ZodLiteral<T>;
  time: z.ZodType<string | undefined, string | undefined>;
  datacontenttype: z.ZodOptional<z.ZodString>;
  data: (typeof eventDataSchemas)[T];
}>;

const notVersionOne = phrase('is not "1.0"', '不是 "1.0"');
const identifyingCharsMax = 256;

/** The schema of one topic's whole event, envelope and data. */
export function eventSchema<T extends Topic>(topic: T): EventSchema<T> {
  return record({
    specversion: z.literal('1.0', { error: notVersionOne }),
    id: text(identifyingCharsMax),
    source: text(identifyingCharsMax),
    type: z.literal(topic, { error: phrase(`is not "${topic}"`, `不是 "${topic}"`) }),
    time: needsTime(topic) ? instant : instant.optional(),
    datacontenttype: text(identifyingCharsMax).optional(),
    data: eventDataSchemas[topic],
  });
}
