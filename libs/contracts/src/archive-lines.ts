import type { LedgerArchivePage } from './http/ledger-proofs.js';

/** Which blocks of whose ledger; without `toBlock` up to the last. */
export interface ArchiveWanted {
  readonly shopId: string;
  readonly fromBlock: number;
  readonly toBlock?: number;
}

/** How much an archive holds: its last line says so. */
export interface ArchiveCounts {
  readonly blocks: number;
  readonly facts: number;
}

/**
 * The lines of an archive of a ledger as docs/proofs.md has it, without the last one, which its counts are:
 * a page in memory at a time, whoever reads the pages.
 */
export async function* archiveLines(
  wanted: ArchiveWanted,
  readPage: (query: string) => Promise<LedgerArchivePage>,
): AsyncGenerator<object, ArchiveCounts> {
  const { shopId, fromBlock, toBlock } = wanted;
  const counts = { blocks: 0, facts: 0 };
  for (let next: number | null = fromBlock; next !== null;) {
    const query = new URLSearchParams({ fromBlock: String(next) });
    if (toBlock !== undefined) query.set('toBlock', String(toBlock));
    const page = await readPage(query.toString());
    if (next === fromBlock) {
      const { before } = page;
      yield { ledger: { format: 'qingfen-ledger/1', shopId, fromBlock, before } };
      for (const key of page.keys) yield { key };
    }
    for (const { batches, ...block } of page.blocks) {
      yield { block };
      for (const { facts, ...batch } of batches) yield { batch, facts };
      counts.blocks += 1;
      counts.facts += block.factCount;
    }
    for (const head of page.heads) yield { head };
    next = page.nextBlock;
  }
  return counts;
}
