import { z } from 'zod';
import {
  amount,
  currency,
  day,
  id,
  instant,
  kind,
  oneOf,
  record,
  signedAmount,
  text,
  whole,
} from '../fields.js';
import { alertSeverity, reconciliationCounts } from '../own-events.js';
import { payoutState } from './money.js';
import { differenceClass } from './proofs.js';

const count = whole(0, Number.MAX_SAFE_INTEGER);

/** How many, and what they come to together. */
const sum = record({ count, amount });

const movements = {
  /** Statements issued on the day. */
  statements: sum,
  /** Payouts asked for on the day. */
  requested: sum,
  /** Payouts that Alipay carried out on the day; one that came back later stays one of them. */
  succeeded: sum,
  failed: sum,
  cancelled: sum,
  /** Payouts whose money came back on the day. */
  returned: sum,
  /** What is owed to payees again: failed, cancelled and returned. */
  givenBack: sum,
};

/** Payouts that are not final, by where they stand. */
export const openPayouts = record({
  items: z.array(record({ kind, currency, state: payoutState, count, amount })),
  /** By currency; what the items add up to. */
  totals: z.array(record({ currency, count, amount })),
});
/** Payouts that are not final, by where they stand. */
export type OpenPayouts = z.output<typeof openPayouts>;

/** Alerts of a shop by class. */
export const alertCounts = record({
  items: z.array(
    record({
      class: text(64),
      severity: alertSeverity,
      /** Raised on the day, or raised anew. */
      raised: count,
      /** Not over. */
      open: count,
    }),
  ),
  /** What the items add up to. */
  totals: record({ raised: count, open: count }),
});
/** Alerts of a shop by class. */
export type AlertCounts = z.output<typeof alertCounts>;

/** What was foreseen to fall due on the next days, CNY. */
export const foreseenDue = record({
  /** When it was foreseen; null where nothing was. */
  asOf: instant.nullable(),
  days: z.array(record({ day, due: amount })),
  total: amount,
});
/** What was foreseen to fall due on the next days. */
export type ForeseenDue = z.output<typeof foreseenDue>;

/** What a day brought a shop, and what is open now. */
export const dailyReport = record({
  shopId: id,
  /** A day in the shop's time zone. */
  day,
  timezone: text(64),
  from: instant,
  /** Not included. */
  to: instant,
  /** When the report was made: what is open, is open then. */
  asOf: instant,
  /** By kind and currency; null is what was heard before kinds were kept. */
  kinds: z.array(record({ kind: kind.nullable(), currency, ...movements })),
  /** By currency; what the kinds add up to. */
  totals: z.array(record({ currency, ...movements })),
  openPayouts,
  /** The Beijing day of the same date, as Alipay's bills are; CNY. */
  cash: record({
    day,
    state: oneOf(['none', 'running', 'done']),
    ledger: signedAmount.nullable(),
    alipay: signedAmount.nullable(),
    /** The ledger's less Alipay's. */
    difference: signedAmount.nullable(),
    counts: reconciliationCounts.nullable(),
  }),
  /** Open now, whichever day told them; amounts as if all were above nothing. */
  differences: record({
    items: z.array(record({ class: differenceClass, currency, count, amount })),
    totals: z.array(record({ currency, count, amount })),
  }),
  alerts: alertCounts,
  foreseen: foreseenDue,
});
/** What a day brought a shop, and what is open now. */
export type DailyReport = z.output<typeof dailyReport>;
