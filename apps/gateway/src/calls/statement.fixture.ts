import type { Entry, Statement } from '@qingfen/contracts';

/** What an order owes. */
export const entry: Entry = {
  entryId: 'en_7',
  itemId: 'i,"1"',
  orderId: 'o-1',
  kind: 'commission',
  level: 1,
  payeeId: 'd-1',
  amount: '27.00',
  currency: 'CNY',
  state: 'paid',
  maturesAt: '2026-01-09T10:00:00+08:00',
  holds: [],
  corrects: null,
  statementId: 'st_1',
  planVersion: 3,
  how: {
    base: '100.00',
    fee: '10.00',
    before: '90',
    share: '0.30',
    exact: '27',
    owed: '27.00',
    cappedBy: null,
  },
};
const clawback: Entry = {
  ...entry,
  entryId: 'en_8',
  itemId: null,
  level: null,
  amount: '-7.00',
  corrects: 'en_7',
  how: null,
};
/** A statement of an entry and of what a refund took back of it. */
export const statement: Statement = {
  statementId: 'st_1',
  shopId: 'tea',
  payeeId: 'd-1',
  kind: 'commission',
  period: '2026-01-10T02:00:00+08:00',
  cutoff: '2026-01-10T00:00:00+08:00',
  issuedAt: '2026-01-10T02:00:00+08:00',
  currency: 'CNY',
  net: '20.00',
  state: 'paid',
  entries: [entry, clawback],
  payoutIds: ['po_1'],
};
