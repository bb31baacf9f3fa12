import { Inject, Injectable } from '@nestjs/common';
import type { LedgerConsistency, LedgerProof } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { conflict, notFound } from '@qingfen/hosting';
import { invariant } from '@qingfen/money';
import { blocksFrom, nodesAt, type KeptBlock } from './block.store.js';
import {
  placeOfEntry,
  placeOfPosting,
  placeOfStatement,
  type FactPlace,
} from './fact-place.store.js';
import { batchLeaf, type SealedBatch } from './ledger-block.js';
import { headAfter, headOfDay, type SignedHead } from './ledger-head.store.js';
import { LedgerKeys } from './ledger-keys.service.js';
import { blockView, publicKeyOf, publishedHead } from './ledger-view.js';
import { leafOf } from './merkle.js';
import {
  consistencyPath,
  inclusionPath,
  nodesOfRange,
  rootOfRange,
  treeOf,
  type LeafRange,
} from './merkle-tree.js';
import { batchesOfBlocks } from './sealed-batch.store.js';
import { factsOfBatches, type RowFact } from './sealed-rows.store.js';

type ProofType = LedgerProof['subject']['type'];

/** Proofs that others check by themselves: docs/proofs.md says how. */
@Injectable()
export class ProofService {
  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'query'>,
    @Inject(LedgerKeys) private readonly keys: LedgerKeys,
  ) {}

  /**
   * The path from a fact to the first signed head over it.
   * @throws ProblemError 404 for what there is not, 409 `not-sealed` while no head is signed over it
   */
  async prove(shopId: string, type: ProofType, id: string): Promise<LedgerProof> {
    const place = await this.placeOf(shopId, type, id);
    if (place === undefined) throw notFound(`The ledger has no ${type} ${id.slice(0, 100)}.`);
    const number = await this.blockOfBatch(shopId, place.batchId);
    const head = number === null ? undefined : await headAfter(this.database, shopId, number);
    if (number === null || head === undefined) {
      throw conflict('not-sealed', 'No head is signed over it yet; one is within a minute.');
    }
    const block = await this.blockAt(shopId, number);
    const batches = await batchesOfBlocks(this.database, { shopId, from: number, to: number });
    return {
      format: 'qingfen-proof/1',
      shopId,
      subject: { type, id },
      ...(await this.withinBatch(shopId, place, batches.get(number) ?? [])),
      block: { ...blockView(block), ...pathOfBatch(shopId, place, batches.get(number) ?? []) },
      head: await this.underHead(block, head),
    };
  }

  /** That one day's ledger is the beginning of a later day's. @throws ProblemError 404 for a day without a head */
  async consistency(shopId: string, from: string, to: string): Promise<LedgerConsistency> {
    const [first, last] = [
      await headOfDay(this.database, shopId, from),
      await headOfDay(this.database, shopId, to),
    ];
    if (first === undefined || last === undefined || first.block > last.block) {
      throw notFound(`There are no heads of ${from} and, later, of ${to}.`);
    }
    const [old, now] = [first.block, last.block];
    const keys = await this.keys.all(this.database);
    return {
      format: 'qingfen-consistency/1',
      shopId,
      publicKey: publicKeyOf(keys, last.keyId),
      from: { ...publishedHead(first, keys), of: blockView(await this.blockAt(shopId, old)) },
      to: { ...publishedHead(last, keys), of: blockView(await this.blockAt(shopId, now)) },
      inclusion: await this.hashesOf(shopId, old < now ? inclusionPath(old - 1, now - 1) : []),
      consistency: await this.hashesOf(shopId, consistencyPath(old - 1, now - 1)),
    };
  }

  private placeOf(shopId: string, type: ProofType, id: string): Promise<FactPlace | undefined> {
    if (type === 'statements') return placeOfStatement(this.database, shopId, id);
    if (type === 'postings') return placeOfPosting(this.database, shopId, id);
    const number = /^en_([1-9][0-9]{0,17})$/.exec(id)?.[1];
    if (number === undefined) return Promise.resolve(undefined);
    return placeOfEntry(this.database, shopId, BigInt(number));
  }

  private async blockOfBatch(shopId: string, batchId: bigint): Promise<number | null> {
    const [row] = await this.database.query<{ block: bigint | null }>(
      'SELECT block FROM journal_batch WHERE shop_id = $1 AND batch_id = $2',
      [shopId, batchId],
    );
    return row?.block == null ? null : Number(row.block);
  }

  private async blockAt(shopId: string, number: number): Promise<KeptBlock> {
    const [block] = await blocksFrom(this.database, { shopId, from: number, limit: 1 });
    invariant(block?.block === number, `block ${number} of ${shopId} is there`);
    return block;
  }

  private async withinBatch(
    shopId: string,
    place: FactPlace,
    batches: readonly SealedBatch[],
  ): Promise<Pick<LedgerProof, 'fact' | 'batch'>> {
    const batch = batches.find(({ batchId }) => batchId === place.batchId);
    invariant(batch !== undefined, 'a batch stands in its block');
    const batchIds = [place.batchId];
    const facts = (await factsOfBatches(this.database, { shopId, batchIds })).get(place.batchId);
    const index = indexOf(facts ?? [], place);
    const fact = facts?.[index];
    invariant(fact !== undefined, `${place.table} ${place.key} is in its batch`);
    const leaves = (facts ?? []).map(({ text }) => leafOf(text));
    const path = hashes(inclusionPath(index, leaves.length), treeOf(leaves));
    return { fact: fact.text, batch: { ...batchView(batch), index, path } };
  }

  private async underHead(block: KeptBlock, head: SignedHead): Promise<LedgerProof['head']> {
    const { shopId } = block;
    const of = await this.blockAt(shopId, head.block);
    const size = head.block - 1;
    const path = block.block > size ? [] : inclusionPath(block.block - 1, size);
    const keys = await this.keys.all(this.database);
    return {
      ...publishedHead(head, keys),
      publicKey: publicKeyOf(keys, head.keyId),
      of: blockView(of),
      path: await this.hashesOf(shopId, path),
    };
  }

  private async hashesOf(shopId: string, ranges: readonly LeafRange[]): Promise<string[]> {
    const nodeAt = await nodesAt(this.database, shopId, ranges.flatMap(nodesOfRange));
    return hashes(ranges, (range) => rootOfRange(range, nodeAt));
  }
}

/** A batch as others check it. */
export function batchView({ batchId, factCount, bookedAt, root }: SealedBatch): {
  batchId: string;
  factCount: number;
  bookedAtMs: number;
  root: string;
} {
  return {
    batchId: batchId.toString(),
    factCount,
    bookedAtMs: bookedAt.getTime(),
    root: root.toString('hex'),
  };
}

function pathOfBatch(
  shopId: string,
  { batchId }: FactPlace,
  batches: readonly SealedBatch[],
): { readonly index: number; readonly path: string[] } {
  const index = batches.findIndex((batch) => batch.batchId === batchId);
  const leaves = batches.map((batch) => batchLeaf(shopId, batch));
  return { index, path: hashes(inclusionPath(index, leaves.length), treeOf(leaves)) };
}

function indexOf(facts: readonly RowFact[], { table, key, offset }: FactPlace): number {
  return facts.findIndex((fact) => fact.table === table && fact.key === key) + offset;
}

function hashes(ranges: readonly LeafRange[], rootOfTexts: (range: LeafRange) => Buffer): string[] {
  return ranges.map((range) => rootOfTexts(range).toString('hex'));
}
