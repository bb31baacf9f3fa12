import { describe, expect, it } from '@jest/globals';
import { ReplicaChoice, wasRefused } from './replica-choice.js';

const urls = ['http://a', 'http://b', 'http://c'];

describe('ReplicaChoice', () => {
  it('R-ARC-1 begins with its own number and goes round', () => {
    expect(new ReplicaChoice(urls, 0).order(0)).toEqual(['http://a', 'http://b', 'http://c']);
    expect(new ReplicaChoice(urls, 1).order(0)).toEqual(['http://b', 'http://c', 'http://a']);
    expect(new ReplicaChoice(urls, 5).order(0)).toEqual(['http://c', 'http://a', 'http://b']);
    expect(new ReplicaChoice([], 1).order(0)).toEqual([]);
  });

  it('R-ARC-1 asks one that failed last, for a while or until it answers', () => {
    const choice = new ReplicaChoice(urls, 0);
    choice.noteFailed('http://a', 1_000);
    expect(choice.order(1_001)).toEqual(['http://b', 'http://c', 'http://a']);
    expect(choice.order(3_000)).toEqual(urls);
    choice.noteFailed('http://b', 3_000);
    choice.noteAnswered('http://b');
    expect(choice.order(3_001)).toEqual(urls);
  });
});

describe('wasRefused', () => {
  const coded = (code: string): Error => Object.assign(new Error(code), { code });

  it.each([
    [
      'a refused connection under fetch',
      new TypeError('x', { cause: coded('ECONNREFUSED') }),
      true,
    ],
    ['a host nobody knows', coded('ENOTFOUND'), true],
    ['a broken connection', new TypeError('x', { cause: coded('ECONNRESET') }), false],
    [
      'every address refused',
      new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')]),
      true,
    ],
    ['one address that broke', new AggregateError([coded('ECONNREFUSED'), coded('EPIPE')]), false],
    ['a time-out', new DOMException('late', 'TimeoutError'), false],
    ['nothing', null, false],
  ])('knows %s', (_what, error, refused) => {
    expect(wasRefused(error)).toBe(refused);
  });
});
