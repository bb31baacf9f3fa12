import { describe, expect, it } from '@jest/globals';

import { appIdIn, billAddress, billFileAt } from './bill-address.js';
import type { BillFile } from './bill-address.js';
import { billPeriod } from './bill-period.js';
import type { BillType } from './bill-period.js';
import type { MerchantTerms } from './records.js';

const NOW = Date.parse('2026-03-07T09:00:00+08:00');
const terms: MerchantTerms = {
  appId: '2021',
  pid: '2088123412341234',
  mode: 'key',
  appPublicKey: 'p',
  alipay: { privateKey: 'a secret of Alipay', publicKey: 'q' },
  notifyUrl: null,
  sceneRule: true,
};

function fileOf(type: BillType, date: string): BillFile {
  const period = billPeriod(type, date);
  if (period === undefined) throw new Error(`${date} is no day`);
  return { period, flaw: 'bill-truncated' };
}

function queryOf(file: BillFile): URLSearchParams {
  return new URL(billAddress('http://127.0.0.1:1', terms, file, NOW)).searchParams;
}

describe('a bill’s address', () => {
  it.each([
    ['trade', '2026-03-06'],
    ['signcustomer', '2026-02'],
  ] as const)('names its file and merchant: %s of %s', (type, date) => {
    const query = queryOf(fileOf(type, date));
    expect(appIdIn(query)).toBe('2021');
    expect(billFileAt(query, terms, NOW)).toEqual(fileOf(type, date));
  });

  it('works for 30 seconds', () => {
    const query = queryOf(fileOf('trade', '2026-03-06'));
    expect(billFileAt(query, terms, NOW + 30_000)).toBeDefined();
    expect(billFileAt(query, terms, NOW + 30_001)).toBeUndefined();
  });

  it('cannot be made or changed by anybody else', () => {
    const query = queryOf(fileOf('trade', '2026-03-06'));
    const other = { ...terms, alipay: { ...terms.alipay, privateKey: 'another' } };
    expect(billFileAt(query, other, NOW)).toBeUndefined();
    for (const name of query.keys()) {
      const changed = new URLSearchParams(query);
      changed.set(name, `${query.get(name) ?? ''}1`);
      expect([name, billFileAt(changed, terms, NOW)]).toEqual([name, undefined]);
    }
  });
});

describe('a bill’s period', () => {
  it.each([
    ['2026-03-06', '2026-03-07T09:00:00+08:00'],
    ['2024-02-29', '2024-03-01T09:00:00+08:00'],
    ['2026-02', '2026-03-03T09:00:00+08:00'],
    ['2026-12', '2027-01-03T09:00:00+08:00'],
  ])('%s is there from %s', (date, ready) => {
    expect(billPeriod('trade', date)?.readyAtMs).toBe(Date.parse(ready));
  });

  it.each(['2026-02-29', '2026-13', '2026-00-10', '2026', '2026-3-6', ''])('%s is none', (text) => {
    expect(billPeriod('trade', text)).toBeUndefined();
  });
});
