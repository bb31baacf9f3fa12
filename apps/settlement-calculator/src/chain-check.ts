import type { Database } from '@qingfen/database';
import type { FirstBad } from './batch-verdict.js';
import { blocksFrom, type KeptBlock } from './block.store.js';
import { blockHash, noBlock } from './ledger-block.js';
import { fold, nodesOfRange } from './merkle-tree.js';
import { nodeOf } from './merkle.js';

/** Numbers of batches are positive; whoever forges rows need not keep to it. */
const belowAllBatches = -(2n ** 63n);

/** The links between blocks: each names the one before, and the tree over all before. */
export class ChainCheck {
  /** The complete nodes over the blocks so far, by level. */
  private readonly open = new Map<number, Buffer>();
  private kept = new Map<string, string>();
  private previous: KeptBlock | null;
  /** The highest number of a batch before the first block that is looked at. */
  readonly lastBatchBefore: bigint;

  private constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly shopId: string,
    private next: number,
    before: KeptBlock | undefined,
    private readonly missing: FirstBad | null,
  ) {
    this.previous = before ?? null;
    this.lastBatchBefore = before?.lastBatch ?? belowAllBatches;
  }

  /** A check that begins with a block: what stands before it is taken from where it is kept. */
  static async open(
    database: Pick<Database, 'query'>,
    shopId: string,
    from: number,
  ): Promise<ChainCheck> {
    const before =
      from === 1 ? [] : await blocksFrom(database, { shopId, from: from - 1, limit: 1 });
    const last = before.find(({ block }) => block === from - 1);
    const missing = from > 1 && last === undefined ? gone(from - 1) : null;
    const chain = new ChainCheck(database, shopId, from, last, missing);
    await chain.loadOpen(from - 1);
    return chain;
  }

  /** What is wrong before the first block that is looked at. */
  before(): FirstBad | null {
    return this.missing;
  }

  /** Reads the nodes that blocks up to this one made. */
  async loadNodes(to: number): Promise<void> {
    const rows = await this.database.query<{ level: number; place: bigint; hash: Buffer }>(
      `SELECT level, place, hash FROM ledger_node
        WHERE shop_id = $1 AND level BETWEEN 0 AND 53
          AND place >= ($2::bigint - 1) >> level AND place <= ($3::bigint - 1) >> level`,
      [this.shopId, this.next, to],
    );
    this.kept = new Map(
      rows.map((row) => [`${row.level}/${row.place}`, row.hash.toString('latin1')]),
    );
  }

  /** Judges the next block; to be called with all of them in order. */
  judge(block: KeptBlock): FirstBad | null {
    if (this.missing !== null) return this.missing;
    if (block.block !== this.next) return gone(this.next);
    const why = this.whyBad(block);
    if (why !== null) return why;
    this.previous = block;
    this.next += 1;
    return this.grow(block);
  }

  private whyBad(block: KeptBlock): FirstBad | null {
    const key = block.block.toString();
    const bad = { block: block.block, table: 'ledger_block', key };
    if (!blockHash(block).equals(block.hash)) {
      return { ...bad, why: 'its hash is not that of what stands in it' };
    }
    const before = this.previous?.hash ?? noBlock;
    if (!block.previous.equals(before)) {
      const number = block.block - 1;
      if (number === 0) return { ...bad, why: 'it is the first and names one before it' };
      const why = `block ${block.block} names another hash of it: it was sealed anew`;
      return { block: number, table: 'ledger_block', key: number.toString(), why };
    }
    if (!fold(this.frontier()).equals(block.history)) {
      return { ...bad, why: 'its history is not that of the blocks before it' };
    }
    return null;
  }

  /** The nodes that this block completes must be those that are kept: proofs are made of them. */
  private grow(block: KeptBlock): FirstBad | null {
    let place = block.block - 1;
    let hash = block.hash;
    for (let level = 0; ; level += 1) {
      const key = `${level}/${place}`;
      if (this.kept.get(key) !== hash.toString('latin1')) {
        const why = 'it is not the node of the blocks below it';
        return { block: block.block, table: 'ledger_node', key, why };
      }
      const left = this.open.get(level);
      if (place % 2 === 0 || left === undefined) {
        this.open.set(level, hash);
        return null;
      }
      this.open.delete(level);
      hash = nodeOf(left, hash);
      place = (place - 1) / 2;
    }
  }

  private frontier(): Buffer[] {
    return [...this.open.keys()]
      .sort((a, b) => b - a)
      .flatMap((level) => this.open.get(level) ?? []);
  }

  private async loadOpen(size: number): Promise<void> {
    const places = nodesOfRange({ from: 0, to: size });
    const rows = await this.database.query<{ level: number; hash: Buffer }>(
      `SELECT n.level, n.hash FROM unnest($2::smallint[], $3::bigint[]) AS w(level, place)
         JOIN ledger_node n ON n.shop_id = $1 AND n.level = w.level AND n.place = w.place`,
      [this.shopId, places.map(({ level }) => level), places.map(({ place }) => place)],
    );
    for (const { level, hash } of rows) this.open.set(level, hash);
  }
}

function gone(block: number): FirstBad {
  return { block, table: 'ledger_block', key: block.toString(), why: 'the block is gone' };
}
