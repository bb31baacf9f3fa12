import { describe, expect, it } from '@jest/globals';
import type { Reconciliation } from '@qingfen/contracts';
import { reconciliationCsv, reconciliationWorkbook } from './reconciliation-file.js';

const report: Reconciliation = {
  day: '2026-01-05',
  state: 'done',
  counts: { orders: 2, entries: 8, statements: 1, payouts: 1, billLines: 3 },
  balance: { ledger: '90.00', alipay: '90.00', difference: '0.00' },
  clearing: { orders: 2, settled: 2, waiting: 0, open: 0, amount: '0.00' },
  differences: [
    {
      differenceId: 'df_1',
      class: 'unknown-transfer-out',
      amount: '10.00',
      currency: 'CNY',
      ours: null,
      theirs: { title: '=1+1, "奖金"' },
      subject: { type: 'bill-line', id: '3001' },
      state: 'open',
      day: '2026-01-05',
      openedAt: '2026-01-06T09:00:00+08:00',
      ageDays: 0,
      suggestion: 'Look.',
      suggestionZh: '查看。',
      closed: null,
    },
  ],
  bill: { sha256: 'a'.repeat(64), bytes: 400, lines: 3, problem: null },
  waitsFor: null,
};

describe('a day as a file', () => {
  it('R-REC-1 is CSV with a line for each difference and the evidence in it', () => {
    const [head, line, ...rest] = reconciliationCsv(report).split('\r\n');
    expect(head).toMatch(/^differenceId,day,class,state,/);
    expect(line).toContain('df_1,2026-01-05,unknown-transfer-out,open,bill-line,3001,10.00,CNY');
    expect(line).toContain('"{""title"":""=1+1, \\""奖金\\""""}"');
    expect(rest).toEqual(['']);
  });

  it('R-REC-1 is a workbook', async () => {
    const bytes = await reconciliationWorkbook(report);
    expect(bytes.subarray(0, 2).toString('latin1')).toBe('PK');
    expect(bytes.length).toBeGreaterThan(1_000);
  });
});
