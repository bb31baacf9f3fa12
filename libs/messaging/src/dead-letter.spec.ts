import { describe, expect, it } from '@jest/globals';
import { originalOf, originOf, type DeadLetter } from './dead-letter.js';

const letter: DeadLetter = {
  topic: 'payout-result',
  partition: 0,
  offset: '4',
  key: Buffer.from('d-1'),
  value: Buffer.from('{"a":"\u001b[2J"}'),
  headers: {
    'x-signature': Buffer.from('k-1:c2ln'),
    'x-correlation-id': [Buffer.from('c-1'), Buffer.from([0xff])],
    'x-error': Buffer.from('invalid-data'),
    'x-reason': Buffer.from('data.seq is missing'),
    'x-original-topic': Buffer.from('payout-result'),
    'x-original-partition': Buffer.from('3'),
    'x-original-offset': Buffer.from('17'),
    'x-failed-at': Buffer.from('2026-01-05T10:00:00+08:00'),
  },
};

describe('a dead letter', () => {
  it('tells why and where from', () => {
    expect(originOf(letter)).toEqual({
      error: 'invalid-data',
      reason: 'data.seq is missing',
      topic: 'payout-result',
      partition: '3',
      offset: '17',
      failedAt: '2026-01-05T10:00:00+08:00',
    });
    expect(originOf({ ...letter, headers: {} }).error).toBeNull();
  });

  it('gives the original back byte for byte, its signature with it', () => {
    expect(originalOf(letter)).toEqual({
      key: letter.key,
      value: letter.value,
      headers: {
        'x-signature': Buffer.from('k-1:c2ln'),
        'x-correlation-id': [Buffer.from('c-1'), Buffer.from([0xff])],
      },
    });
    expect(originalOf({ ...letter, value: null })).toBeNull();
  });
});
