import { describe, expect, it } from '@jest/globals';
import type { DailyReport } from '@qingfen/contracts';
import { fullReport, noFigures, quietReport } from './digest-report.fixture.js';
import { isQuiet, tellingOfDay } from './digest.js';
import { latestVersion, render, templateOf, type Wording } from './template.js';
import { valuesOf } from './wording.js';

const names = { shop: '好店', timezone: 'Asia/Shanghai', payee: null };
const edition = { shopId: 'shop-1', day: '2026-01-05', edition: 1, corrects: false };

function mailOf(report: DailyReport, told = edition): Wording {
  const telling = tellingOfDay(report, told);
  const template = templateOf(telling.template, latestVersion(telling.template));
  return render(template, valuesOf(telling, names));
}

describe('what an operator reads of a day', () => {
  it('R-OPS-1 tells in Chinese and English what was paid, and how much wants somebody', () => {
    const { subject, body } = mailOf(fullReport);
    expect(subject).toBe(
      '【好店】2026-01-05 结算日报：付款 127.00 CNY，5 项待处理 / ' +
        '好店: daily report of 2026-01-05, 127.00 CNY paid, 5 to look at',
    );
    for (const line of [
      '- 分销佣金（CNY）：结算单 2 / 45.00；申请付款 2 / 45.00；付款成功 1 / 27.00；付款未成功 1 / 18.00；重新计入应付 1 / 18.00',
      '- 供应商货款（CNY）：付款成功 1 / 100.00',
      '- supplier (CNY): paid 1 / 100.00',
      '- 支付宝 90.00，账簿 100.00，差额 10.00 CNY',
      '- payouts waiting (commission): 2, 8.00 CNY',
      '- 付款待审核（分销佣金）：1 笔，500.00 CNY',
      '- 合计：4 笔，538.00 CNY',
      '- 2026-01-08：60.00 CNY',
      '2026-01-06 09:00:05 (UTC+08:00)',
      '/api/v1/shops/shop-1/reports/daily/2026-01-05',
    ]) {
      expect(body).toContain(line);
    }
    expect(body).not.toContain('2026-01-07');
  });

  it('R-OPS-1 R-REC-3 names everything that wants somebody, and nothing else, above all else', () => {
    const { body } = mailOf(fullReport);
    const [, english = ''] = body.split('----');
    const [, needs = ''] = /somebody to look at:\n([^]*?)\n\n/.exec(english) ?? [];
    expect(needs.split('\n')).toEqual([
      '- the balance differs by 10.00 CNY',
      '- difference unknown-transfer-out: 1, 77.00 CNY',
      '- payouts review (commission): 1, 500.00 CNY',
      '- payouts unknown (supplier): 1, 30.00 CNY',
      '- critical alert balance-differs: 1 (docs/runbooks/balance-differs.md)',
    ]);
    const calm = { ...quietReport, totals: [noFigures], kinds: [] };
    expect(mailOf(calm).body).toContain('需要人工处理：\n- 无\n');
    expect(mailOf(calm).subject).toContain('付款 0，无待处理');
  });

  it('R-OPS-1 says of a second edition that it corrects the first', () => {
    const { subject, body } = mailOf(fullReport, { ...edition, edition: 2, corrects: true });
    expect(subject).toContain('结算日报（更正）');
    expect(subject).toContain('corrected daily report');
    expect(body).toContain('本邮件更正此前的日报。');
    const ids = [1, 2].map(
      (no) => tellingOfDay(fullReport, { ...edition, edition: no }).deliveryId,
    );
    expect(ids).toEqual(['digest:2026-01-05:1:mail', 'digest:2026-01-05:2:mail']);
  });

  it('R-OPS-1 says that a day was not compared where it was not', () => {
    const nothing = { ledger: null, alipay: null, difference: null, counts: null };
    const cash = { day: '2026-01-05', state: 'running' as const, ...nothing };
    expect(mailOf({ ...fullReport, cash }).body).toContain('- 尚未核对');
  });
});

describe('a quiet day', () => {
  const counts = { orders: 0, entries: 0, statements: 0, payouts: 0, billLines: 0 };
  const alertOf = (severity: 'info' | 'warning', open: number): Partial<DailyReport> => ({
    alerts: { items: [{ class: 'x', severity, raised: 1, open }], totals: { raised: 1, open } },
  });
  const of: readonly (readonly [what: string, change: Partial<DailyReport>, isQuiet: boolean])[] = [
    ['nothing at all', {}, true],
    ['an alert that informs', alertOf('info', 1), true],
    ['an alert that is over', alertOf('warning', 0), true],
    ['an alert that is open', alertOf('warning', 1), false],
    ['a movement', { totals: [noFigures] }, false],
    [
      'a line on the bill',
      { cash: { ...quietReport.cash, counts: { ...counts, billLines: 1 } } },
      false,
    ],
    ['a balance that differs', { cash: { ...quietReport.cash, difference: '-0.01' } }, false],
    ['an open payout', { openPayouts: fullReport.openPayouts }, false],
    ['an open difference', { differences: fullReport.differences }, false],
  ];

  it.each(of)('R-OPS-1 is judged by %s', (_, change, expected) => {
    expect(isQuiet({ ...quietReport, ...change })).toBe(expected);
  });
});
