import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseEvent, type EventOf } from '@qingfen/contracts';
import { refundValue, type RefundParts } from './fixtures/messages.js';
import { derivedUuid, eventKey, factDigest, shardCount, shardOf } from './identity.js';

function refund(parts: RefundParts): EventOf<'order-refunded'> {
  const parsed = parseEvent('order-refunded', refundValue(parts));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.event;
}

describe('derivedUuid', () => {
  it('is a uuid that tells apart what joining would mix up', () => {
    const uuid = derivedUuid('ab', 'c');
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid).toBe(derivedUuid('ab', 'c'));
    expect(uuid).not.toBe(derivedUuid('a', 'bc'));
  });
});

describe('eventKey', () => {
  it('differs whenever source or id differ', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
        const isSame = a === c && b === d;
        return (eventKey({ source: a, id: b }) === eventKey({ source: c, id: d })) === isSame;
      }),
    );
  });
});

describe('factDigest', () => {
  const base = refund({ amount: '5.00' });

  it.each<[string, RefundParts]>([
    ['decimals that say the same', { amount: '5' }],
    ['one decimal', { amount: '5.0' }],
    ['unknown fields', { amount: '5.00', extra: { note: 'x' } }],
    [
      'an instant with another offset',
      { extra: { refundedAt: '2026-02-01T00:00:00Z' }, amount: '5' },
    ],
  ])('does not see %s', (_, parts) => {
    expect(factDigest(refund(parts))).toBe(factDigest(base));
  });

  it.each<[string, RefundParts]>([
    ['an amount', { amount: '5.01' }],
    ['ten times it', { amount: '50.00' }],
    ['an id', { amount: '5.00', orderId: 'o-2' }],
    ['an instant', { amount: '5.00', extra: { refundedAt: '2026-02-01T08:00:01+08:00' } }],
  ])('sees another %s', (_, parts) => {
    expect(factDigest(refund(parts))).not.toBe(factDigest(base));
  });
});

describe('shardOf', () => {
  it('spreads keys over all shards and is always the same', () => {
    const keys = Array.from({ length: 1000 }, (_, at) => `order-${at}`);
    expect(new Set(keys.map(shardOf)).size).toBe(shardCount);
    expect(keys.map(shardOf)).toEqual(keys.map(shardOf));
  });
});
