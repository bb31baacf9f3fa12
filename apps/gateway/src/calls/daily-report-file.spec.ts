import { describe, expect, it } from '@jest/globals';
import type { DailyReport } from '@qingfen/contracts';
import { dailyReportCsv, dailyReportWorkbook } from './daily-report-file.js';

const sum = { count: 2, amount: '45.00' };
const figures = {
  currency: 'CNY',
  ...{ statements: sum, requested: sum, succeeded: sum, failed: sum },
  ...{ cancelled: sum, returned: sum, givenBack: { count: 6, amount: '135.00' } },
};
const report: DailyReport = {
  shopId: 'shop-1',
  day: '2026-01-05',
  timezone: 'Asia/Shanghai',
  from: '2026-01-05T00:00:00+08:00',
  to: '2026-01-06T00:00:00+08:00',
  asOf: '2026-01-06T09:00:05+08:00',
  kinds: [{ kind: null, ...figures }],
  totals: [figures],
  openPayouts: {
    items: [{ kind: 'supplier', currency: 'CNY', state: 'review', count: 1, amount: '5.00' }],
    totals: [{ currency: 'CNY', count: 1, amount: '5.00' }],
  },
  cash: {
    day: '2026-01-05',
    ...{ state: 'running', ledger: null, alipay: null, difference: null, counts: null },
  },
  differences: {
    items: [{ class: 'duplicate', currency: 'CNY', count: 1, amount: '7.00' }],
    totals: [{ currency: 'CNY', count: 1, amount: '7.00' }],
  },
  alerts: {
    items: [{ class: 'no-plan', severity: 'warning', raised: 1, open: 3 }],
    totals: { raised: 1, open: 3 },
  },
  foreseen: { asOf: null, days: [{ day: '2026-01-07', due: '9.00' }], total: '9.00' },
};

describe("a day's report as a file", () => {
  it('R-REC-1 is CSV with a line for each figure, of the parts and of all of them', () => {
    const [head, ...lines] = dailyReportCsv(report).split('\r\n');
    expect(head).toBe('shopId,day,timezone,section,of,item,currency,count,amount');
    const told = lines.map((line) => line.replace('shop-1,2026-01-05,Asia/Shanghai,', ''));
    expect(told).toEqual([
      'movements,unknown,statements,CNY,2,45.00',
      'movements,unknown,requested,CNY,2,45.00',
      'movements,unknown,succeeded,CNY,2,45.00',
      'movements,unknown,failed,CNY,2,45.00',
      'movements,unknown,cancelled,CNY,2,45.00',
      'movements,unknown,returned,CNY,2,45.00',
      'movements,unknown,givenBack,CNY,6,135.00',
      'movements,all,statements,CNY,2,45.00',
      'movements,all,requested,CNY,2,45.00',
      'movements,all,succeeded,CNY,2,45.00',
      'movements,all,failed,CNY,2,45.00',
      'movements,all,cancelled,CNY,2,45.00',
      'movements,all,returned,CNY,2,45.00',
      'movements,all,givenBack,CNY,6,135.00',
      'open-payouts,supplier,review,CNY,1,5.00',
      'open-payouts,all,all,CNY,1,5.00',
      'differences,open,duplicate,CNY,1,7.00',
      'differences,all,all,CNY,1,7.00',
      'alerts-raised,warning,no-plan,,1,',
      'alerts-open,warning,no-plan,,3,',
      'alerts-raised,all,all,,1,',
      'alerts-open,all,all,,3,',
      'cash,2026-01-05,ledger,CNY,,',
      'cash,2026-01-05,alipay,CNY,,',
      'cash,2026-01-05,difference,CNY,,',
      'foreseen,due,2026-01-07,CNY,,9.00',
      'foreseen,due,all,CNY,,9.00',
      '',
    ]);
  });

  it('R-REC-1 is a workbook', async () => {
    const bytes = await dailyReportWorkbook(report);
    expect(bytes.subarray(0, 2).toString('latin1')).toBe('PK');
    expect(bytes.length).toBeGreaterThan(2_000);
  });
});
