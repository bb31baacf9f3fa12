import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ParseFailureCode } from './parse-event.js';
import { buildEvent, parseEvent, valueBytesMax } from './parse-event.js';
import { badFields, badMessages } from './bad-events.fixture.js';
import { bytesOf, changed, goodEvents } from './good-events.fixture.js';
import { type Topic, topicNames } from './topics.js';

describe('a well-formed event', () => {
  it.each(topicNames)('%s is taken as it came', (topic) => {
    const event = goodEvents[topic];
    expect(parseEvent(topic, bytesOf(event))).toEqual({ ok: true, event });
  });

  it('R-ARC-1 unknown fields are ignored, in the envelope and at any depth of the data', () => {
    const event = changed(goodEvents['order-completed'], 'data.items.0.colour', 'red');
    const parsed = parseEvent('order-completed', bytesOf({ ...event, traceparent: '00-1' }));
    expect(parsed).toEqual({ ok: true, event: goodEvents['order-completed'] });
  });

  it('__proto__ neither pollutes nor comes through', () => {
    const text = JSON.stringify(goodEvents['order-completed'])
      .replace('"data":{', '"data":{"__proto__":{"teamId":"t-evil"},')
      .replace('{"specversion"', '{"__proto__":{"polluted":true},"specversion"')
      .replace(',"teamId":"team-1"', '');
    const parsed = parseEvent('order-completed', Buffer.from(text));
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsed.event.data.teamId).toBeUndefined();
    expect(Object.getPrototypeOf(parsed.event.data)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('a value of exactly 1 MiB is looked into', () => {
    const text = JSON.stringify(goodEvents['order-completed']);
    const padded = Buffer.from(text.padEnd(valueBytesMax, ' '));
    expect(parseEvent('order-completed', padded).ok).toBe(true);
  });

  it('a level may be a number or its text', () => {
    for (const level of [3, '3']) {
      const event = changed(goodEvents['payee-upserted'], 'data.level', level);
      expect(parseEvent('payee-upserted', bytesOf(event))).toMatchObject({
        event: { data: { level: '3' } },
      });
    }
  });

  it.each([
    ['paidAt = completedAt, other offset', '2026-01-01T10:00:00+08:00', '2026-01-01T02:00:00Z'],
    ['no seconds', '2026-01-01T10:00+08:00', '2026-01-01T10:01+08:00'],
    ['a leap day, nanoseconds', '2024-02-29T00:00:00.000000001Z', '2024-02-29T00:00:01Z'],
    ['an instant far ahead', '2026-01-01T10:00:00Z', '2999-01-01T10:00:00Z'],
  ])('R-ARC-1 %s is taken', (_case, paidAt, completedAt) => {
    const { data, ...envelope } = goodEvents['order-completed'];
    const event = { ...envelope, data: { ...data, paidAt, completedAt } };
    expect(parseEvent('order-completed', bytesOf(event)).ok).toBe(true);
  });

  it('an amount may have the digits of its currency', () => {
    const { data, ...envelope } = goodEvents['order-completed'];
    const items = [{ itemId: '1', supplierId: 's-1', amount: '1.234' }];
    const event = { ...envelope, data: { ...data, currency: 'KWD', items } };
    expect(parseEvent('order-completed', bytesOf(event)).ok).toBe(true);
  });

  it('what buildEvent makes is what parseEvent takes', () => {
    const { data, id, source, time } = goodEvents['order-refunded'];
    const event = buildEvent('order-refunded', data, { id, source, time, correlationId: 'c-1' });
    expect(event).toMatchObject({ correlationid: 'c-1', datacontenttype: 'application/json' });
    const parsed = parseEvent('order-refunded', bytesOf(event));
    expect(parsed).toEqual({ ok: true, event: goodEvents['order-refunded'] });
  });
});

function expectRefused(
  topic: Topic,
  value: Buffer | null,
  code: ParseFailureCode,
  field: string,
): void {
  const parsed = parseEvent(topic, value);
  if (parsed.ok) throw new Error('it was taken');
  expect([parsed.code, parsed.reason]).toEqual([code, expect.stringContaining(field)]);
  // Headers and logs are lines of a bearable length.
  expect(parsed.reason).toMatch(/^[^\n\r]{1,500}$/);
}

it('R-REF-2 a line may stand twice in a refund: its rows are added up', () => {
  const good = goodEvents['order-refunded'];
  const [row] = good.data.items;
  if (row === undefined) throw new Error('the good refund has a row');
  const twice = { ...good, data: { ...good.data, items: [row, row] } };
  expect(parseEvent('order-refunded', bytesOf(twice))).toMatchObject({ ok: true });
});

it('R-REF-2 lesson 24: a refund names the lines that it takes from, and takes something', () => {
  const good = goodEvents['order-refunded'];
  for (const [path, wrong] of [
    ['data.items', []],
    ['data.items', undefined],
    ['data.items.0.itemId', undefined],
    ['data.items.0.amount', '0.00'],
  ] as const) {
    expectRefused(
      'order-refunded',
      bytesOf(changed(good, path, wrong)),
      'invalid-data',
      path.slice(0, 10),
    );
  }
});

describe('F4 a message that is no well-formed event is refused by name', () => {
  it.each(badMessages)('$name: $code', ({ topic, value, code, field }) => {
    expectRefused(topic, value, code, field);
  });

  it.each(badFields)('$0 with $1 = $2: $3', (topic, path, wrong, code, field) => {
    expectRefused(topic, bytesOf(changed(goodEvents[topic], path, wrong)), code, field);
  });

  it('the sentence says what stands there and what should', () => {
    const event = changed(goodEvents['order-completed'], 'data.items.0.amount', '1e3');
    expect(parseEvent('order-completed', bytesOf(event))).toEqual({
      ok: false,
      code: 'invalid-data',
      reason: 'data.items[0].amount: "1e3" is not a decimal amount such as "128.50"',
    });
  });

  it('every required field of every topic is missed by name', () => {
    for (const topic of topicNames) {
      const { data } = goodEvents[topic];
      for (const field of Object.keys(data)) {
        const parsed = parseEvent(topic, bytesOf(changed(goodEvents[topic], `data.${field}`)));
        if (parsed.ok) continue;
        expect(parsed).toEqual({
          ok: false,
          code: 'invalid-data',
          reason: `data.${field} is missing`,
        });
      }
    }
  });
});

describe('parseEvent never throws', () => {
  const anyTopic = fc.constantFrom(...topicNames);

  it('on arbitrary bytes', () => {
    fc.assert(
      fc.property(anyTopic, fc.uint8Array({ maxLength: 300 }), (topic, bytes) => {
        expect(typeof parseEvent(topic, Buffer.from(bytes)).ok).toBe('boolean');
      }),
    );
  });

  it('on arbitrary JSON, in the place of any field too', () => {
    const step = fc.oneof(fc.constantFrom('data', 'items', '0', 'amount', 'type'), fc.string());
    fc.assert(
      fc.property(anyTopic, fc.array(step, { maxLength: 4 }), fc.jsonValue(), (topic, path, v) => {
        expect(parseEvent(topic, bytesOf(v)).ok).toBe(false);
        const inside = changed(goodEvents[topic], path.join('.'), v);
        expect(typeof parseEvent(topic, bytesOf(inside)).ok).toBe('boolean');
      }),
    );
  });

  it('on documents nested as deeply as a value can be', () => {
    const deep = '['.repeat(500_000) + ']'.repeat(500_000);
    expect(parseEvent('order-completed', Buffer.from(deep)).ok).toBe(false);
    const inside = JSON.stringify(goodEvents['order-completed']).replace('"o-1"', deep);
    expect(parseEvent('order-completed', Buffer.from(inside)).ok).toBe(false);
  });
});
