import { Inject, Injectable } from '@nestjs/common';
import { localDate } from '@qingfen/calendar';
import { topics, type LedgerKey } from '@qingfen/contracts';
import type { Unit } from '@qingfen/messaging';
import { insertBlock, lastBlock, nodesAt, takeSeal, unsealedBatches } from './block.store.js';
import {
  batchLeaf,
  blockHash,
  headText,
  noBlock,
  type LedgerBlock,
  type SealedBatch,
} from './ledger-block.js';
import { headedBlock, insertHead, type SignedHead } from './ledger-head.store.js';
import { LedgerKeys } from './ledger-keys.service.js';
import { publishedHead } from './ledger-view.js';
import { marksOf } from './leaf-mark.js';
import { merkleRoot } from './merkle.js';
import { completedBy, nodesOfRange, rootOfRange } from './merkle-tree.js';
import { timezoneOf } from './shop.store.js';

/** A block ends with so many batches, or with the batch that brings its facts to so many. */
export const batchesPerBlock = 1_000;
const factsPerBlock = 200_000;
/** The tag of a batch in a block's marks. */
export const batchTag = 'b';

/** A head that was signed and said, with the keys that lead to its own. */
export interface SaidHead {
  readonly head: SignedHead;
  readonly keys: readonly LedgerKey[];
}

/** Links committed batches into blocks and signs a day's last one (architecture.md rule 9). */
@Injectable()
export class SealService {
  constructor(@Inject(LedgerKeys) private readonly keys: LedgerKeys) {}

  /**
   * Seals a shop's next block, and says the head of the day before when it is the first of a day.
   * @returns the head that was said, and whether more batches wait
   */
  async seal(unit: Unit, shopId: string): Promise<{ said: SaidHead | null; isMore: boolean }> {
    const { tx, now } = unit;
    if (!(await takeSeal(tx, shopId))) return { said: null, isMore: false };
    const waiting = await unsealedBatches(tx, shopId, batchesPerBlock);
    const batches = firstFacts(waiting);
    if (batches.length === 0) return { said: null, isMore: false };
    const last = await lastBlock(tx, shopId);
    const said = last === undefined ? null : await this.endDay(unit, last);
    const size = last?.block ?? 0;
    const nodeAt = await nodesAt(tx, shopId, nodesOfRange({ from: 0, to: size }));
    const leaves = batches.map((batch) => batchLeaf(shopId, batch));
    const batchIds = batches.map(({ batchId }) => batchId);
    const sealed = {
      shopId,
      block: size + 1,
      batchCount: batches.length,
      factCount: batches.reduce((sum, { factCount }) => sum + factCount, 0),
      lastBatch: [last?.lastBatch ?? 0n, ...batchIds].reduce((a, b) => (a > b ? a : b)),
      sealedAt: now,
      root: merkleRoot(leaves),
      previous: last?.hash ?? noBlock,
      history: rootOfRange({ from: 0, to: size }, nodeAt),
    };
    const hash = blockHash(sealed);
    const texts = leaves.map((leaf) => leaf.toString('latin1'));
    await insertBlock(
      tx,
      { ...sealed, hash, batchMarks: marksOf(batchTag.repeat(leaves.length), texts) },
      { batchIds, nodes: completedBy(size, hash, nodeAt) },
    );
    return { said, isMore: batches.length < waiting.length || waiting.length === batchesPerBlock };
  }

  /** Signs and says a shop's last block as the head of its day, unless it was said. */
  async sayHead(unit: Unit, shopId: string): Promise<SaidHead | null> {
    if (!(await takeSeal(unit.tx, shopId))) return null;
    const last = await lastBlock(unit.tx, shopId);
    return last === undefined ? null : this.say(unit, last);
  }

  private async endDay(unit: Unit, last: LedgerBlock): Promise<SaidHead | null> {
    const timezone = await timezoneOf(unit.tx, last.shopId);
    const isSameDay = localDate(last.sealedAt, timezone) === localDate(unit.now, timezone);
    return isSameDay ? null : this.say(unit, last);
  }

  private async say(
    unit: Unit,
    { shopId, block, hash, sealedAt }: LedgerBlock,
  ): Promise<SaidHead | null> {
    if ((await headedBlock(unit.tx, shopId)) >= block) return null;
    const keys = await this.keys.signing(unit.tx);
    if (keys === null) return null;
    const { signer } = this.keys;
    const day = localDate(sealedAt, await timezoneOf(unit.tx, shopId));
    const signature = signer.sign(headText({ shopId, day, block, hash }));
    const head = { shopId, day, block, hash, signature, keyId: signer.keyId };
    await insertHead(unit.tx, head);
    unit.say({ topic: topics.ledgerHead, key: shopId, data: publishedHead(head, keys) });
    return { head, keys };
  }
}

function firstFacts(batches: readonly SealedBatch[]): readonly SealedBatch[] {
  let facts = 0;
  const end = batches.findIndex(({ factCount }) => (facts += factCount) >= factsPerBlock);
  return end < 0 ? batches : batches.slice(0, end + 1);
}
