import {
  firstParting,
  markOf,
  readMarks,
  tableOfMark,
  tagOfTable,
  type Parting,
} from './leaf-mark.js';
import { batchLeaf, type LedgerBlock } from './ledger-block.js';
import { leafText, merkleRoot, rootOfTexts } from './merkle.js';
import type { MarkedBatch } from './sealed-batch.store.js';
import type { RowFact } from './sealed-rows.store.js';

/** What is not as it was sealed: which row, and why it is known. */
export interface BadRow {
  readonly table: string;
  readonly key: string;
  readonly why: string;
}

/** The first that a verification found, and the block that it belongs to where that can be said. */
export interface FirstBad extends BadRow {
  readonly block: number | null;
}

/** Compares a batch, which its block vouches for, with the rows that say they are of it; null: as it was. */
export function judgeBatch(batch: MarkedBatch, facts: readonly RowFact[]): BadRow | null {
  const leaves = facts.map(({ text }) => leafText(text));
  if (leaves.length > 0 && rootOfTexts(leaves).equals(batch.root))
    return judgeInstants(batch, facts);
  const { batchId, marks } = batch;
  const whole = { table: 'journal_batch', key: batchId.toString() };
  if (marks === null) {
    return {
      ...whole,
      why: 'its rows are not those that were booked; it has no marks to say which',
    };
  }
  const noted = readMarks(marks);
  const there = leaves.map((leaf, place) => markOf(tagAt(facts, place), leaf));
  const parting = firstParting(noted, there);
  if (parting === null) {
    return { ...whole, why: 'its rows were changed together with the marks that would say which' };
  }
  return nameParting(parting, facts, batchId);
}

function tagAt(facts: readonly RowFact[], place: number): string {
  const fact = facts[place];
  return fact === undefined ? '' : tagOfTable(fact.table);
}

/** What is not hashed of a row, but must be its batch's. */
function judgeInstants(
  { bookedAt, batchId }: MarkedBatch,
  facts: readonly RowFact[],
): BadRow | null {
  const odd = facts.find((fact) => fact.bookedAt !== null && +fact.bookedAt !== +bookedAt);
  if (odd === undefined) return null;
  const why = `it says that it was booked at another instant than its batch ${batchId}`;
  return { table: odd.table, key: odd.key, why };
}

function nameParting(parting: Parting, facts: readonly RowFact[], batchId: bigint): BadRow {
  const { place } = parting;
  const where = `at place ${place} of batch ${batchId}`;
  if (parting.kind === 'gone') {
    const table = tableOfMark(parting.mark) ?? 'journal_batch';
    return { table, key: keyOfGone(facts, table, place), why: `the fact ${where} is gone` };
  }
  const fact = facts[place];
  const row = { table: fact?.table ?? 'journal_batch', key: fact?.key ?? batchId.toString() };
  if (parting.kind === 'extra') return { ...row, why: `it was not booked; it stands ${where}` };
  if (parting.kind === 'moved') return { ...row, why: `another fact was booked ${where}` };
  return { ...row, why: `it is not what was booked ${where}` };
}

/** The number between its neighbours where there is just one; else behind which row it stood. */
function keyOfGone(facts: readonly RowFact[], table: string, place: number): string {
  const [before, after] = [facts[place - 1], facts[place]];
  const last = before?.table === table ? before.key : null;
  const next = after?.table === table ? after.key : null;
  if (last !== null && next !== null && /^[0-9]+$/.test(last + next)) {
    if (BigInt(next) - BigInt(last) === 2n) return (BigInt(last) + 1n).toString();
  }
  return last === null ? 'the first of its batch' : `after ${last}`;
}

/** Compares the batches that say they are of a block with what it sealed; null: as they were. */
export function judgeBatches(
  block: LedgerBlock & { readonly batchMarks: Buffer },
  batches: readonly MarkedBatch[],
  tag: string,
): BadRow | null {
  const leaves = batches.map((batch) => batchLeaf(block.shopId, batch));
  if (leaves.length > 0 && merkleRoot(leaves).equals(block.root)) return null;
  const there = leaves.map((leaf) => markOf(tag, leaf.toString('latin1')));
  const parting = firstParting(readMarks(block.batchMarks), there);
  if (parting === null) {
    const why = 'its batches were changed together with the marks that would say which';
    return { table: 'ledger_block', key: block.block.toString(), why };
  }
  const { place } = parting;
  const where = `at place ${place} of block ${block.block}`;
  if (parting.kind === 'gone') {
    const last = batches[place - 1]?.batchId;
    const key = last === undefined ? 'the first of its block' : `after ${last}`;
    return { table: 'journal_batch', key, why: `the batch ${where} is gone` };
  }
  const key = batches[place]?.batchId.toString() ?? '';
  const why = parting.kind === 'changed' ? 'it is not what was sealed' : 'another batch was sealed';
  return { table: 'journal_batch', key, why: `${why} ${where}` };
}
