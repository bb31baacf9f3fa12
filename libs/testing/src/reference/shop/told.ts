import type { EventData } from '@qingfen/contracts';

/** `order-completed` as upstream says it. */
export type CompletedOrder = EventData['order-completed'];
/** `order-refunded` as upstream says it. */
export type Refund = EventData['order-refunded'];
/** `order-refund-reversed` as upstream says it. */
export type RefundReversal = EventData['order-refund-reversed'];
/** `order-disputed` as upstream says it. */
export type Dispute = EventData['order-disputed'];
/** `order-dispute-resolved` as upstream says it. */
export type DisputeResolution = EventData['order-dispute-resolved'];
/** `payee-upserted` as upstream says it. */
export type UpsertedPayee = EventData['payee-upserted'];
/** `payout-result` as payout says it. */
export type PayoutResult = EventData['payout-result'];

/** What became of what was told: it counts, it was known, or it is a dead letter. */
export type Hearing = 'counts' | 'known' | 'refused';
