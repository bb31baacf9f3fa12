import type { LedgerArchivePage } from '@qingfen/contracts';
import type { ArchiveService } from './archive.service.js';

export type Line = Record<string, unknown>;

/** An archive as docs/proofs.md has it, put together by hand. */
export async function archiveOf(
  archives: ArchiveService,
  shopId: string,
  fromBlock = 1,
): Promise<Line[]> {
  const pages: LedgerArchivePage[] = [];
  for (let next: number | null = fromBlock; next !== null;) {
    const page = await archives.page(shopId, next);
    pages.push(page);
    next = page.nextBlock;
  }
  const before = pages[0]?.before ?? [];
  const blocks = pages.flatMap((page) => page.blocks);
  return [
    { ledger: { format: 'qingfen-ledger/1', shopId, fromBlock, before } },
    ...(pages[0]?.keys ?? []).map((key) => ({ key })),
    ...blocks.flatMap(({ batches, ...block }) => [
      { block },
      ...batches.map(({ facts, ...batch }) => ({ batch, facts })),
    ]),
    ...pages.flatMap((page) => page.heads).map((head) => ({ head })),
    { end: { blocks: blocks.length, facts: blocks.reduce((sum, b) => sum + b.factCount, 0) } },
  ];
}
