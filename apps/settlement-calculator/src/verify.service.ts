import { Inject, Injectable } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import type { LedgerVerification } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { judgeBatch, judgeBatches, type BadRow, type FirstBad } from './batch-verdict.js';
import { blocksFrom, lastBlock, type KeptBlock } from './block.store.js';
import { ChainCheck } from './chain-check.js';
import { HeadCheck } from './head-check.js';
import { HeadFiles } from './head-files.js';
import { LedgerKeys } from './ledger-keys.service.js';
import {
  batchesOfBlocks,
  firstBlockless,
  firstStray,
  type MarkedBatch,
} from './sealed-batch.store.js';
import { factsOfBatches } from './sealed-rows.store.js';
import { batchTag } from './seal.service.js';
import { timezoneOf } from './shop.store.js';
import { firstBadStatement } from './statement-check.store.js';

/** What one call looks at: whole blocks until their facts come to so many, and not more blocks than these. */
const factsPerCall = 100_000;
const blocksPerCall = 2_000;
/** Facts of which the rows are in memory at a time. */
const factsAtOnce = 20_000;

/** What a stretch of the journal came to. */
export interface Verified {
  readonly blocks: number;
  readonly facts: number;
  readonly firstBad: FirstBad | null;
  readonly nextBlock: number | null;
}

/** Recomputes the journal from the rows that it seals and names the first one that is not as it was (O9). */
@Injectable()
export class VerifyService {
  private readonly heads: HeadCheck;

  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'query'>,
    @Inject(HeadFiles) files: HeadFiles,
    @Inject(LedgerKeys) keys: LedgerKeys,
  ) {
    this.heads = new HeadCheck(database, files, keys);
  }

  async verification(shopId: string, fromBlock: number): Promise<LedgerVerification> {
    const verified = await this.verify(shopId, fromBlock);
    const head = await lastBlock(this.database, shopId);
    const timezone = await timezoneOf(this.database, shopId);
    const { blocks, facts, firstBad, nextBlock } = verified;
    return {
      ok: firstBad === null,
      blocks,
      facts,
      head:
        head === undefined
          ? null
          : {
              block: head.block,
              hash: head.hash.toString('hex'),
              sealedAt: formatInstant(head.sealedAt, timezone),
            },
      firstBad,
      nextBlock: firstBad === null ? nextBlock : null,
    };
  }

  /** Verifies blocks from one on, whole ones until their facts come to so many. */
  async verify(shopId: string, fromBlock: number, factsMax = factsPerCall): Promise<Verified> {
    const from = Math.max(fromBlock, 1);
    const blocks = firstFacts(
      await blocksFrom(this.database, { shopId, from, limit: blocksPerCall + 1 }),
      factsMax,
    );
    const page = blocks.blocks;
    const chain = await ChainCheck.open(this.database, shopId, from);
    const facts = page.reduce((sum, { factCount }) => sum + factCount, 0);
    const bad =
      (await this.firstBadBlock(chain, page)) ??
      (await this.firstBadAround(chain, { shopId, from, page, isLast: !blocks.isMore }));
    const nextBlock = blocks.isMore ? from + page.length : null;
    return { blocks: page.length, facts, firstBad: bad, nextBlock };
  }

  private async firstBadBlock(
    chain: ChainCheck,
    page: readonly KeptBlock[],
  ): Promise<FirstBad | null> {
    const [first, last] = [page[0], page.at(-1)];
    if (first === undefined || last === undefined) return chain.before();
    const { shopId } = first;
    const at = { shopId, from: first.block, to: last.block };
    const batchesOf = await batchesOfBlocks(this.database, at);
    await chain.loadNodes(last.block);
    for (const block of page) {
      const batches = batchesOf.get(block.block) ?? [];
      const bad = chain.judge(block);
      if (bad !== null) return bad;
      const inside =
        judgeBatches(block, batches, batchTag) ?? (await this.firstBadFact(shopId, batches));
      if (inside !== null) return { block: block.block, ...inside };
    }
    return null;
  }

  private async firstBadFact(
    shopId: string,
    batches: readonly MarkedBatch[],
  ): Promise<BadRow | null> {
    for (const some of inPieces(batches)) {
      const batchIds = some.map(({ batchId }) => batchId);
      const facts = await factsOfBatches(this.database, { shopId, batchIds });
      const statement = await firstBadStatement(this.database, { shopId, batchIds });
      for (const batch of some) {
        const bad = judgeBatch(batch, facts.get(batch.batchId) ?? []);
        if (bad !== null) return bad;
        if (statement?.batchId === batch.batchId) {
          return { table: statement.table, key: statement.key, why: statement.why };
        }
      }
    }
    return null;
  }

  /** What belongs to no batch, and what was signed of these blocks. */
  private async firstBadAround(
    chain: ChainCheck,
    {
      shopId,
      from,
      page,
      isLast,
    }: {
      readonly shopId: string;
      readonly from: number;
      readonly page: readonly KeptBlock[];
      readonly isLast: boolean;
    },
  ): Promise<FirstBad | null> {
    const last = page.at(-1);
    const stray = await firstStray(this.database, {
      shopId,
      above: chain.lastBatchBefore,
      upTo: isLast ? null : (last?.lastBatch ?? null),
    });
    if (stray !== undefined) {
      const block = page.find(({ lastBatch }) => stray.batchId <= lastBatch)?.block ?? null;
      const why = `it says that it was booked with batch ${stray.batchId}, which there is not`;
      return { block, table: stray.table, key: stray.key, why };
    }
    const to = isLast ? null : from + page.length - 1;
    const head = await this.heads.firstBad({ shopId, from, to });
    if (head !== null || !isLast) return head;
    const blockless = await firstBlockless(this.database, shopId);
    if (blockless === undefined) return null;
    const { block, batchId } = blockless;
    const why = `batch ${batchId} was sealed in it, and it is gone`;
    return { block, table: 'ledger_block', key: block.toString(), why };
  }
}

function firstFacts(
  blocks: readonly KeptBlock[],
  factsMax: number,
): { readonly blocks: readonly KeptBlock[]; readonly isMore: boolean } {
  let facts = 0;
  const full = blocks.findIndex(({ factCount }) => (facts += factCount) >= factsMax);
  const end = Math.min(full < 0 ? blocks.length : full + 1, blocksPerCall);
  return { blocks: blocks.slice(0, end), isMore: end < blocks.length };
}

/** Batches in their order, as many together as memory is for. */
function* inPieces(batches: readonly MarkedBatch[]): Generator<readonly MarkedBatch[]> {
  let piece: MarkedBatch[] = [];
  let facts = 0;
  for (const batch of batches) {
    if (piece.length > 0 && facts + batch.factCount > factsAtOnce) {
      yield piece;
      [piece, facts] = [[], 0];
    }
    piece.push(batch);
    facts += batch.factCount;
  }
  if (piece.length > 0) yield piece;
}
