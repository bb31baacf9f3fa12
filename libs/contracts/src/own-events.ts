import {
  amount,
  currency,
  day,
  flag,
  id,
  instant,
  jsonObject,
  kind,
  list,
  oneOf,
  payVia,
  plainAmount,
  positiveAmount,
  record,
  text,
  whole,
} from './fields.js';
import { withholding } from './withholding.js';

const countMax = Number.MAX_SAFE_INTEGER;

/** A shop as every service knows it; no secrets. */
export const shopUpserted = record({
  shopId: id,
  name: text(200),
  /** IANA time zone, such as "Asia/Shanghai". */
  timezone: text(64),
  noticePeriodDays: whole(0, 3650),
  /** The most that one payout may carry. */
  transferMax: plainAmount,
  /** Absent: nothing is withheld. */
  withholding: withholding.optional(),
  updatedAt: instant,
});

/** A plan version, immutable but for its withdrawal. */
export const settlementPlanPublished = record({
  shopId: id,
  version: whole(1, countMax),
  /** The plan document, judged by the plan's own rules before it was published. */
  plan: jsonObject,
  /** SHA-256 of the canonical plan. */
  hash: text(128),
  publishedAt: instant,
  effectiveFrom: instant,
  withdrawnAt: instant.optional(),
});

/** Evidence that an order's return window has ended. */
export const returnWindowClosed = record({
  shopId: id,
  orderId: id,
  completedAt: instant,
  /** The computed end of the window, whenever it is said. */
  closedAt: instant,
});

/** What one run owes one payee. */
export const statementIssued = record({
  shopId: id,
  statementId: id,
  payeeId: id,
  kind,
  /** The run's scheduled instant with the shop's offset, or `retry:<payoutId>`. */
  period: text(128),
  cutoff: instant,
  issuedAt: instant,
  currency,
  /** What its payouts add up to. */
  net: positiveAmount,
  /** What its entries add up to, and the tax withheld of that; absent where the shop withholds none. */
  gross: positiveAmount.optional(),
  withheld: amount.optional(),
  entryCount: whole(1, countMax),
});

const royaltyLeg = record({ orderId: id, alipayTradeNo: id, amount: positiveAmount });

/** An instruction to pay; proven by signature and confirmation before money moves. */
export const payoutRequested = record({
  shopId: id,
  payoutId: id,
  statementId: id,
  /** 1 for the first of `parts`. */
  part: whole(1, 1_000_000),
  parts: whole(1, 1_000_000),
  payeeId: id,
  kind,
  /** What is paid. */
  amount: positiveAmount,
  /** With the tax withheld, and that tax; absent where none is. */
  gross: positiveAmount.optional(),
  withheld: positiveAmount.optional(),
  currency,
  payVia,
  legs: list(royaltyLeg, 10_000).optional(),
  requestedAt: instant,
  remark: text(200, 0),
  /** Users whose acts by hand are in it: none of them may approve it. Absent: nobody's. */
  makers: list(text(200), 1000, 1).optional(),
});

/** The states in which a payout ends. */
export const payoutResultStatus = oneOf(['succeeded', 'failed', 'cancelled', 'returned']);

/** Why Alipay refused; codes are Alipay's own. */
export const payoutFailure = record({
  code: text(128, 0),
  subCode: text(128, 0).nullable(),
  message: text(2000, 0),
});

/** How a payout ended; a lower `seq` that comes later is ignored. */
export const payoutResult = record({
  shopId: id,
  payoutId: id,
  statementId: id,
  payeeId: id,
  kind,
  status: payoutResultStatus,
  seq: whole(0, countMax),
  amount: positiveAmount,
  currency,
  alipayOrderId: text(128).optional(),
  /** Of a split: what has come back of it by now with refunds; of a payout that succeeded or returned. */
  returnedAmount: positiveAmount.optional(),
  /** Whether the payee's account was the reason. */
  payeeFault: flag.optional(),
  failure: payoutFailure.optional(),
  at: instant,
});

/** How much an alert matters. */
export const alertSeverity = oneOf(['info', 'warning', 'critical']);

/** How an alert ends: with its condition, or, of what has happened, when somebody has looked. */
export const alertEnds = oneOf(['by-itself', 'when-acknowledged']);

/** A condition that began or ended; once each. */
export const alertRaised = record({
  shopId: id.nullable(),
  alertId: text(200),
  state: oneOf(['raised', 'resolved']),
  /** The kind of condition, such as "forged-message". */
  class: text(64),
  severity: alertSeverity,
  subject: record({ type: text(64), id: text(256) }),
  message: text(4000),
  messageZh: text(4000),
  /** Absent: by itself. */
  ends: alertEnds.optional(),
  at: instant,
});

/** The counts of a reconciled day. */
export const reconciliationCounts = record({
  orders: whole(0, countMax),
  entries: whole(0, countMax),
  statements: whole(0, countMax),
  payouts: whole(0, countMax),
  billLines: whole(0, countMax),
});

/** A day that was compared with Alipay's bill. */
export const reconciliationCompleted = record({
  shopId: id,
  /** A day in Beijing, as Alipay's bills are. */
  day,
  counts: reconciliationCounts,
  differenceCount: whole(0, countMax),
});

const keyLink = record({
  /** The key before it. */
  by: text(128),
  atMs: whole(0, countMax),
  /** By the key before; null where that one is lost, and nobody introduces the new one. */
  signature: text(256).nullable(),
  /** By the key itself: it names the one before as its own past. */
  countersignature: text(256),
});

/** A key that signs heads: each but the first is introduced by the one before it (docs/proofs.md). */
export const ledgerKey = record({
  keyId: text(128),
  publicKey: text(1000),
  introduced: keyLink.optional(),
});

/** The last block of a day's journal, signed. */
export const ledgerHead = record({
  shopId: id,
  /** A day in the shop's time zone. */
  day,
  block: whole(0, countMax),
  hash: text(128),
  signature: text(256),
  keyId: text(128),
  /** From the first key to the one that signed, each introduced by the one before; absent while there is one. */
  keys: list(ledgerKey, 100, 1).optional(),
});

/** A plan version that will take effect, told to one payee who was owed something lately. */
export const planChangeAnnounced = record({
  shopId: id,
  payeeId: id,
  version: whole(1, countMax),
  publishedAt: instant,
  effectiveFrom: instant,
  /** The version was withdrawn: it will not take effect after all. */
  withdrawnAt: instant.optional(),
});
