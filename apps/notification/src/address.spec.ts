import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressOf } from './address.js';

const pattern = '{payeeId}.{shopId}@payees.example.test';

describe('addressOf', () => {
  it.each([
    ['d-1', 'shop-1', 'd-1.shop-1@payees.example.test'],
    ['a@b.c', 'shop:1', 'a=40b=2Ec.shop=3A1@payees.example.test'],
  ])('writes payee %s of shop %s as %s', (payeeId, shopId, address) => {
    expect(addressOf(pattern, { shopId, payeeId })).toBe(address);
  });

  it('takes a pattern without ids as it is', () => {
    expect(addressOf('all@example.test', { shopId: 's', payeeId: 'p' })).toBe('all@example.test');
  });

  it('gives distinct payees distinct addresses that mail servers take', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/);
    fc.assert(
      fc.property(id, id, id, id, (a, b, c, d) => {
        const one = addressOf(pattern, { payeeId: a, shopId: b });
        const other = addressOf(pattern, { payeeId: c, shopId: d });
        const isValid = /^[A-Za-z0-9=._-]{1,64}@payees\.example\.test$/.test(one);
        return isValid && !one.includes('..') && (one === other) === (a === c && b === d);
      }),
    );
  });
});
