import { describe, expect, it } from '@jest/globals';
import type { Entry, Statement } from '@qingfen/contracts';
import { statementCsv } from './statement-csv.js';

const entry: Entry = {
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
const statement: Statement = {
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

describe('a statement as CSV', () => {
  it('R-NOT-3 has a line for each entry, with how it came about, and what is null empty', () => {
    const [head, first, second, end, ...more] = statementCsv(statement).split('\r\n');
    expect([end, more]).toEqual(['', []]);
    expect(head).toBe(
      'statementId,shopId,payeeId,kind,period,issuedAt,entryId,orderId,itemId,level,corrects,' +
        'amount,currency,state,maturesAt,planVersion,base,fee,before,share,exact,owed,cappedBy',
    );
    const period = '2026-01-10T02:00:00+08:00';
    expect(first).toBe(
      `st_1,tea,d-1,commission,${period},${period},en_7,o-1,"i,""1""",1,,27.00,CNY,paid,` +
        '2026-01-09T10:00:00+08:00,3,100.00,10.00,90,0.30,27,27.00,',
    );
    expect(second).toBe(
      `st_1,tea,d-1,commission,${period},${period},en_8,o-1,,,en_7,-7.00,CNY,paid,` +
        '2026-01-09T10:00:00+08:00,3,,,,,,,',
    );
  });
});
