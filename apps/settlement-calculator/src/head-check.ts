import type { LedgerHeadFile } from '@qingfen/contracts';
import type { Database } from '@qingfen/database';
import type { TextSigner } from '@qingfen/security';
import type { FirstBad } from './batch-verdict.js';
import type { HeadFiles } from './head-files.js';
import { headText } from './ledger-block.js';
import { headsBetween } from './ledger-head.store.js';
import { headWords, type HeadWords } from './ledger-view.js';

interface Stretch {
  readonly shopId: string;
  readonly from: number;
  /** Null up to the end, and beyond it. */
  readonly to: number | null;
}

/** Heads that were signed and said, in the database and as files: each is the hash of its block. */
export class HeadCheck {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly files: HeadFiles,
    private readonly signer: TextSigner,
  ) {}

  async firstBad(stretch: Stretch): Promise<FirstBad | null> {
    const rows = await headsBetween(this.database, stretch);
    const files = await this.files.read(stretch.shopId);
    const heads = [
      ...rows.map((row) => ({ ...headWords(row), source: 'ledger_head' })),
      ...files.filter(isHead).map((file) => ({ ...file, source: 'head file' })),
    ].filter((head) => isWithin(head, stretch));
    const hashes = await this.hashesOf(stretch.shopId, heads);
    const ordered = heads.sort((a, b) => a.block - b.block);
    const bad = ordered.flatMap((head) => this.judge(head, hashes, stretch.shopId) ?? []);
    const unreadable = files.find((file) => 'unreadable' in file);
    if (bad[0] === undefined && stretch.to === null && unreadable !== undefined) {
      const key = unreadable.unreadable;
      return { block: null, table: 'head file', key, why: 'it is no head any more' };
    }
    return bad[0] ?? null;
  }

  private judge(
    head: HeadWords & { readonly source: string },
    hashes: ReadonlyMap<number, string>,
    shopId: string,
  ): FirstBad | null {
    const { block, day, hash, source } = head;
    const bad = { block, table: source, key: day };
    const text = headText({ shopId, day, block, hash: Buffer.from(hash, 'hex') });
    const isSigned =
      head.shopId === shopId &&
      head.keyId === this.signer.keyId &&
      this.signer.made(text, Buffer.from(head.signature, 'base64'));
    if (!isSigned) return { ...bad, why: `${this.signer.keyId} did not sign it` };
    const there = hashes.get(block);
    if (there === hash) return null;
    const key = block.toString();
    if (there === undefined) {
      const why = `the signed head of ${day} (${source}) is block ${block}, and it is gone`;
      return { block, table: 'ledger_block', key, why };
    }
    const why = `it is not the block that was signed as the head of ${day} (${source})`;
    return { block, table: 'ledger_block', key, why };
  }

  private async hashesOf(
    shopId: string,
    heads: readonly HeadWords[],
  ): Promise<ReadonlyMap<number, string>> {
    const rows = await this.database.query<{ block: bigint; hash: Buffer }>(
      'SELECT block, hash FROM ledger_block WHERE shop_id = $1 AND block = ANY ($2::bigint[])',
      [shopId, heads.map(({ block }) => block)],
    );
    return new Map(rows.map((row) => [Number(row.block), row.hash.toString('hex')]));
  }
}

function isHead(file: LedgerHeadFile | { readonly unreadable: string }): file is LedgerHeadFile {
  return !('unreadable' in file);
}

function isWithin({ block }: HeadWords, { from, to }: Stretch): boolean {
  return block >= from && (to === null || block <= to);
}
