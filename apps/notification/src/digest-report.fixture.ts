import type { DailyReport } from '@qingfen/contracts';

const nothing = { count: 0, amount: '0.00' };

/** Figures of a day on which nothing has moved. */
export const noFigures = {
  currency: 'CNY',
  statements: nothing,
  requested: nothing,
  succeeded: nothing,
  failed: nothing,
  cancelled: nothing,
  returned: nothing,
  givenBack: nothing,
};

/** A day of which there is nothing to tell. */
export const quietReport: DailyReport = {
  shopId: 'shop-1',
  day: '2026-01-05',
  timezone: 'Asia/Shanghai',
  from: '2026-01-05T00:00:00+08:00',
  to: '2026-01-06T00:00:00+08:00',
  asOf: '2026-01-06T09:00:05+08:00',
  kinds: [],
  totals: [],
  openPayouts: { items: [], totals: [] },
  cash: {
    day: '2026-01-05',
    state: 'done',
    ledger: '90.00',
    alipay: '90.00',
    difference: '0.00',
    counts: { orders: 0, entries: 0, statements: 0, payouts: 0, billLines: 0 },
  },
  differences: { items: [], totals: [] },
  alerts: { items: [], totals: { raised: 0, open: 0 } },
  foreseen: { asOf: null, days: [], total: '0.00' },
};

const sum = (count: number, amount: string) => ({ count, amount });

const commission = {
  ...noFigures,
  statements: sum(2, '45.00'),
  requested: sum(2, '45.00'),
  succeeded: sum(1, '27.00'),
  failed: sum(1, '18.00'),
  givenBack: sum(1, '18.00'),
};
const supplier = { ...noFigures, succeeded: sum(1, '100.00') };

/** A day with something of everything. */
export const fullReport: DailyReport = {
  ...quietReport,
  kinds: [
    { kind: 'commission', ...commission },
    { kind: 'supplier', ...supplier },
  ],
  totals: [{ ...commission, succeeded: sum(2, '127.00') }],
  openPayouts: {
    items: [
      { kind: 'commission', currency: 'CNY', state: 'review', count: 1, amount: '500.00' },
      { kind: 'commission', currency: 'CNY', state: 'waiting', count: 2, amount: '8.00' },
      { kind: 'supplier', currency: 'CNY', state: 'unknown', count: 1, amount: '30.00' },
    ],
    totals: [{ currency: 'CNY', count: 4, amount: '538.00' }],
  },
  cash: { ...quietReport.cash, ledger: '100.00', difference: '10.00' },
  differences: {
    items: [{ class: 'unknown-transfer-out', currency: 'CNY', count: 1, amount: '77.00' }],
    totals: [{ currency: 'CNY', count: 1, amount: '77.00' }],
  },
  alerts: {
    items: [
      { class: 'balance-differs', severity: 'critical', raised: 1, open: 1 },
      { class: 'forged-message', severity: 'critical', raised: 1, open: 0 },
      { class: 'no-plan', severity: 'warning', raised: 0, open: 3 },
    ],
    totals: { raised: 2, open: 4 },
  },
  foreseen: {
    asOf: '2026-01-06T09:00:00+08:00',
    days: [
      { day: '2026-01-07', due: '0.00' },
      { day: '2026-01-08', due: '60.00' },
    ],
    total: '60.00',
  },
};
