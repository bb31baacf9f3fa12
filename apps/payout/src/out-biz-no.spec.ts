import { describe, expect, it } from '@jest/globals';
import { maskIdentity, maskName } from './masking.js';
import { outBizNoOf } from './out-biz-no.js';

describe('the number of a payout', () => {
  it('R-ALI-1 lesson 2: is derived from shop and payout, and differs between shops', () => {
    // printf 's-1|po_1' | sha256sum
    expect(outBizNoOf({ shopId: 's-1', payoutId: 'po_1' })).toBe(
      'QF2e677757cbe5821c4f2f2700f97c73',
    );
    const other = outBizNoOf({ shopId: 's-2', payoutId: 'po_1' });
    expect(other).toMatch(/^QF[0-9a-f]{30}$/);
    expect(other).not.toBe(outBizNoOf({ shopId: 's-1', payoutId: 'po_1' }));
  });
});

describe('what is shown of an account', () => {
  it.each([
    ['13800138000', '138****8000'],
    ['li.lei@example.com', 'li***@example.com'],
    ['a@example.com', '***@example.com'],
    ['2088102175794899', '208****4899'],
    ['abc', 'a***'],
  ])('R-SEC-2 hides %s', (identity, shown) => {
    expect(maskIdentity(identity)).toBe(shown);
  });

  it.each([
    ['张三', '*三'],
    ['李', '*'],
    ['欧阳娜娜', '***娜'],
  ])('R-SEC-2 hides %s', (name, shown) => {
    expect(maskName(name)).toBe(shown);
  });
});
