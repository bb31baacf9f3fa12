import { describe, expect, it } from '@jest/globals';
import type { DeadLetter } from '@qingfen/messaging';
import { wholeText } from './on-screen.js';

const letter: DeadLetter = {
  topic: 'payout-result',
  partition: 0,
  offset: '4',
  key: Buffer.from('d-1'),
  value: Buffer.from('{"a":"\u001b[2J"}'),
  headers: { 'x-error': Buffer.from('invalid-data') },
};

describe('a dead letter on a screen', () => {
  it('gives a terminal no orders', () => {
    const broken = { ...letter, value: Buffer.from('{"a":\u001b[2J'), key: Buffer.from('\u0007') };
    const text = wholeText(broken);
    expect(text).toContain('{"a":\\u001b[2J');
    expect(text).toContain('key: \\u0007');
    expect(text).not.toMatch(/[\u0007\u001b]/);
    expect(wholeText(letter)).toContain('\\u001b');
  });
});
