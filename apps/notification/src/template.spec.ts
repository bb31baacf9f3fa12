import { describe, expect, it } from '@jest/globals';
import { latestVersion, render, templateOf, type TemplateKey } from './template.js';
import { tellingOfPayout, tellingOfPlanChange, tellingOfStatement, valuesOf } from './wording.js';

const statement = {
  shopId: 'shop-1',
  statementId: 'st-1',
  payeeId: 'd-1',
  kind: 'commission' as const,
  period: '2026-01-05T02:00:00+08:00',
  cutoff: '2026-01-04T16:00:00Z',
  issuedAt: '2026-01-04T18:00:00Z',
  currency: 'CNY',
  net: '27.00',
  entryCount: 3,
};
const result = {
  shopId: 'shop-1',
  payoutId: 'po-1',
  statementId: 'st-1',
  payeeId: 'd-1',
  kind: 'supplier' as const,
  seq: 3,
  amount: '45.36',
  currency: 'CNY',
  at: '2026-01-05T02:00:09+08:00',
};
const names = { shop: '好店', timezone: 'Asia/Shanghai', payee: '张三' };

function mailOf(key: TemplateKey, values: Readonly<Record<string, string>>) {
  return render(templateOf(key, latestVersion(key)), values);
}

describe('what payees read', () => {
  it('R-SUP-2 R-NOT-1 tells a statement in Chinese and English with all that it is about', () => {
    const telling = tellingOfStatement(statement);
    expect(telling).toMatchObject({
      deliveryId: 'statement:st-1:mail',
      template: 'statement-issued',
    });
    const { subject, body } = mailOf(telling.template, valuesOf(telling, names));
    expect(subject).toBe(
      '【好店】分销佣金结算单：27.00 CNY / 好店: commission statement, 27.00 CNY',
    );
    for (const part of [
      '张三',
      '分销佣金',
      'commission',
      '2026-01-05 02:00:00 (UTC+08:00)',
      '27.00 CNY',
      'st-1',
      '明细条数：3',
      'Entries: 3',
    ]) {
      expect(body).toContain(part);
    }
  });

  it('R-TAX-1 R-NOT-1 tells gross, tax and net of a statement that tax was withheld of', () => {
    const taxed = { ...statement, gross: '33.75', withheld: '6.75' };
    const telling = tellingOfStatement(taxed);
    expect(telling.template).toBe('statement-taxed');
    const { subject, body } = mailOf(telling.template, valuesOf(telling, names));
    expect(subject).toContain('27.00 CNY');
    for (const part of [
      '税前总额：33.75 CNY',
      '代扣税额：6.75 CNY',
      '应付净额：27.00 CNY',
      'Gross amount: 33.75 CNY',
      'Tax withheld: 6.75 CNY',
      'Net amount: 27.00 CNY',
    ]) {
      expect(body).toContain(part);
    }
    const untaxed = tellingOfStatement({ ...statement, gross: '27.00', withheld: '0.00' });
    expect(untaxed).toEqual(tellingOfStatement(statement));
  });

  it('R-RUL-5 R-NOT-1 tells a change of the plan before it takes effect, and its withdrawal', () => {
    const change = {
      shopId: 'shop-1',
      payeeId: 'd-1',
      version: 7,
      publishedAt: '2026-01-05T02:00:00Z',
      effectiveFrom: '2026-01-08T02:00:00Z',
    };
    const telling = tellingOfPlanChange(change);
    expect(telling).toMatchObject({
      deliveryId: 'plan:7:announced:d-1:mail',
      subject: { type: 'plan-version', id: '7' },
    });
    const mail = mailOf(telling.template, valuesOf(telling, names));
    expect(mail.subject).toBe(
      '【好店】结算规则将于 2026-01-08 10:00:00 (UTC+08:00) 变更 / ' +
        '好店: settlement rules change on 2026-01-08 10:00:00 (UTC+08:00)',
    );
    expect(mail.body).toContain('第 7 版');
    expect(mail.body).toContain('此前付款的订单仍按原规则结算');
    expect(mail.body).toContain(
      'Orders paid at or after that instant are settled under the new rules',
    );
    expect(mail.body).toContain('Published: 2026-01-05 10:00:00 (UTC+08:00)');
    const back = tellingOfPlanChange({ ...change, withdrawnAt: '2026-01-06T02:00:00Z' });
    expect(back.deliveryId).toBe('plan:7:withdrawn:d-1:mail');
    const said = mailOf(back.template, valuesOf(back, names)).body;
    expect(said).toContain('撤回时间：2026-01-06 10:00:00 (UTC+08:00)');
    expect(said).toContain('They will not take effect');
  });

  it('uses ids for names that were never told, and words for a period that is a retry', () => {
    const telling = tellingOfStatement({ ...statement, period: 'retry:po-9' });
    const { body } = mailOf(
      telling.template,
      valuesOf(telling, { shop: null, timezone: null, payee: null }),
    );
    expect(body).toContain('d-1，您好');
    expect(body).toContain('重新付款 po-9');
    expect(body).toContain('paid again: po-9');
  });

  it.each([
    [{ status: 'succeeded' as const }, 'payout-succeeded'],
    [{ status: 'failed' as const }, 'payout-failed'],
    [{ status: 'failed' as const, payeeFault: true }, 'payout-failed-account'],
    [{ status: 'returned' as const }, 'payout-returned'],
  ])('R-NOT-1 tells a payout that ended as %j', (ending, template) => {
    const failure = { code: '40004', subCode: 'PAYEE_NOT_EXIST', message: '收款账号不存在' };
    const telling = tellingOfPayout({ ...result, ...ending, failure });
    expect(telling?.template).toBe(template);
    expect(telling?.deliveryId).toBe('payout:po-1:3:mail');
    if (telling === null) return;
    const { body } = mailOf(telling.template, valuesOf(telling, names));
    expect(body).toContain('45.36 CNY');
    expect(body).toContain('2026-01-05 02:00:09 (UTC+08:00)');
    expect(body.includes('收款账号不存在')).toBe(template === 'payout-failed-account');
  });

  it('does not tell a cancelled payout', () => {
    expect(tellingOfPayout({ ...result, status: 'cancelled' })).toBeNull();
  });

  it('keeps a subject on one line, whatever a name holds', () => {
    const telling = tellingOfStatement(statement);
    const values = valuesOf(telling, { ...names, shop: 'a\r\nBcc: x@y.test' });
    expect(mailOf(telling.template, values).subject).not.toMatch(/[\r\n]/);
  });

  it('refuses a template that was never shipped', () => {
    expect(() => templateOf('statement-issued', 99)).toThrow('no template');
  });
});
