import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { frame } from './frame.js';
import { MessageSigner, MessageVerifier } from './message-signature.js';
import { makeSecrets, makeSigningKey, parseSecrets, publicKeysOf } from './secrets.js';

const key = makeSigningKey('rules-1');
const other = makeSigningKey('payout-1');
const signer = new MessageSigner(key);
const verifier = new MessageVerifier({
  'rules-1': { service: 'rules', publicKeyPem: key.publicKeyPem },
  'payout-1': { service: 'payout', publicKeyPem: other.publicKeyPem },
});
const message = { topic: 'shop-upserted', key: 's1', value: '{"a":1}' };

describe('message signatures', () => {
  it('names the service whose key signed', () => {
    const header = signer.sign(message);
    expect(verifier.verify({ ...message, header })).toEqual({ service: 'rules', keyId: 'rules-1' });
  });

  it('takes text and its UTF-8 bytes for the same', () => {
    const header = signer.sign({ ...message, value: '商' });
    const bytes = { ...message, key: Buffer.from('s1'), value: Buffer.from('商') };
    expect(verifier.verify({ ...bytes, header })).not.toBeNull();
  });

  it.each([
    ['another topic', { topic: 'alert-raised' }],
    ['another key', { key: 's2' }],
    ['no key', { key: null }],
    ['another value', { value: '{"a":2}' }],
    ['no value', { value: null }],
    ['bytes moved from value to key', { key: 's1{', value: '"a":1}' }],
    ['bytes moved from key to topic', { topic: 'shop-upserteds', key: '1' }],
  ])('does not count for %s', (_what, change) => {
    const header = signer.sign(message);
    expect(verifier.verify({ ...message, ...change, header })).toBeNull();
  });

  it('tells a missing key from an empty one', () => {
    const header = signer.sign({ ...message, key: null });
    expect(verifier.verify({ ...message, key: '', header })).toBeNull();
    expect(verifier.verify({ ...message, key: null, header })).not.toBeNull();
  });

  it('does not count under the id of another key', () => {
    const header = signer.sign(message).replace('rules-1', 'payout-1');
    expect(verifier.verify({ ...message, header })).toBeNull();
  });

  it.each([undefined, null, '', ':', 'rules-1', 'rules-1:', 'rules-1:AAAA', 'nobody:AAAA', '::'])(
    'does not count when the header is %j',
    (header) => expect(verifier.verify({ ...message, header })).toBeNull(),
  );

  it('refuses a header with anything appended', () => {
    const header = signer.sign(message);
    expect(verifier.verify({ ...message, header: `${header}\n` })).toBeNull();
    expect(verifier.verify({ ...message, header: `${header}=` })).toBeNull();
  });

  it('refuses keys of another kind and ids with a colon', () => {
    expect(() => new MessageSigner({ ...key, keyId: 'a:b' })).toThrow('well-formed');
  });
});

describe('frame', () => {
  const part = fc.option(fc.string({ maxLength: 6 }), { nil: null });
  it('gives different bytes for different lists of parts', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 4 }), (a, b) => {
        return frame('d', a).equals(frame('d', b)) === (JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe('secrets', () => {
  it('reads what it makes', () => {
    const made = makeSecrets('given');
    expect(parseSecrets(JSON.stringify(made), 'file')).toEqual(made);
    expect(publicKeysOf(made)['payout-1']?.service).toBe('payout');
  });

  it('names the wrong field and shows no value', () => {
    const made = { ...makeSecrets('hidden-value'), blindIndexKey: 5 };
    expect(() => parseSecrets(JSON.stringify(made), 'file')).toThrow(/^file .*blindIndexKey$/);
    expect(() => parseSecrets('{"adminPassword":"hidden', 'file')).toThrow(/^file is not JSON$/);
  });
});
