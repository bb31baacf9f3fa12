import { topics } from '@qingfen/contracts';
import type { ConsumerGroup } from '@qingfen/hosting';

/** What orders wait for; in a consumer of its own, so that it moves while they wait. */
export const plansGroup = 'qf-order-plans';

/** What `order` hears. */
export const groups: readonly ConsumerGroup[] = [
  { name: 'qf-order-orders', topics: [topics.orderCompleted] },
  { name: plansGroup, topics: [topics.settlementPlanPublished, topics.shopUpserted] },
];
