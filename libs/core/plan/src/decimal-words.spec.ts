import { describe, expect, it } from '@jest/globals';
import { notAnAmountSentence, notARateSentence } from './decimal-words.js';

describe('R-RUL-1 why a text is not an amount', () => {
  it.each([
    ['-1.00', 'is negative'],
    ['1-2', 'is not an amount'],
    ['1.234', 'is finer than the 2 decimals'],
    ['1.234x', 'is not an amount'],
    ['x1.234', 'is not an amount'],
    ['1234567890123', 'is too large'],
    ['1234567890123.00', 'is too large'],
    ['x1234567890123', 'is not an amount'],
    ['1234567890123x', 'is not an amount'],
  ])('of %s it says that it %s', (text, words) => {
    expect(notAnAmountSentence(text, 'CNY').message).toContain(words);
  });
});

describe('R-RUL-1 why a text is not a rate', () => {
  it.each([
    ['-0.1', 'is negative'],
    ['30%', 'write it as the rate "0.3"'],
    ['30 ％', 'write it as the rate "0.3"'],
    ['100%', 'write it as the rate "1"'],
    ['3%0', 'is not a rate'],
    ['abc%', 'is not a rate'],
    ['0.1234567', 'is finer than a rate may be'],
    ['12.1234567', 'is finer than a rate may be'],
    ['0.1234567x', 'is not a rate'],
    ['x0.1234567', 'is not a rate'],
  ])('of %s it says that it %s', (text, words) => {
    expect(notARateSentence(text).message).toContain(words);
  });

  it('of a percentage without its sign it does not say that it has one', () => {
    expect(notARateSentence('30').message).not.toContain('percent sign');
  });
});
