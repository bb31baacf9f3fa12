import { describe, expect, it } from '@jest/globals';
import { deadLetterSchema } from '@qingfen/contracts';
import type { DeadLetter } from '@qingfen/messaging';
import { letterShown } from './dead-letter.view.js';

const letter: DeadLetter = {
  topic: 'order-completed',
  partition: 0,
  offset: '4',
  key: Buffer.from('o-1'),
  value: Buffer.from('{"a":1}'),
  headers: {
    'x-error': Buffer.from('invalid-data'),
    'x-reason': Buffer.from('data.shopId is missing'),
    'x-original-partition': Buffer.from('3'),
    'x-original-offset': Buffer.from('17'),
    'x-failed-at': Buffer.from('2026-01-05T02:00:00.000Z'),
  },
};

describe('a dead letter as it is shown', () => {
  it('tells what failed, why, where and when', () => {
    const shown = letterShown(letter);
    expect(shown).toEqual({
      topic: 'order-completed',
      offset: '4',
      originalPartition: 3,
      originalOffset: '17',
      key: 'o-1',
      value: '{"a":1}',
      valueBytes: 7,
      error: 'invalid-data',
      reason: 'data.shopId is missing',
      failedAt: '2026-01-05T10:00:00+08:00',
    });
    expect(deadLetterSchema.parse(shown)).toEqual(shown);
  });

  it('is shown too when nobody of ours has written it', () => {
    const headers = { 'x-error': Buffer.from('odd'), 'x-failed-at': Buffer.from('yesterday') };
    const shown = letterShown({ ...letter, key: null, value: null, headers });
    expect(shown).toMatchObject({
      originalPartition: null,
      originalOffset: null,
      key: null,
      value: null,
      valueBytes: 0,
      error: 'unknown',
      reason: '',
      failedAt: null,
    });
    expect(deadLetterSchema.parse(shown)).toEqual(shown);
  });

  it('is cut where it is long', () => {
    const value = Buffer.from('清'.repeat(1_000_000));
    const shown = letterShown({ ...letter, value });
    expect(shown.value).toBe('清'.repeat(64 * 1024));
    expect(shown.valueBytes).toBe(3_000_000);
  });

  it.each([
    '{"alipay":{"identity":"13800138000","name":"张三","identityType":"ALIPAY_LOGON_ID"}}',
    '{"alipay": {"identity" : "a\\"13800138000", "name":\t"张三"',
    '{"identity":"13800138000',
  ])('R-SEC-2 shows no account and no name of a payee: %s', (text) => {
    const shown = letterShown({ ...letter, topic: 'payee-upserted', value: Buffer.from(text) });
    expect(shown.value).not.toMatch(/13800138000|张三/);
    expect(shown.value).toContain('"identity"');
  });
});
