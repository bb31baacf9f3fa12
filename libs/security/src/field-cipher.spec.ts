import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { DecryptionFailed, FieldCipher, keyIdOf } from './field-cipher.js';

const oldKey = randomBytes(32).toString('base64');
const newKey = randomBytes(32).toString('base64');
const before = new FieldCipher({ current: 'k1', keys: { k1: oldKey } });
const after = new FieldCipher({ current: 'k2', keys: { k1: oldKey, k2: newKey } });

describe('FieldCipher', () => {
  it('R-SEC-2 gives back every text under its own context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
        return before.decrypt(before.encrypt(text, context), context) === text;
      }),
    );
  });

  it('R-SEC-2 gives another cipher each time', () => {
    expect(before.encrypt('text', 'c')).not.toBe(before.encrypt('text', 'c'));
  });

  it('R-SEC-2 refuses a cipher moved to another row or column', () => {
    const cipher = before.encrypt('2088123', 'payee:s1:p1:identity');
    expect(() => before.decrypt(cipher, 'payee:s1:p2:identity')).toThrow(DecryptionFailed);
    expect(() => before.decrypt(cipher, 'payee:s1:p1:name')).toThrow(DecryptionFailed);
  });

  it('R-SEC-2 refuses every changed character', () => {
    const cipher = before.encrypt('secret', 'c');
    for (let at = 0; at < cipher.length; at += 1) {
      const other = cipher[at] === 'A' ? 'B' : 'A';
      const changed = cipher.slice(0, at) + other + cipher.slice(at + 1);
      expect(() => before.decrypt(changed, 'c')).toThrow(DecryptionFailed);
    }
  });

  it('R-SEC-2 refuses data keys and bodies exchanged between two ciphers of one context', () => {
    const [left, right] = [
      before.encrypt('a', 'c').split('.'),
      before.encrypt('b', 'c').split('.'),
    ];
    const mixed = [left[0], left[1], left[2], right[3]].join('.');
    expect(() => before.decrypt(mixed, 'c')).toThrow(DecryptionFailed);
  });

  it.each(['', 'plain', 'v1', 'v1.k1', 'v1.k1..', 'v1.k1.AAAA.AAAA', 'v2.k1.a.b', 'v1.k9.AA.AA'])(
    'R-SEC-2 refuses %j, which is no field of ours',
    (text) => expect(() => before.decrypt(text, 'c')).toThrow(DecryptionFailed),
  );

  it('R-SEC-2 reads what the old key wrote, writes under the new one, and wraps anew', () => {
    const written = before.encrypt('text', 'c');
    expect(after.decrypt(written, 'c')).toBe('text');
    const rewrapped = after.rewrap(written, 'c');
    expect(keyIdOf(rewrapped)).toBe('k2');
    expect(rewrapped.split('.')[3]).toBe(written.split('.')[3]);
    expect(after.decrypt(rewrapped, 'c')).toBe('text');
    expect(after.rewrap(rewrapped, 'c')).toBe(rewrapped);
    const onlyNew = new FieldCipher({ current: 'k2', keys: { k2: newKey } });
    expect(onlyNew.decrypt(rewrapped, 'c')).toBe('text');
    expect(() => onlyNew.decrypt(written, 'c')).toThrow(DecryptionFailed);
    expect(() => after.rewrap(written, 'other')).toThrow(DecryptionFailed);
  });

  it('R-SEC-2 refuses to start with wrong keys', () => {
    expect(() => new FieldCipher({ current: 'k2', keys: { k1: oldKey } })).toThrow('k2');
    const short = Buffer.alloc(16).toString('base64');
    expect(() => new FieldCipher({ current: 'k1', keys: { k1: short } })).toThrow('32 bytes');
    expect(() => new FieldCipher({ current: 'a.b', keys: { 'a.b': oldKey } })).toThrow('key id');
  });
});
