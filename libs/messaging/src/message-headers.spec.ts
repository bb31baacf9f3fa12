import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { headersAsText, headersFromJson, headersToJson } from './message-headers.js';

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');

function asBytes(value: unknown): Buffer[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map((one) => (Buffer.isBuffer(one) ? one : Buffer.from(String(one))));
}

it('headers come back from the outbox byte for byte', () => {
  const value = fc.oneof(bytes, fc.array(bytes, { minLength: 1, maxLength: 3 }));
  fc.assert(
    fc.property(fc.dictionary(name, value), (headers) => {
      const back = headersFromJson(headersToJson(headers));
      expect(Object.keys(back)).toEqual(Object.keys(headers));
      for (const [key, given] of Object.entries(headers)) {
        expect(asBytes(back[key])).toEqual(asBytes(given));
      }
    }),
  );
});

it('headers as text have the first of several values', () => {
  expect(headersAsText({ a: [Buffer.from('1'), '2'], b: '3' })).toEqual({ a: '1', b: '3' });
});
