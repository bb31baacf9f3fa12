import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LedgerKey } from '@qingfen/contracts';
import {
  makeSigningKey,
  TextSigner,
  type LedgerKeySecrets,
  type SigningKey,
} from '@qingfen/security';
import { bad, good, Offline, verifiers } from '@qingfen/testing';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { archiveOf, type Line } from './archive-lines.fixture.js';
import { ArchiveService } from './archive.service.js';
import { Books } from './books.fixture.js';
import { Desk } from './manual.fixture.js';
import { ProofService } from './proof.service.js';
import { Sales } from './sales.fixture.js';
import { SealedBooks } from './sealed-shop.fixture.js';

const [k1, k2, k3, stranger] = ['k-1', 'k-2', 'k-3', 'k-9'].map(makeSigningKey) as [
  SigningKey,
  SigningKey,
  SigningKey,
  SigningKey,
];

let books: Books;
let sales: Sales;
let offline: Offline;
let shopId: string;
/** The days of heads, each under the key of its time. */
const days: string[] = [];
/** PEM files of keys, by their ids. */
const pems: Record<string, string> = {};
let orders = 0;

beforeAll(async () => {
  offline = await Offline.open();
  books = await Books.open(new Date('2026-01-01T10:00:00+08:00'));
  sales = new Sales(new Desk(books));
  shopId = await sales.newShop('rotated', ['d-1']);
  for (const key of [k1, k2, k3, stranger]) {
    pems[key.keyId] = await offline.written(key.publicKeyPem, 'pem');
  }
  for (const key of [
    { current: k1 },
    { current: k2, previous: k1 },
    { current: k3, previous: k2 },
  ]) {
    await livedUnder(key);
  }
});
afterAll(async () => {
  await books.close();
  await offline.close();
});

/** A start of the service with these keys. */
async function started(key: LedgerKeySecrets): Promise<SealedBooks> {
  const sealed = new SealedBooks(books, offline.folder, key);
  await sealed.keys.onModuleInit();
  return sealed;
}

/** A start, and two days with orders and heads. */
async function livedUnder(key: LedgerKeySecrets): Promise<SealedBooks> {
  const sealed = await started(key);
  for (let day = 0; day < 2; day += 1) {
    orders += 1;
    await books.completed([sales.order(shopId, { orderId: `o-${orders}` })]);
    await sealed.seal(shopId);
    const head = await sealed.sayHead(shopId);
    expect(head?.keyId).toBe(key.current.keyId);
    days.push(head?.day ?? '');
    sales.nextDay();
  }
  return sealed;
}

const services = async (): Promise<{ proofs: ProofService; archives: ArchiveService }> => {
  const { keys } = await started({ current: k3 });
  return {
    proofs: new ProofService(books.database, keys),
    archives: new ArchiveService(books.database, keys),
  };
};

const keyOf = (...ids: readonly string[]): string[] =>
  ids.flatMap((id) => ['--key', pems[id] ?? '']);

async function lines(): Promise<Line[]> {
  return archiveOf((await services()).archives, shopId);
}

const isKey = (line: Line): boolean => 'key' in line;
const keysIn = (all: readonly Line[]): LedgerKey[] =>
  all.flatMap((line) => (isKey(line) ? [line['key'] as LedgerKey] : []));
/** The archive with another list of keys. */
const under = (all: readonly Line[], keys: readonly unknown[]): Line[] => [
  ...all.slice(0, 1),
  ...keys.map((key) => ({ key })),
  ...all.slice(1).filter((line) => !isKey(line)),
];
/** The archive with its heads signed anew, those that this is said of. */
const resigned = (
  all: readonly Line[],
  key: SigningKey,
  which: (head: Record<string, unknown>) => boolean,
): Line[] =>
  all.map((line) => {
    const head = line['head'] as Record<string, unknown> | undefined;
    if (head === undefined || !which(head)) return line;
    const text = ['ledger-head', head['shopId'], head['day'], head['block'], head['hash']];
    const signature = new TextSigner(key).sign(JSON.stringify(text)).toString('base64');
    return { head: { ...head, keyId: key.keyId, signature } };
  });

describe('R-EVO-1 R-OPS-3 the key that signs heads may be changed', () => {
  it('R-EVO-1 whoever was given any one of the keys checks the whole archive, and no other key does', async () => {
    const all = await lines();
    expect(keysIn(all).map(({ keyId }) => keyId)).toEqual(['k-1', 'k-2', 'k-3']);
    expect(await offline.archived([all])).toEqual(good(1));
    for (const id of ['k-1', 'k-2', 'k-3']) {
      expect(await offline.archived([all], ...keyOf(id))).toEqual(good(1));
    }
    expect(await offline.archived([all], ...keyOf('k-9'))).toEqual(bad(1));
  });

  it('R-EVO-1 proofs, heads and days under different keys lead to the first as well', async () => {
    const { proofs } = await services();
    const proven = [];
    for (let order = 1; order <= orders; order += 1) {
      proven.push(await proofs.prove(shopId, 'postings', `order-completed:o-${order}`));
    }
    expect(new Set(proven.map(({ head }) => head.keyId))).toEqual(new Set(['k-1', 'k-2', 'k-3']));
    const consistent = [];
    for (const [index, from] of days.entries()) {
      for (const to of days.slice(index)) {
        consistent.push(await proofs.consistency(shopId, from, to));
      }
    }
    const documents = [...proven, ...consistent];
    expect(await offline.verdicts(documents, ...keyOf('k-1'))).toEqual(good(documents.length));
    expect(await offline.verdicts(documents, ...keyOf('k-9'))).toEqual(bad(documents.length));
    const files = days.map((day) => path.join(offline.folder, shopId, `${day}.json`));
    expect(offline.agreed([...files, ...keyOf('k-1')])).toEqual(good(files.length));
    const said = await sales.said('ledger-head', shopId);
    const chains = said.map(({ keys }) => keys?.map(({ keyId }) => keyId));
    expect(chains).toEqual([
      ...[undefined, undefined],
      ...[
        ['k-1', 'k-2'],
        ['k-1', 'k-2'],
      ],
      ...[
        ['k-1', 'k-2', 'k-3'],
        ['k-1', 'k-2', 'k-3'],
      ],
    ]);
  });

  it('R-EVO-1 the list of keys is a file beside the heads', async () => {
    const sealed = await started({ current: k3 });
    await sealed.files.keepKeys(await sealed.keys.all(books.database));
    const file = path.join(offline.folder, 'keys.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      keys: [{ keyId: 'k-1' }, { keyId: 'k-2' }, { keyId: 'k-3' }],
    });
    expect(offline.agreed([file, ...keyOf('k-1')])).toEqual(good(1));
    expect(offline.agreed([file, ...keyOf('k-9')])).toEqual(bad(1));
  });

  it('R-EVO-1 O9 a head under a key that nobody introduced is found, and every forged introduction', async () => {
    const all = await lines();
    const [one, two, three] = keysIn(all) as [LedgerKey, LedgerKey, LedgerKey];
    const strange = { keyId: 'k-9', publicKey: stranger.publicKeyPem };
    const link = { ...two.introduced, by: 'k-3' };
    const isLast = ({ keyId }: Record<string, unknown>): boolean => keyId === 'k-3';
    const forged = [
      // Without, or with another introduction than the one that was signed.
      resigned(all, stranger, isLast),
      under(resigned(all, stranger, isLast), [one, two, three, strange]),
      under(resigned(all, stranger, isLast), [one, two, three, { ...strange, introduced: link }]),
      under(all, [one, { ...two, introduced: { ...two.introduced, atMs: 1 } }, three]),
      under(all, [one, { ...two, introduced: { ...two.introduced, signature: null } }, three]),
      under(all, [one, { ...two, introduced: { ...two.introduced, countersignature: '' } }, three]),
      under(all, [one, { ...two, publicKey: stranger.publicKeyPem }, three]),
      // Left out, swapped, there twice.
      under(all, [two, three]),
      under(all, [one, three]),
      under(all, [one, three, two]),
      under(all, [one, two, two, three]),
      under(all, []),
    ];
    expect(await offline.archived(forged, ...keyOf('k-1'))).toEqual(bad(forged.length));
  });

  it('R-EVO-1 a key signs nothing that was sealed after another one followed it, were it stolen', async () => {
    const all = await lines();
    const late = resigned(all, k1, ({ keyId }) => keyId === 'k-2');
    expect(await offline.archived([late], ...keyOf('k-1'))).toEqual(bad(1));
    const [node] = verifiers();
    const text = late.map((line) => `${JSON.stringify(line)}\n`).join('');
    const file = await offline.written(text, 'ndjson');
    const said = offline.run(node?.[1] ?? '', node?.[2] ?? '', [file]);
    expect(said).toContain('the key k-1, which had been followed by another');
  });

  it('R-EVO-1 O9 our own verification believes the same, and no row that somebody wrote', async () => {
    const sealed = await started({ current: k3 });
    expect(await sealed.verifier().verify(shopId, 1)).toMatchObject({ firstBad: null });
    const rows = [
      `UPDATE ledger_key SET countersignature = repeat('x', 64)::bytea WHERE key_id = 'k-2'`,
      `UPDATE ledger_key SET introduced_at = introduced_at - interval '1 day' WHERE key_id = 'k-2'`,
      `UPDATE ledger_head SET key_id = 'k-9' WHERE day = '${days[0] ?? ''}'`,
    ];
    for (const sql of rows) {
      expect([sql, await sealed.foundAfter(shopId, sql)]).toEqual([
        sql,
        expect.objectContaining({ key: days[0] }),
      ]);
    }
  });

  it('R-EVO-1 a process that was left with the old key signs no heads, and says nothing', async () => {
    const old = await started({ current: k2, previous: k1 });
    orders += 1;
    await books.completed([sales.order(shopId, { orderId: `o-${orders}` })]);
    await old.seal(shopId);
    expect(await old.sayHead(shopId)).toBeNull();
    const now = await started({ current: k3, previous: k2 });
    expect(await now.sayHead(shopId)).toMatchObject({ keyId: 'k-3' });
    expect(await offline.archived([await lines()], ...keyOf('k-1'))).toEqual(good(1));
  });

  it('R-EVO-1 a start with a key that nobody introduces is refused, and says what is missing', async () => {
    await expect(started({ current: stranger })).rejects.toThrow(
      /k-3, and k-9 is to be introduced/,
    );
    await expect(started({ current: stranger, previous: k1 })).rejects.toThrow('isPreviousLost');
    expect(await offline.archived([await lines()])).toEqual(good(1));
  });

  it('R-EVO-1 where a key was lost its successor has to be given: then all is good, and without it nothing', async () => {
    const sealed = new SealedBooks(books, offline.folder, {
      current: stranger,
      isPreviousLost: true,
    });
    await sealed.keys.onModuleInit();
    orders += 1;
    await books.completed([sales.order(shopId, { orderId: `o-${orders}` })]);
    await sealed.seal(shopId);
    await sealed.sayHead(shopId);
    const archives = new ArchiveService(books.database, sealed.keys);
    const all = await archiveOf(archives, shopId);
    expect(await offline.archived([all])).toEqual(bad(1));
    expect(await offline.archived([all], ...keyOf('k-1'))).toEqual(bad(1));
    expect(await offline.archived([all], ...keyOf('k-9'))).toEqual(good(1));
    expect(await offline.archived([all], ...keyOf('k-1', 'k-9'))).toEqual(good(1));
    expect(await sealed.verifier().verify(shopId, 1)).toMatchObject({ firstBad: null });
  });
});
