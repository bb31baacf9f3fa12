import type { LedgerBlockView } from '@qingfen/contracts';
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
