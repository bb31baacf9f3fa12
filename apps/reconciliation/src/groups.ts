import { topics } from '@qingfen/contracts';
import type { ConsumerGroup } from '@qingfen/hosting';

export const toldGroup = 'qf-reconciliation-told';

/** What both sides of a day are made of. */
export const comparedTopics = [
  topics.orderCompleted,
  topics.orderRefunded,
  topics.orderRefundReversed,
  topics.statementIssued,
  topics.payoutRequested,
  topics.payoutResult,
] as const;

/** What `reconciliation` hears. */
export const groups: readonly ConsumerGroup[] = [
  { name: toldGroup, topics: [...comparedTopics, topics.shopUpserted] },
];
