import type { LedgerHeadFile } from '@qingfen/contracts';
import type { Database } from '@qingfen/database';
import { isSignedText } from '@qingfen/security';
import type { FirstBad } from './batch-verdict.js';
import type { HeadFiles } from './head-files.js';
import { headText } from './ledger-block.js';
import { headsBetween } from './ledger-head.store.js';
import type { TrustedKey } from './ledger-key.js';
import type { LedgerKeys } from './ledger-keys.service.js';
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
    private readonly keys: LedgerKeys,
  ) {}

  async firstBad(stretch: Stretch): Promise<FirstBad | null> {
    const rows = await headsBetween(this.database, stretch);
    const files = await this.files.read(stretch.shopId);
    const heads = [
      ...rows.map((row) => ({ ...headWords(row), source: 'ledger_head' })),
      ...files.filter(isHead).map((file) => ({ ...file, source: 'head file' })),
    ].filter((head) => isWithin(head, stretch));
    const blocks = await this.blocksOf(stretch.shopId, heads);
    const keys = await this.keys.trusted(this.database);
    const ordered = heads.sort((a, b) => a.block - b.block);
    const bad = ordered.flatMap((head) => {
      return judge(head, { block: blocks.get(head.block), keys, shopId: stretch.shopId }) ?? [];
    });
    const unreadable = files.find((file) => 'unreadable' in file);
    if (bad[0] === undefined && stretch.to === null && unreadable !== undefined) {
      const key = unreadable.unreadable;
      return { block: null, table: 'head file', key, why: 'it is no head any more' };
    }
    return bad[0] ?? null;
  }

  private async blocksOf(
    shopId: string,
    heads: readonly HeadWords[],
  ): Promise<ReadonlyMap<number, HeadedBlock>> {
    const rows = await this.database.query<{ block: bigint; hash: Buffer; sealed_at: Date }>(
      `SELECT block, hash, sealed_at FROM ledger_block
        WHERE shop_id = $1 AND block = ANY ($2::bigint[])`,
      [shopId, heads.map(({ block }) => block)],
    );
    return new Map(
      rows.map((row) => {
        const hash = row.hash.toString('hex');
        return [Number(row.block), { hash, sealedAtMs: row.sealed_at.getTime() }];
      }),
    );
  }
}

interface HeadedBlock {
  readonly hash: string;
  readonly sealedAtMs: number;
}

interface Judging {
  /** Undefined: it is gone. */
  readonly block: HeadedBlock | undefined;
  readonly keys: ReadonlyMap<string, TrustedKey>;
  readonly shopId: string;
}

function judge(
  head: HeadWords & { readonly source: string },
  { block: there, keys, shopId }: Judging,
): FirstBad | null {
  const { block, day, hash, source, keyId } = head;
  const bad = { block, table: source, key: day };
  const text = headText({ shopId, day, block, hash: Buffer.from(hash, 'hex') });
  const key = keys.get(keyId);
  if (key === undefined) return { ...bad, why: `nobody introduced the key ${keyId}` };
  const isSigned =
    head.shopId === shopId &&
    isSignedText(text, Buffer.from(head.signature, 'base64'), key.publicKey);
  if (!isSigned) return { ...bad, why: `${keyId} did not sign it` };
  const blockKey = block.toString();
  if (there === undefined) {
    const why = `the signed head of ${day} (${source}) is block ${block}, and it is gone`;
    return { block, table: 'ledger_block', key: blockKey, why };
  }
  if (key.untilMs !== null && there.sealedAtMs > key.untilMs) {
    return { ...bad, why: `${keyId} had been followed by another key when the block was sealed` };
  }
  if (there.hash === hash) return null;
  const why = `it is not the block that was signed as the head of ${day} (${source})`;
  return { block, table: 'ledger_block', key: blockKey, why };
}

function isHead(file: LedgerHeadFile | { readonly unreadable: string }): file is LedgerHeadFile {
  return !('unreadable' in file);
}

function isWithin({ block }: HeadWords, { from, to }: Stretch): boolean {
  return block >= from && (to === null || block <= to);
}
