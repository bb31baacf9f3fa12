import { Inject, Injectable } from '@nestjs/common';
import type { LedgerArchivePage } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { blocksFrom, nodesAt, type KeptBlock } from './block.store.js';
import { headsBetween } from './ledger-head.store.js';
import { LedgerKeys } from './ledger-keys.service.js';
import { blockView, headWords } from './ledger-view.js';
import { nodesOfRange } from './merkle-tree.js';
import { batchView } from './proof.service.js';
import { batchesOfBlocks } from './sealed-batch.store.js';
import { factsOfBatches } from './sealed-rows.store.js';

/** A page ends with the block that brings its facts to so many. */
const factsPerPage = 20_000;
const blocksPerPage = 500;

/** Blocks with their facts, page by page, for a file that is checked without us. */
@Injectable()
export class ArchiveService {
  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'query'>,
    @Inject(LedgerKeys) private readonly keys: LedgerKeys,
  ) {}

  /** Blocks from one on, up to another or to the end. */
  async page(
    shopId: string,
    fromBlock: number,
    toBlock = Number.MAX_SAFE_INTEGER,
  ): Promise<LedgerArchivePage> {
    const at = { shopId, from: fromBlock, limit: blocksPerPage + 1 };
    const known = (await blocksFrom(this.database, at)).filter(({ block }) => block <= toBlock);
    const blocks = firstFacts(known);
    const before = nodesOfRange({ from: 0, to: fromBlock - 1 });
    const isAny = blocks.length > 0;
    const nodeAt = await nodesAt(this.database, shopId, isAny ? before : []);
    const last = blocks.at(-1)?.block ?? fromBlock - 1;
    return {
      shopId,
      before: isAny ? before.map((place) => nodeAt(place).toString('hex')) : [],
      blocks: await this.withFacts(shopId, blocks),
      heads: (await headsBetween(this.database, { shopId, from: fromBlock, to: last })).map(
        headWords,
      ),
      keys: [...(await this.keys.all(this.database))],
      nextBlock: blocks.length < known.length ? last + 1 : null,
    };
  }

  private async withFacts(
    shopId: string,
    blocks: readonly KeptBlock[],
  ): Promise<LedgerArchivePage['blocks']> {
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (first === undefined || last === undefined) return [];
    const range = { shopId, from: first.block, to: last.block };
    const batchesOf = await batchesOfBlocks(this.database, range);
    const batchIds = [...batchesOf.values()].flat().map(({ batchId }) => batchId);
    const facts = await factsOfBatches(this.database, { shopId, batchIds });
    return blocks.map((block) => ({
      ...blockView(block),
      batches: (batchesOf.get(block.block) ?? []).map((batch) => ({
        ...batchView(batch),
        facts: (facts.get(batch.batchId) ?? []).map(({ text }) => text),
      })),
    }));
  }
}

function firstFacts(known: readonly KeptBlock[]): readonly KeptBlock[] {
  let facts = 0;
  const full = known.findIndex(({ factCount }) => (facts += factCount) >= factsPerPage);
  return known.slice(0, Math.min(full < 0 ? known.length : full + 1, blocksPerPage));
}
