import { archiveLines, ledgerArchivePageSchema } from '@qingfen/contracts';
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
export async function* ledgerLines(
  gateway: Pick<Gateway, 'find'>,
  { shopId, fromBlock, acts }: WantedLedger,
): AsyncGenerator<string> {
  const lines = archiveLines({ shopId, fromBlock }, async (query) => {
    const path = `/shops/${shopId}/ledger/archive?${query}`;
    const page = await gateway.find(path, ledgerArchivePageSchema);
    if (page === undefined) throw new Error(`there is no shop ${shopId} that you may read`);
    return page;
  });
  let next = await lines.next();
  for (; next.done !== true; next = await lines.next()) yield JSON.stringify(next.value);
  if (acts !== null) yield* actLines(gateway, { shopId, ...acts });
  yield JSON.stringify({ end: next.value });
}
