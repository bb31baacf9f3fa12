import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LedgerProof } from '@qingfen/contracts';
import { bad, good, Offline, verifiers } from '@qingfen/testing';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { archiveOf, type Line } from './archive-lines.fixture.js';
import { ArchiveService } from './archive.service.js';
import { Books } from './books.fixture.js';
import { ProofService } from './proof.service.js';
import { livedShop, SealedBooks } from './sealed-shop.fixture.js';

let books: Books;
let sealed: SealedBooks;
let proofs: ProofService;
let archives: ArchiveService;
let offline: Offline;
let folder: string;
let shopId: string;
beforeAll(async () => {
  offline = await Offline.open();
  ({ folder } = offline);
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sealed = new SealedBooks(books, folder);
  proofs = new ProofService(books.database, sealed.keys);
  archives = new ArchiveService(books.database, sealed.keys);
  shopId = await livedShop(sealed, 'proven');
  await writeFile(path.join(folder, 'key.pem'), sealed.keys.signer.publicKeyPem);
});
afterAll(async () => {
  await books.close();
  await offline.close();
});

const archive = (fromBlock?: number): Promise<Line[]> => archiveOf(archives, shopId, fromBlock);

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
      given.push(await offline.written(JSON.stringify(proof), 'json'));
    }
    for (const [, tool, script] of verifiers()) {
      const all = offline.run(tool, script, [...given, '--key', path.join(folder, 'key.pem')]);
      expect(all.match(/^GOOD /gm)).toHaveLength(named.length);
    }
  });

  it('R-EVO-1 a proof in which anything was changed is refused by both', async () => {
    const [id] = await ids(
      `SELECT 'en_' || min(entry_id) AS id FROM entry WHERE shop_id = $1 AND kind = 'commission'`,
    );
    const proof = await proofs.prove(shopId, 'entries', id ?? '');
    expect(await offline.verdicts([proof])).toEqual(good(1));
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
    expect(await offline.verdicts(forged)).toEqual(bad(forged.length));
    // One that somebody else signed is good for his key, and not for ours.
    const other = new SealedBooks(books).keys.signer;
    const text = ['ledger-head', shopId, proof.head.day, proof.head.block, proof.head.hash];
    const signature = other.sign(JSON.stringify(text)).toString('base64');
    const theirs = { ...proof, head: { ...proof.head, signature, publicKey: other.publicKeyPem } };
    expect(await offline.verdicts([theirs])).toEqual(good(1));
    expect(await offline.verdicts([theirs], '--key', path.join(folder, 'key.pem'))).toEqual(bad(1));
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
    expect(await offline.verdicts(all)).toEqual(good(all.length));
    const proof = await proofs.consistency(shopId, days[0] ?? '', days.at(-1) ?? '');
    const zeros = '0'.repeat(64);
    const forged = [
      { ...proof, inclusion: [...proof.inclusion.slice(1), zeros] },
      { ...proof, consistency: [zeros, ...proof.consistency.slice(1)] },
      { ...proof, consistency: [] },
      { ...proof, from: proof.to, to: proof.from },
      { ...proof, from: { ...proof.from, of: { ...proof.from.of, history: zeros } } },
    ];
    expect(await offline.verdicts(forged)).toEqual(bad(forged.length));
    await expect(proofs.consistency(shopId, '2020-01-01', '2026-01-01')).rejects.toMatchObject({
      problem: { status: 404 },
    });
  });

  it('R-EVO-1 R-OPS-3 an archive is checked without us, from any block, packed or not', async () => {
    const lines = await archive();
    const later = [];
    for (const from of [2, 3, 4, 5, 6]) later.push(await archive(from));
    expect(await offline.archived([lines, ...later])).toEqual(good(6));
    const file = path.join(folder, 'packed.ndjson.gz');
    await writeFile(file, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
    expect(offline.agreed([file, '--key', path.join(folder, 'key.pem')])).toEqual(good(1));
    const [node] = verifiers();
    const all = offline.run(node?.[1] ?? '', node?.[2] ?? '', [file]);
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
    expect(await offline.archived(forged)).toEqual(bad(forged.length));
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
    expect(await offline.archived([cut])).toEqual(good(1));
    const day = books.clock.now().toISOString().slice(0, 10);
    const head = path.join(folder, shopId, `${day}.json`);
    expect(await offline.archived([lines, cut], '--head', head)).toEqual(['GOOD', 'BAD']);
    expect(offline.agreed([head])).toEqual(good(1));
  });
});
