import { factText } from './journal.store.js';
import { leafOf } from './merkle.js';

/** A batch as its block knows it. */
export interface SealedBatch {
  readonly batchId: bigint;
  readonly factCount: number;
  readonly bookedAt: Date;
  readonly root: Buffer;
}

/** What a block's hash covers. */
export interface BlockHead {
  readonly shopId: string;
  /** 1, 2, 3 … without gaps. */
  readonly block: number;
  readonly batchCount: number;
  readonly factCount: number;
  /** The highest number of a batch in this block or any before it. */
  readonly lastBatch: bigint;
  readonly sealedAt: Date;
  /** Over the leaves of its batches, in the order of their numbers. */
  readonly root: Buffer;
  /** The hash of the block before; zeros for the first. */
  readonly previous: Buffer;
  /** The root of the tree over the hashes of all blocks before. */
  readonly history: Buffer;
}

export interface LedgerBlock extends BlockHead {
  readonly hash: Buffer;
}

/** What stands before the first block. */
export const noBlock: Buffer = Buffer.alloc(32);

/** The leaf of a batch in its block's tree. */
export function batchLeaf(shopId: string, batch: SealedBatch): Buffer {
  const { batchId, factCount, bookedAt, root } = batch;
  const fact = ['journal-batch', shopId, batchId, factCount, bookedAt, root.toString('hex')];
  return leafOf(factText(fact));
}

/** A block's hash, which is its leaf in the tree of all blocks. */
export function blockHash(head: BlockHead): Buffer {
  return leafOf(
    factText([
      'ledger-block',
      head.shopId,
      head.block,
      head.batchCount,
      head.factCount,
      head.lastBatch,
      head.sealedAt,
      head.root.toString('hex'),
      head.previous.toString('hex'),
      head.history.toString('hex'),
    ]),
  );
}

/** What is signed of a day: its last block so far. */
export interface DayHead {
  readonly shopId: string;
  readonly day: string;
  readonly block: number;
  readonly hash: Buffer;
}

export function headText({ shopId, day, block, hash }: DayHead): string {
  return factText(['ledger-head', shopId, day, block, hash.toString('hex')]);
}
