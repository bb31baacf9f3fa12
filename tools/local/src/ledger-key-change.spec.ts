import { describe, expect, it } from '@jest/globals';
import type { LedgerKeysFile } from '@qingfen/contracts';
import { makeSecrets, makeSigningKey, parseSecrets, type Secrets } from '@qingfen/security';
import { headKeyOf, withNextKey, withoutPrevious, type KeyChange } from './ledger-key-change.js';

const secrets = makeSecrets();
const first = secrets.services['settlement-calculator'].signingKey;
const [second, third] = ['k-2', 'k-3'].map(makeSigningKey) as [typeof first, typeof first];
const published = (...keys: readonly (typeof first)[]): LedgerKeysFile => ({
  format: 'qingfen-ledger-keys/1',
  keys: keys.map(({ keyId, publicKeyPem: publicKey }) => ({ keyId, publicKey })),
});

/** The secrets as a service would read them from the file again. */
function read(change: KeyChange): Secrets {
  if (change.kind === 'refused') throw new Error(change.reason);
  return parseSecrets(JSON.stringify(change.secrets), 'spec');
}

const rotated = read(withNextKey(secrets, second, { isPreviousLost: false }));

describe('R-EVO-1 another key for heads', () => {
  it('keeps the one before until it is published, and refuses a third one until then', () => {
    expect(headKeyOf(secrets)).toEqual(first);
    expect(headKeyOf(rotated)).toEqual(second);
    expect(rotated.ledgerKey).toEqual({ current: second, previous: first });
    const again = withNextKey(rotated, third, { isPreviousLost: false });
    expect(again).toMatchObject({ kind: 'refused' });
    const early = withoutPrevious(rotated, published(first));
    expect(early).toMatchObject({ kind: 'refused' });
    const sameName = withoutPrevious(rotated, published(first, { ...third, keyId: 'k-2' }));
    expect(sameName).toMatchObject({ kind: 'refused' });
    const forgotten = read(withoutPrevious(rotated, published(first, second)));
    expect(forgotten.ledgerKey).toEqual({ current: second });
    const next = read(withNextKey(forgotten, third, { isPreviousLost: false }));
    expect(next.ledgerKey).toEqual({ current: third, previous: second });
    expect(withoutPrevious(secrets, published(first))).toMatchObject({ kind: 'refused' });
  });

  it('says that nobody introduces it where the one before is lost', () => {
    const lost = read(withNextKey(rotated, third, { isPreviousLost: true }));
    expect(lost.ledgerKey).toEqual({ current: third, isPreviousLost: true });
  });

  it('leaves everything else as it was', () => {
    const { ledgerKey, ...rest } = rotated;
    expect([ledgerKey === undefined, rest]).toEqual([false, secrets]);
  });
});
