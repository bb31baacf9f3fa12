import { ledgerArchivePageSchema, type LedgerArchivePage } from '@qingfen/contracts';
import { actLines, type WantedActs } from './acts.js';
import type { Gateway } from './gateway.js';

/** Which blocks of whose ledger. */
export interface WantedLedger {
  readonly shopId: string;
  readonly fromBlock: number;
  /** Of which time acts go into it as well; null: none do. */
  readonly acts: Pick<WantedActs, 'from' | 'to'> | null;
}

/** The lines of an archive as docs/proofs.md describes it, a page of the ledger in memory at a time. */
export async function* archiveLines(
  gateway: Pick<Gateway, 'find'>,
  { shopId, fromBlock, acts }: WantedLedger,
): AsyncGenerator<string> {
  const counts = { blocks: 0, facts: 0 };
  for (let next: number | null = fromBlock; next !== null;) {
    const path: string = `/shops/${shopId}/ledger/archive?fromBlock=${next}`;
    const page: LedgerArchivePage | undefined = await gateway.find(path, ledgerArchivePageSchema);
    if (page === undefined) throw new Error(`there is no shop ${shopId} that you may read`);
    if (next === fromBlock) {
      const { before } = page;
      yield JSON.stringify({ ledger: { format: 'qingfen-ledger/1', shopId, fromBlock, before } });
      for (const key of page.keys) yield JSON.stringify({ key });
    }
    for (const { batches, ...block } of page.blocks) {
      yield JSON.stringify({ block });
      for (const { facts, ...batch } of batches) yield JSON.stringify({ batch, facts });
      counts.blocks += 1;
      counts.facts += block.factCount;
    }
    for (const head of page.heads) yield JSON.stringify({ head });
    next = page.nextBlock;
  }
  if (acts !== null) yield* actLines(gateway, { shopId, ...acts });
  yield JSON.stringify({ end: counts });
}
