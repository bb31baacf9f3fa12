import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('sorts keys at every depth and leaves lists alone', () => {
    expect(canonicalJson({ b: [2, 1, { z: null, a: '中"' }], a: true })).toBe(
      '{"a":true,"b":[2,1,{"a":"中\\"","z":null}]}',
    );
  });

  it('is JSON that says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        return (
          JSON.stringify(JSON.parse(canonicalJson(plain))) !== '' &&
          canonicalJson(JSON.parse(canonicalJson(plain))) === canonicalJson(plain)
        );
      }),
    );
  });

  it('throws on what JSON cannot say', () => {
    expect(() => canonicalJson({ a: undefined })).toThrow('not JSON');
    expect(() => canonicalJson(1n)).toThrow('not JSON');
  });
});
