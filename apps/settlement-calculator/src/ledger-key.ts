import type { LedgerKey } from '@qingfen/contracts';
import {
  isSignedText,
  TextSigner,
  type LedgerKeySecrets,
  type SigningKey,
} from '@qingfen/security';

/** What both the key before and a key itself sign, for the one to introduce the other. */
function keyText({ keyId, publicKey }: LedgerKey, by: string, atMs: number): string {
  return JSON.stringify(['ledger-key', keyId, publicKey, by, atMs]);
}

function firstKey({ keyId, publicKeyPem }: SigningKey): LedgerKey {
  return { keyId, publicKey: publicKeyPem };
}

/** A key behind another one, signed by both; by itself alone where the one before is lost. */
function keyBehind(
  by: string,
  { key, previous, atMs }: { key: SigningKey; previous: SigningKey | null; atMs: number },
): LedgerKey {
  const next = firstKey(key);
  const text = keyText(next, by, atMs);
  const signed = (signing: SigningKey): string =>
    new TextSigner(signing).sign(text).toString('base64');
  const signature = previous === null ? null : signed(previous);
  return { ...next, introduced: { by, atMs, signature, countersignature: signed(key) } };
}

/** What is to be appended to the keys that are known, for heads to be signed with the configured one. */
export type KeyStep =
  | { readonly kind: 'append'; readonly keys: readonly LedgerKey[] }
  /** Another process of this service was given a newer key: this one signs no heads any more. */
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'refuse'; readonly reason: string };

/**
 * Decides how the configured key comes to sign heads: as the first one, or introduced by the last.
 *
 * @param atMs no block that the last key signed was sealed later
 */
export function nextKeys(
  known: readonly LedgerKey[],
  own: LedgerKeySecrets,
  atMs: number,
): KeyStep {
  const { current, previous, isPreviousLost = false } = own;
  const place = known.findIndex(({ keyId }) => keyId === current.keyId);
  const found = known[place];
  if (found !== undefined && found.publicKey !== current.publicKeyPem) {
    return { kind: 'refuse', reason: `the key ${current.keyId} is another one than it was` };
  }
  if (place >= 0) {
    return place === known.length - 1 ? { kind: 'append', keys: [] } : { kind: 'succeeded' };
  }
  const last = known.at(-1);
  if (last === undefined) {
    // The first start since keys are written down may be the one that changes it, too.
    const first = firstKey(previous ?? current);
    if (previous === undefined) return { kind: 'append', keys: [first] };
    const next = keyBehind(previous.keyId, { key: current, previous, atMs });
    return { kind: 'append', keys: [first, next] };
  }
  if (previous?.keyId === last.keyId && previous.publicKeyPem === last.publicKey) {
    return { kind: 'append', keys: [keyBehind(last.keyId, { key: current, previous, atMs })] };
  }
  if (isPreviousLost) {
    const next = keyBehind(last.keyId, { key: current, previous: null, atMs });
    return { kind: 'append', keys: [next] };
  }
  const reason = `heads are signed with the key ${last.keyId}, and ${current.keyId} is to be introduced by it: ledgerKey in the secrets needs it as "previous", or "isPreviousLost": true (docs/proofs.md)`;
  return { kind: 'refuse', reason };
}

/** A key whose signatures count, and for which blocks. */
export interface TrustedKey {
  readonly publicKey: string;
  /** No block that it signs was sealed later; null while it is the last one. */
  readonly untilMs: number | null;
}

/**
 * The keys that one's own vouches for: those before it by its countersignature and theirs, those behind it
 * by introduction. Who writes to the table alone adds none to them.
 */
export function trustedKeys(
  keys: readonly LedgerKey[],
  own: { readonly keyId: string; readonly publicKey: string },
): ReadonlyMap<string, TrustedKey> {
  const place = keys.findIndex(
    ({ keyId, publicKey }) => keyId === own.keyId && publicKey === own.publicKey,
  );
  if (place < 0) return new Map([[own.keyId, { publicKey: own.publicKey, untilMs: null }]]);
  let [first, last] = [place, place];
  while (first > 0 && isLinked(keys, first, 'backward')) first -= 1;
  while (last < keys.length - 1 && isLinked(keys, last + 1, 'forward')) last += 1;
  return new Map(
    keys.slice(first, last + 1).map(({ keyId, publicKey }, index) => {
      const untilMs = keys[first + index + 1]?.introduced?.atMs ?? null;
      return [keyId, { publicKey, untilMs }];
    }),
  );
}

/** Whether a key names the one before as its own past, or is introduced by it. */
function isLinked(
  keys: readonly LedgerKey[],
  place: number,
  direction: 'backward' | 'forward',
): boolean {
  const [before, key] = [keys[place - 1], keys[place]];
  if (before === undefined || key?.introduced?.by !== before.keyId) return false;
  const { by, atMs, signature, countersignature } = key.introduced;
  const made = direction === 'backward' ? countersignature : signature;
  const signer = direction === 'backward' ? key.publicKey : before.publicKey;
  if (made === null) return false;
  return isSignedText(keyText(key, by, atMs), Buffer.from(made, 'base64'), signer);
}
