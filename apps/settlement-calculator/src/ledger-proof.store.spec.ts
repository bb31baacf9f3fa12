import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LedgerArchivePage, LedgerProof } from '@qingfen/contracts';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ArchiveService } from './archive.service.js';
import { Books } from './books.fixture.js';
import { ProofService } from './proof.service.js';
import { livedShop, SealedBooks } from './sealed-shop.fixture.js';

const tools = path.resolve(import.meta.dirname, '../../../tools/verify');
const hasPython = spawnSync('python3', ['--version']).status === 0;
/** The verifier and the second opinion, which was written from docs/proofs.md alone. */
const verifiers: readonly (readonly [string, string, string])[] = [
  ['Node.js', process.execPath, path.join(tools, 'verify.mjs')],
  ...(hasPython ? [['Python', 'python3', path.join(tools, 'verify.py')] as const] : []),
];

let books: Books;
let sealed: SealedBooks;
let proofs: ProofService;
let archives: ArchiveService;
let folder: string;
let shopId: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'qingfen-proofs-'));
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sealed = new SealedBooks(books, folder);
  proofs = new ProofService(books.database, sealed.signer);
  archives = new ArchiveService(books.database, sealed.signer);
  shopId = await livedShop(sealed, 'proven');
  await writeFile(path.join(folder, 'key.pem'), sealed.signer.publicKeyPem);
});
afterAll(async () => {
  await books.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a verifier says of files. */
function run(tool: string, script: string, args: readonly string[]): { readonly all: string } {
  const { stdout, status } = spawnSync(tool, [script, ...args], { encoding: 'utf8' });
  expect(status).toBe(/^BAD /m.test(stdout) ? 1 : 0);
  return { all: stdout };
}

let files = 0;

async function written(text: string, ending: string): Promise<string> {
  files += 1;
  const file = path.join(folder, `${files}.${ending}`);
  await writeFile(file, text);
  return file;
}

/** What all verifiers say of documents, one word each: they agree. */
async function verdicts(
  documents: readonly unknown[],
  ...args: readonly string[]
): Promise<readonly string[]> {
  const given: string[] = [];
  for (const document of documents) given.push(await written(JSON.stringify(document), 'json'));
  return agreed([...given, ...args]);
}

function agreed(args: readonly string[]): readonly string[] {
  const said = verifiers.map(([, tool, script]) => {
    const { all } = run(tool, script, args);
    return [...all.matchAll(/^(GOOD|BAD) /gm)].map(([, word]) => word ?? '');
  });
  for (const words of said) expect(words).toEqual(said[0]);
  return said[0] ?? [];
}

const good = (count: number): string[] => Array.from({ length: count }, () => 'GOOD');
const bad = (count: number): string[] => Array.from({ length: count }, () => 'BAD');

type Line = Record<string, unknown>;

async function archive(fromBlock = 1): Promise<Line[]> {
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

async function archived(
  archives: readonly (readonly Line[])[],
  ...args: readonly string[]
): Promise<readonly string[]> {
  const given: string[] = [];
  for (const lines of archives) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    given.push(await written(text, 'ndjson'));
  }
  return agreed([...given, ...args]);
}

async function ids(sql: string): Promise<string[]> {
  const rows = await books.database.query<{ id: string }>(sql, [shopId]);
  return rows.map(({ id }) => id);
}

describe('R-EVO-1 proofs that others check', () => {
  it('R-EVO-1 what is under no signed head has no proof yet', async () => {
    const [id] = await ids(`SELECT 'en_' || max(entry_id) AS id FROM entry WHERE shop_id = $1`);
    await expect(proofs.prove(shopId, 'entries', id ?? '')).rejects.toMatchObject({
      problem: { status: 409, code: 'not-sealed' },
    });
    await expect(proofs.prove(shopId, 'entries', 'en_1')).rejects.toMatchObject({
      problem: { status: 404 },
    });
    await sealed.sayHead(shopId);
  });

  it('R-EVO-1 every entry, statement and posting has one that both verifiers accept', async () => {
    const named = [
      ...(await ids(`SELECT 'entries en_' || entry_id AS id FROM entry WHERE shop_id = $1`)),
      ...(await ids(
        `SELECT 'statements ' || statement_id AS id FROM statement WHERE shop_id = $1`,
      )),
      ...(await ids(
        `SELECT 'postings ' || transaction_id AS id FROM ledger_transaction WHERE shop_id = $1`,
      )),
      ...(await ids(
        `SELECT 'postings statement-issued:' || statement_id AS id FROM statement WHERE shop_id = $1`,
      )),
      'postings order-completed:o-1',
    ];
    expect(named.length).toBeGreaterThan(40);
    const given: string[] = [];
    for (const name of named) {
      const [type = '', id = ''] = name.split(' ');
      const proof = await proofs.prove(shopId, type as LedgerProof['subject']['type'], id);
      files += 1;
      const file = path.join(folder, `${files}.json`);
      await writeFile(file, JSON.stringify(proof));
      given.push(file);
    }
    for (const [, tool, script] of verifiers) {
      const { all } = run(tool, script, [...given, '--key', path.join(folder, 'key.pem')]);
      expect(all.match(/^GOOD /gm)).toHaveLength(named.length);
    }
  });

  it('R-EVO-1 a proof in which anything was changed is refused by both', async () => {
    const [id] = await ids(
      `SELECT 'en_' || min(entry_id) AS id FROM entry WHERE shop_id = $1 AND kind = 'commission'`,
    );
    const proof = await proofs.prove(shopId, 'entries', id ?? '');
    expect(await verdicts([proof])).toEqual(good(1));
    const zeros = '0'.repeat(64);
    const forged: unknown[] = [
      { ...proof, fact: proof.fact.replace('"2700"', '"9900"') },
      { ...proof, fact: `${proof.fact} ` },
      { ...proof, shopId: 'other' },
      { ...proof, subject: { type: 'entries', id: 'en_1' } },
      { ...proof, batch: { ...proof.batch, index: proof.batch.index + 1 } },
      { ...proof, batch: { ...proof.batch, factCount: proof.batch.factCount + 1 } },
      { ...proof, batch: { ...proof.batch, bookedAtMs: proof.batch.bookedAtMs + 1 } },
      { ...proof, batch: { ...proof.batch, path: proof.batch.path.slice(1) } },
      { ...proof, batch: { ...proof.batch, path: [...proof.batch.path, zeros] } },
      { ...proof, block: { ...proof.block, block: proof.block.block + 1 } },
      { ...proof, block: { ...proof.block, sealedAtMs: 1 } },
      { ...proof, head: { ...proof.head, day: '2026-01-09' } },
      { ...proof, head: { ...proof.head, hash: zeros } },
      { ...proof, head: { ...proof.head, signature: Buffer.alloc(64).toString('base64') } },
    ];
    expect(await verdicts(forged)).toEqual(bad(forged.length));
    // One that somebody else signed is good for his key, and not for ours.
    const other = new SealedBooks(books).signer;
    const text = ['ledger-head', shopId, proof.head.day, proof.head.block, proof.head.hash];
    const signature = other.sign(JSON.stringify(text)).toString('base64');
    const theirs = { ...proof, head: { ...proof.head, signature, publicKey: other.publicKeyPem } };
    expect(await verdicts([theirs])).toEqual(good(1));
    expect(await verdicts([theirs], '--key', path.join(folder, 'key.pem'))).toEqual(bad(1));
  });

  it('R-EVO-1 a day is the beginning of every later day, and a changed past is not', async () => {
    const days = await ids(
      `SELECT DISTINCT day::text AS id FROM ledger_head WHERE shop_id = $1 ORDER BY 1`,
    );
    expect(days.length).toBeGreaterThan(1);
    const all = [];
    for (const [index, from] of days.entries()) {
      for (const to of days.slice(index)) all.push(await proofs.consistency(shopId, from, to));
    }
    expect(await verdicts(all)).toEqual(good(all.length));
    const proof = await proofs.consistency(shopId, days[0] ?? '', days.at(-1) ?? '');
    const zeros = '0'.repeat(64);
    const forged = [
      { ...proof, inclusion: [...proof.inclusion.slice(1), zeros] },
      { ...proof, consistency: [zeros, ...proof.consistency.slice(1)] },
      { ...proof, consistency: [] },
      { ...proof, from: proof.to, to: proof.from },
      { ...proof, from: { ...proof.from, of: { ...proof.from.of, history: zeros } } },
    ];
    expect(await verdicts(forged)).toEqual(bad(forged.length));
    await expect(proofs.consistency(shopId, '2020-01-01', '2026-01-01')).rejects.toMatchObject({
      problem: { status: 404 },
    });
  });

  it('R-EVO-1 R-OPS-3 an archive is checked without us, from any block, packed or not', async () => {
    const lines = await archive();
    const later = [];
    for (const from of [2, 3, 4, 5, 6]) later.push(await archive(from));
    expect(await archived([lines, ...later])).toEqual(good(6));
    const file = path.join(folder, 'packed.ndjson.gz');
    await writeFile(file, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
    expect(agreed([file, '--key', path.join(folder, 'key.pem')])).toEqual(good(1));
    const [node] = verifiers;
    const { all } = run(node?.[1] ?? '', node?.[2] ?? '', [file]);
    const ledger = await books.database.query<{ row: string }>(
      `SELECT '  CNY ' || c.name || ' ' || sum(leg.amount) AS row
         FROM ledger_transaction t, unnest(t.account_nos, t.amounts) AS leg(account_no, amount),
              account c
        WHERE t.shop_id = $1 AND c.shop_id = $1 AND c.account_no = leg.account_no
        GROUP BY c.name HAVING sum(leg.amount) <> 0`,
      [shopId],
    );
    expect(ledger.length).toBeGreaterThan(5);
    for (const { row } of ledger) expect(all.split('\n')).toContain(`  ${row}`);
  });

  it('R-EVO-1 O9 F28 an archive in which anything was changed is refused by both', async () => {
    const lines = await archive();
    const batches = lines.flatMap((line, index) => ('batch' in line ? [index] : []));
    const blocks = lines.flatMap((line, index) => ('block' in line ? [index] : []));
    const without = (index: number): Line[] => lines.filter((_, at) => at !== index);
    const swapped = (a: number, b: number): Line[] =>
      lines.map((line, at) => (at === a ? lines[b] : at === b ? lines[a] : line) ?? {});
    const changed = (index: number, change: (facts: string[]) => string[]): Line[] =>
      lines.map((line, at) =>
        at === index ? { ...line, facts: change([...(line['facts'] as string[])]) } : line,
      );
    const flipped = batches.map((index) =>
      changed(index, ([one = '', ...rest]) => [one.replace('"', '""'), ...rest]),
    );
    const [batch = 0] = batches;
    const forged = [
      ...flipped,
      changed(batch, (facts) => facts.slice(1)),
      changed(batch, (facts) => [...facts, '["entry"]']),
      changed(batch, (facts) => facts.reverse()),
      without(batch),
      without(blocks[1] ?? 0),
      swapped(blocks[0] ?? 0, blocks[1] ?? 0),
      lines.slice(0, -1),
      lines.slice(0, blocks.at(-1)),
    ];
    expect(await archived(forged)).toEqual(bad(forged.length));
  });

  it('F28 O9 an archive whose end was cut off neatly is found through a head that was kept', async () => {
    const lines = await archive();
    const last = lines.findLastIndex((line) => 'block' in line);
    const kept = lines.slice(0, last);
    const counted = kept.flatMap((line) => ('block' in line ? [line['block']] : [])) as {
      factCount: number;
    }[];
    const facts = counted.reduce((sum, { factCount }) => sum + factCount, 0);
    const cut = [...kept, { end: { blocks: counted.length, facts } }];
    expect(await archived([cut])).toEqual(good(1));
    const day = books.clock.now().toISOString().slice(0, 10);
    const head = path.join(folder, shopId, `${day}.json`);
    expect(await archived([lines, cut], '--head', head)).toEqual(['GOOD', 'BAD']);
    expect(agreed([head])).toEqual(good(1));
  });
});
