import type { LedgerKeysFile } from '@qingfen/contracts';
import type { Secrets, SigningKey } from '@qingfen/security';

/** Secrets as they are to be written, or why they stay as they are. */
export type KeyChange =
  | { readonly kind: 'changed'; readonly secrets: Secrets }
  | { readonly kind: 'refused'; readonly reason: string };

/** The key that heads of the ledger are signed with now. */
export function headKeyOf(secrets: Secrets): SigningKey {
  return secrets.ledgerKey?.current ?? secrets.services['settlement-calculator'].signingKey;
}

/** Secrets under which the next start goes on with a key, introduced by the one before unless that is lost. */
export function withNextKey(
  secrets: Secrets,
  next: SigningKey,
  { isPreviousLost }: { readonly isPreviousLost: boolean },
): KeyChange {
  const { ledgerKey } = secrets;
  if (isPreviousLost) {
    return {
      kind: 'changed',
      secrets: { ...secrets, ledgerKey: { current: next, isPreviousLost } },
    };
  }
  if (ledgerKey?.previous !== undefined) {
    const reason = `${ledgerKey.current.keyId} may not be introduced yet: start with it, and forget ${ledgerKey.previous.keyId} first`;
    return { kind: 'refused', reason };
  }
  const previous = headKeyOf(secrets);
  return { kind: 'changed', secrets: { ...secrets, ledgerKey: { current: next, previous } } };
}

/** Secrets without the key before, whose work is done once the present one is published. */
export function withoutPrevious(secrets: Secrets, published: LedgerKeysFile): KeyChange {
  const { ledgerKey } = secrets;
  if (ledgerKey === undefined) return { kind: 'refused', reason: 'heads have one key alone' };
  const { current } = ledgerKey;
  const isThere = published.keys.some(
    ({ keyId, publicKey }) => keyId === current.keyId && publicKey === current.publicKeyPem,
  );
  if (isThere) return { kind: 'changed', secrets: { ...secrets, ledgerKey: { current } } };
  const reason = `${current.keyId} is not among the published keys: start settlement-calculator with it first`;
  return { kind: 'refused', reason };
}
