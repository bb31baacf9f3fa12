import { z } from 'zod';
import {
  amount,
  currency,
  fitsCurrency,
  id,
  instant,
  isAboveZero,
  list,
  notAnAmount,
  oneOf,
  plainAmount,
  record,
  text,
  whole,
} from './fields.js';
import { phrase } from './phrase.js';

const itemsMax = 500;
const distributorsMax = 20;

const orderItem = record({
  itemId: id,
  supplierId: id,
  /** What the buyer paid for the line, after every discount. */
  amount,
  /** What the platform paid for the line ("0.00"). */
  subsidy: amount.optional(),
  /** "goods" where it is absent. */
  kind: oneOf(['goods', 'shipping']).optional(),
});

/** A completed order: the buyer confirmed receipt. */
export const orderCompleted = record({
  shopId: id,
  orderId: id,
  currency,
  paidAt: instant,
  completedAt: instant,
  /** Alipay's number of the trade that the buyer paid with. */
  alipayTradeNo: id.optional(),
  buyerPayeeId: id.optional(),
  items: list(orderItem, itemsMax, 1),
  /** Level 1 first; null is a level without distributor. */
  distributors: list(id.nullable(), distributorsMax),
  teamId: id.optional(),
}).superRefine((order, context) => {
  refuseTwice(order.items, context);
  for (let index = 0; index < order.items.length; index++) {
    const item = order.items[index];
    if (item === undefined) break;
    if (!fitsCurrency(item.amount, order.currency)) refuseDigits(index, 'amount', context);
    if (item.subsidy !== undefined && !fitsCurrency(item.subsidy, order.currency)) {
      refuseDigits(index, 'subsidy', context);
    }
  }
  if (isAfter(order.paidAt, order.completedAt)) {
    context.addIssue({ code: 'custom', path: ['paidAt'], message: paidLate });
  }
});

const paidLate = phrase('lies after completedAt', '晚于 completedAt');
const idTwice = phrase('stands twice in items', '在 items 中重复出现');

function refuseDigits(
  index: number,
  field: 'amount' | 'subsidy',
  context: z.core.$RefinementCtx,
): void {
  context.addIssue({ code: 'custom', path: ['items', index, field], message: notAnAmount });
}

// Texts of one length and one offset compare as the instants do, at a tenth of the cost.
function isAfter(instantText: string, otherText: string): boolean {
  const isSameForm =
    instantText.length === otherText.length &&
    (instantText.endsWith('Z')
      ? otherText.endsWith('Z')
      : instantText.slice(-6) === otherText.slice(-6));
  return isSameForm ? instantText > otherText : Date.parse(instantText) > Date.parse(otherText);
}

function refuseTwice(
  items: readonly { readonly itemId: string }[],
  context: z.core.$RefinementCtx,
): void {
  if (items.length < 2) return;
  const seen = new Set<string>();
  for (const item of items) seen.add(item.itemId);
  if (seen.size === items.length) return;
  seen.clear();
  for (const [index, item] of items.entries()) {
    if (seen.has(item.itemId)) {
      context.addIssue({ code: 'custom', path: ['items', index, 'itemId'], message: idTwice });
    }
    seen.add(item.itemId);
  }
}

const nothingBack = phrase('together with subsidy is not above zero', '与 subsidy 之和不大于零');

const refundItem = record({
  itemId: id,
  /** What the buyer gets back; without a currency beside it, two digits at most. */
  amount: plainAmount,
  /** What the platform takes back ("0.00"). */
  subsidy: plainAmount.optional(),
});

/** Money given back for lines of an order, before or after its completion. */
export const orderRefunded = record({
  shopId: id,
  orderId: id,
  refundId: id,
  refundedAt: instant,
  items: list(refundItem, itemsMax, 1),
}).superRefine((refund, context) => {
  // Rows of one line are added up (domain.md 5), so a line may stand twice.
  for (const [index, item] of refund.items.entries()) {
    if (!isAboveZero(item.amount) && !isAboveZero(item.subsidy ?? '0')) {
      context.addIssue({ code: 'custom', path: ['items', index, 'amount'], message: nothingBack });
    }
  }
});

/** A refund that did not take place after all. */
export const orderRefundReversed = record({
  shopId: id,
  orderId: id,
  refundId: id,
  at: instant,
});

/** A dispute or after-sale case that holds an order's money. */
export const orderDisputed = record({
  shopId: id,
  orderId: id,
  disputeId: id,
  openedAt: instant,
  reason: text(2000, 0),
});

/** The end of a dispute. */
export const orderDisputeResolved = record({
  shopId: id,
  orderId: id,
  disputeId: id,
  resolvedAt: instant,
});

/** What a payee may be; one payee may be several. */
export const payeeRole = oneOf(['supplier', 'distributor', 'promoter', 'team-leader']);
/** What a payee may be. */
export type PayeeRole = z.infer<typeof payeeRole>;

/** How Alipay knows the account. */
export const alipayIdentityType = oneOf(['ALIPAY_LOGON_ID', 'ALIPAY_USER_ID', 'ALIPAY_OPEN_ID']);
/** How Alipay knows the account. */
export type AlipayIdentityType = z.infer<typeof alipayIdentityType>;

/** The fields of a payee besides its ids, shared by the event and the gateway's body. */
export const payeeFields = {
  name: text(200),
  roles: list(payeeRole, 4),
  teamId: id.optional(),
  /** Tasks that the payee has done, such as "kyc". */
  tasks: list(text(64), 100).optional(),
  /** What rates by `payee-level` compare; a number is read as its decimal text. */
  level: z
    .union([whole(0, 1_000_000), amount], {
      error: phrase('is not a level such as 3 or "3"', '不是像 3 或 "3" 这样的等级'),
    })
    .transform(String)
    .optional(),
};

/** The fields of a payee's Alipay account. */
export const alipayAccountFields = {
  identityType: alipayIdentityType,
  identity: text(256),
  /** The account's real name, which Alipay compares. */
  name: text(200),
  accountType: text(64).optional(),
};

/** The whole payee as it is from the event's `time` on. */
export const payeeUpserted = record({
  shopId: id,
  payeeId: id,
  ...payeeFields,
  alipay: record(alipayAccountFields).optional(),
});
