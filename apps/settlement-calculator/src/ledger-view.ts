import type { LedgerBlockView, LedgerKey } from '@qingfen/contracts';
import { invariant } from '@qingfen/money';
import type { LedgerBlock } from './ledger-block.js';
import type { SignedHead } from './ledger-head.store.js';

/** A head as it is said: its hash in hex, its signature in base64. */
export interface HeadWords {
  shopId: string;
  day: string;
  block: number;
  hash: string;
  signature: string;
  keyId: string;
}

export function headWords(head: SignedHead): HeadWords {
  const { shopId, day, block, keyId } = head;
  return {
    shopId,
    day,
    block,
    hash: head.hash.toString('hex'),
    signature: head.signature.toString('base64'),
    keyId,
  };
}

/**
 * A head as it is published: with the keys from the first to its own, so that whoever was given the first one
 * alone can check it. While there is one, it goes without saying.
 */
export function publishedHead(
  head: SignedHead,
  keys: readonly LedgerKey[],
): HeadWords & { keys?: LedgerKey[] } {
  const place = keys.findIndex(({ keyId }) => keyId === head.keyId);
  return place < 1 ? headWords(head) : { ...headWords(head), keys: keys.slice(0, place + 1) };
}

/** The key by this id, PEM. */
export function publicKeyOf(keys: readonly LedgerKey[], keyId: string): string {
  const key = keys.find((known) => known.keyId === keyId);
  invariant(key !== undefined, `the key ${keyId} that signed a head is known`);
  return key.publicKey;
}

/** A block as others check it. */
export function blockView(block: LedgerBlock): LedgerBlockView {
  return {
    shopId: block.shopId,
    block: block.block,
    batchCount: block.batchCount,
    factCount: block.factCount,
    lastBatch: block.lastBatch.toString(),
    sealedAtMs: block.sealedAt.getTime(),
    root: block.root.toString('hex'),
    previous: block.previous.toString('hex'),
    history: block.history.toString('hex'),
    hash: block.hash.toString('hex'),
  };
}
