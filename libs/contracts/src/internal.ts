import { z } from 'zod';
import { foreseenDue, openPayouts } from './http/daily-report.js';
import { holdKind } from './http/payees.js';
import {
  currency,
  day,
  flag,
  id,
  instant,
  kind,
  list,
  oneOf,
  plainAmount,
  positiveAmount,
  rate,
  record,
  signedAmount,
  strictRecord,
  text,
  whole,
} from './fields.js';
import { phrase } from './phrase.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const notAnOffset = phrase('is not an offset', '不是位移');

/** What a service says of itself to the gateway, which sums it up to `idle`. */
export const serviceStatus = record({
  name: text(100),
  /** Of the process that hosts the service. */
  pid: count.optional(),
  ready: flag,
  startedAt: instant,
  /** The service's business clock. */
  now: instant,
  /** Counts what was begun since the start; never falls. */
  work: count,
  /** Per consumer: the next offset that will be processed, as stored in the database. */
  positions: z.array(
    record({
      group: text(200),
      topic: text(200),
      partition: count,
      offset: z.string({ error: notAnOffset }).regex(/^[0-9]{1,19}$/, { error: notAnOffset }),
    }),
  ),
  outboxPending: count,
  runsDue: count,
  payouts: record({
    requested: count,
    /** Of `requested`: those that may be sent now. */
    requestedSendable: count,
    waiting: z.record(z.string(), count),
    review: count,
    blocked: count,
    sending: count,
    unknown: count,
    /** Of `unknown`: those whose queries on real time are still due. */
    unknownDue: count,
  }).optional(),
  /** The next instant of business time at which something is scheduled. */
  nextDueAt: instant.nullable(),
  /** What is missing to rest, in words. */
  holdingUp: z.array(text(1000)),
});
/** What a service says of itself to the gateway. */
export type ServiceStatus = z.output<typeof serviceStatus>;

/** The gateway's order to take an instant; work due at it begins only with `begin`. */
export const clockOrder = strictRecord({ now: instant, begin: flag });
/** The gateway's order to take an instant. */
export type ClockOrder = z.output<typeof clockOrder>;

/** One instruction to pay, to be confirmed by the ledger's owner. */
export const payoutToConfirm = strictRecord({
  shopId: id,
  payoutId: id,
  statementId: id,
  payeeId: id,
  kind,
  amount: positiveAmount,
  currency,
});
/** One instruction to pay, to be confirmed by the ledger's owner. */
export type PayoutToConfirm = z.output<typeof payoutToConfirm>;

/** Payout's question to settlement-calculator before a first send. */
export const confirmPayoutsRequest = strictRecord({ items: list(payoutToConfirm, 1000) });
/** Payout's question to settlement-calculator before a first send. */
export type ConfirmPayoutsRequest = z.output<typeof confirmPayoutsRequest>;

/** For each instruction: does the ledger want it paid now, and if not, why. */
export const confirmPayoutsAnswer = record({
  items: z.array(
    record({
      payoutId: id,
      confirmed: flag,
      reason: text(1000).nullable(),
      /** Users who caused by hand that it is not. */
      makers: list(text(200), 1000).optional(),
    }),
  ),
});
/** For each instruction: does the ledger want it paid now, and if not, why. */
export type ConfirmPayoutsAnswer = z.output<typeof confirmPayoutsAnswer>;

/** The gateway's question to settlement-calculator which holds are open on payees. */
export const payeeHoldsQuery = strictRecord({ payeeId: z.union([id, list(id, 100, 1)]) });
/** The gateway's question to settlement-calculator which holds are open on payees. */
export type PayeeHoldsQuery = z.output<typeof payeeHoldsQuery>;

/** The open holds of one payee. */
export const payeeHolds = record({ payeeId: id, holds: list(holdKind, 10) });
/** The open holds of one payee. */
export type PayeeHolds = z.output<typeof payeeHolds>;

/** Notification's word to whoever raised an alert that somebody has looked; null: of no shop. */
export const endAlertBody = strictRecord({ shopId: id.nullable() });
/** Notification's word to whoever raised an alert that somebody has looked. */
export type EndAlertBody = z.output<typeof endAlertBody>;

/** Of a shop's risk settings, what other services ask payout for. */
export const riskLimits = record({ payoutRatioMax: rate, manualMax: plainAmount.nullable() });
/** Of a shop's risk settings, what other services ask payout for. */
export type RiskLimitsAnswer = z.output<typeof riskLimits>;

/** What a shop's runs will pay in CNY on its present and the coming days, in order, none left out. */
export const dueDays = record({ days: list(record({ day, due: plainAmount }), 366) });
/** What a shop's runs will pay in CNY on its present and the coming days. */
export type DueDays = z.output<typeof dueDays>;
/** Reconciliation's question to settlement-calculator what its books owe for these orders. */
export const bookedOrdersRequest = strictRecord({ orderIds: list(id, 1000, 1) });
/** Reconciliation's question to settlement-calculator what its books owe for these orders. */
export type BookedOrdersRequest = z.output<typeof bookedOrdersRequest>;

/** What the books owe for orders; those that they do not know are left out. */
export const bookedOrders = record({
  items: z.array(
    record({
      orderId: id,
      state: oneOf(['settling', 'no-plan']),
      currency,
      /** All rows of all its lines' entries together, the platform fee included. */
      entries: signedAmount,
      entryCount: count,
      /** The shop sells its own goods: what remains of a line is no entry. */
      keepsRest: flag,
    }),
  ),
});
/** What the books owe for orders. */
export type BookedOrders = z.output<typeof bookedOrders>;

/** What Alipay's bills add to `alipay-cash`, under a name of its own. */
export const billBooking = strictRecord({
  /** Such as `day:2026-01-05:trade` or `difference:df_…`. */
  item: text(200),
  /** The account that stands against the cash. */
  account: oneOf(['clearing', 'owner', 'expense:alipay-fee', 'expense:adjustment', 'suspense']),
  /** All of it, not what is new: 0.00 takes it out of the books again. */
  amount: signedAmount,
  /** The day of the bill that tells it. */
  valueAt: instant,
});
/** What Alipay's bills add to `alipay-cash`, under a name of its own. */
export type BillBooking = z.output<typeof billBooking>;

/** Reconciliation's word to settlement-calculator what bills have; told again it changes nothing. */
export const billBookingsBody = strictRecord({ bookings: list(billBooking, 1000) });
/** Reconciliation's word to settlement-calculator what bills have. */
export type BillBookingsBody = z.output<typeof billBookingsBody>;

/** Query of the balance of `alipay-cash` by value date. */
export const cashQuery = strictRecord({ before: instant });
/** Query of the balance of `alipay-cash` by value date. */
export type CashQuery = z.output<typeof cashQuery>;

/** The balance of `alipay-cash`, CNY. */
export const cashBalance = record({ cash: signedAmount });
/** The balance of `alipay-cash`, CNY. */
export type CashBalance = z.output<typeof cashBalance>;

/** Notifications of Alipay on their way from the gateway to payout, as they came. */
export const toldNotifications = strictRecord({
  notifications: list(strictRecord({ shopId: id, form: z.record(z.string(), z.string()) }), 200),
});
/** Notifications of Alipay on their way from the gateway to payout, as they came. */
export type ToldNotifications = z.output<typeof toldNotifications>;

/** Which of them are proven and stored, in their order; the others are not believed. */
export const storedNotifications = record({ stored: list(flag, 200) });
/** Which of them are proven and stored, in their order; the others are not believed. */
export type StoredNotifications = z.output<typeof storedNotifications>;

/** Lines of a shop's bills under one number of ours; an order of Alipay's is "" where it names none. */
export const billedNumber = record({
  lines: list(record({ amount: signedAmount, alipayNo: text(64, 0), at: instant }), 10),
});
/** Lines of a shop's bills under one number of ours. */
export type BilledNumber = z.output<typeof billedNumber>;

/** Which of a shop's movements are wanted of Alipay's account log: whole seconds, `to` not included. */
export const accountLogQuery = strictRecord({ from: instant, to: instant });
/** Which of a shop's movements are wanted of Alipay's account log. */
export type AccountLogQuery = z.output<typeof accountLogQuery>;

/** The account log of a span: all of it, or null where it has more than is read at once. */
export const accountLog = record({
  movements: list(
    record({
      logNo: text(64),
      outNo: text(64, 0),
      at: instant,
      amount: signedAmount,
      kind: text(64, 0),
      account: text(200, 0),
      title: text(300, 0),
    }),
    100_000,
  ).nullable(),
});
/** The account log of a span. */
export type AccountLog = z.output<typeof accountLog>;

/** The shops that payout has Alipay credentials of. */
export const alipayShops = record({ shopIds: z.array(id) });
/** The shops that payout has Alipay credentials of. */
export type AlipayShops = z.output<typeof alipayShops>;
/** Answer of payout's `GET …/alipay/royalty-cap`: whole percent of a trade, null where nobody knows. */
export const royaltyCapAnswer = record({ percent: whole(0, 100).nullable() });
/** How much of a trade a shop's merchant may split. */
export type RoyaltyCapAnswer = z.output<typeof royaltyCapAnswer>;

/** Of a shop's payouts, what reconciliation asks payout for: what is open, and what was foreseen. */
export const payoutPosition = record({ openPayouts, foreseen: foreseenDue });
/** Of a shop's payouts, what reconciliation asks payout for. */
export type PayoutPosition = z.output<typeof payoutPosition>;

/** Query of notification's `GET …/alert-counts`: the day that alerts were raised on. */
export const alertCountQuery = strictRecord({ from: instant, to: instant });
/** Query of notification's `GET …/alert-counts`. */
export type AlertCountQuery = z.output<typeof alertCountQuery>;

const tradeName = { shopId: id, tradeNo: id };
/** Body of settlement-calculator's `POST /internal/trades/open`. */
export const openTradesRequest = strictRecord({ items: list(strictRecord(tradeName), 500) });
/** Whether anything is still open that these trades may be split for. */
export const openTradesAnswer = record({
  items: list(record({ ...tradeName, isOpen: flag }), 500),
});
