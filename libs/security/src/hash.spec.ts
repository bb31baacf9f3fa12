import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { BlindIndex, sameSecret, sha256Hex } from './hash.js';
import { hashPassword, verifyPassword } from './passwords.js';

describe('hashes', () => {
  it('sha256Hex is the published digest of the UTF-8 bytes', () => {
    // Source: FIPS 180-4 example "abc".
    expect(sha256Hex('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it.each([
    ['same', 'same', true],
    ['same', 'sane', false],
    ['same', 'same ', false],
    ['', '', true],
    ['', 'x', false],
  ])('sameSecret(%j, %j) is %j, lengths differing or not', (left, right, same) => {
    expect(sameSecret(left, right)).toBe(same);
  });

  it('R-SEC-2 a blind index finds equal texts under one key only', () => {
    const [one, two] = [randomBytes(32), randomBytes(32)].map((key) => {
      return new BlindIndex(key.toString('base64'));
    });
    expect(one?.of('a@b.c')).toBe(one?.of('a@b.c'));
    expect(one?.of('a@b.c')).not.toBe(one?.of('a@b.d'));
    expect(one?.of('a@b.c')).not.toBe(two?.of('a@b.c'));
    expect(() => new BlindIndex('short')).toThrow('32 bytes');
  });
});

describe('passwords', () => {
  it('verifies the password and nothing else, with a salt of its own', async () => {
    const stored = await hashPassword('päss 中');
    expect(await verifyPassword('päss 中', stored)).toBe(true);
    expect(await verifyPassword('pa\u0308ss 中', stored)).toBe(true);
    expect(await verifyPassword('pass 中', stored)).toBe(false);
    expect(await hashPassword('päss 中')).not.toBe(stored);
  });

  it.each(['', 'plain', 'scrypt$15$8$3$AA==', 'scrypt$99$8$1$AA==$AA==', 'md5$15$8$1$AA==$AA=='])(
    'answers false for %j, which is no hash',
    async (stored) => expect(await verifyPassword('', stored)).toBe(false),
  );
});
