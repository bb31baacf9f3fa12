import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditPlan, SignedPage } from '@qingfen/contracts';
import { PageSigner } from '@qingfen/hosting';
import { isSignedText, makeSecrets, type ServiceName } from '@qingfen/security';
import { ArchiveService } from './archive.service.js';
import { AuditService } from './audit.service.js';
import { accountSums } from './audit.store.js';
import { totalsOf } from './audit-totals.js';
import { Books } from './books.fixture.js';
import { livedShop, SealedBooks } from './sealed-shop.fixture.js';

let books: Books;
let sealed: SealedBooks;
let audit: AuditService;
let shopId: string;
const secrets = makeSecrets();
const services: Partial<Record<ServiceName, readonly string[]>> = { gateway: [], rules: [] };

beforeAll(async () => {
  books = await Books.open(new Date('2026-01-30T10:00:00+08:00'));
  const { signingKey: current } = secrets.services['settlement-calculator'];
  sealed = new SealedBooks(books, null, { current });
  const env = { service: 'settlement-calculator', services, secrets } as const;
  const { database, clock } = books;
  audit = new AuditService(database, clock, sealed.keys, env, new PageSigner(env));
  // It lives from the 30th of January into February.
  shopId = await livedShop(sealed, 'audited');
});
afterAll(() => books.close());

const january = (): Promise<AuditPlan> => audit.plan(shopId, '2026-01');

async function records(
  list: 'totals' | 'kind-totals',
  { from, to, toBlock }: AuditPlan,
): Promise<readonly (readonly string[])[]> {
  const page: SignedPage = await audit.totals(list, shopId, { from, to, toBlock: `${toBlock}` });
  expect(page.nextCursor).toBeNull();
  return JSON.parse(page.text).at(-1);
}

/** What the facts of the ledger's own archive come to, added up here. */
async function summed({ from, to, toBlock }: AuditPlan): Promise<Map<string, bigint[]>> {
  const archives = new ArchiveService(books.database, sealed.keys);
  const { blocks } = await archives.page(shopId, 1, toBlock);
  const sums = new Map<string, bigint[]>();
  for (const batch of blocks.flatMap(({ batches }) => batches)) {
    if (batch.bookedAtMs >= Date.parse(to)) continue;
    for (const text of batch.facts) {
      const [kind, , , currency, , , names, amounts] = JSON.parse(text);
      if (kind !== 'ledger-transaction') continue;
      for (const [index, name] of String(names).split(',').entries()) {
        const amount = BigInt(String(amounts).split(',')[index] ?? '');
        const sum = sums.get(`${currency} ${name}`) ?? [0n, 0n, 0n];
        const place = batch.bookedAtMs < Date.parse(from) ? 0 : amount > 0n ? 1 : 2;
        sum[place] = (sum[place] ?? 0n) + (place === 2 ? -amount : amount);
        sums.set(`${currency} ${name}`, sum);
      }
    }
  }
  return sums;
}

describe('R-OPS-3 the ledger’s part in an audit package', () => {
  it('R-OPS-3 a month that is not over, or not under a signed head, has none yet', async () => {
    await expect(audit.plan(shopId, '2026-02')).rejects.toMatchObject({
      problem: { status: 409, code: 'month-not-over' },
    });
    books.clock.take(new Date('2026-03-02T10:00:00+08:00'));
    await expect(audit.plan(shopId, '2026-02')).rejects.toMatchObject({
      problem: { status: 409, code: 'not-sealed' },
    });
    const head = await sealed.sayHead(shopId);
    expect(await audit.plan(shopId, '2026-02')).toMatchObject({ toBlock: head?.block });
  });

  it('R-OPS-3 goes to the first head over all of the month, in the shop’s own zone', async () => {
    const plan = await january();
    expect([plan.from, plan.to]).toEqual(['2025-12-31T16:00:00.000Z', '2026-01-31T16:00:00.000Z']);
    expect(plan.toBlock).toBeGreaterThan(0);
    expect(await audit.plan(shopId, '2025-11')).toMatchObject({ toBlock: 0 });
    expect(await audit.plan('nobody', '2026-01')).toMatchObject({ toBlock: 0 });
  });

  it('R-OPS-3 totals are what the facts come to, by account and by kind, before and within the month', async () => {
    const february = await audit.plan(shopId, '2026-02');
    for (const plan of [await january(), february]) {
      const sums = await summed(plan);
      expect(sums.size).toBeGreaterThan(5);
      const told = await records('totals', plan);
      expect(told.map(([place]) => place)).toEqual([...sums.keys()].sort());
      for (const [place = '', , , accounts, ...amounts] of told) {
        const [opening = 0n, debit = 0n, credit = 0n] = sums.get(place) ?? [];
        const closing = opening + debit - credit;
        expect([place, accounts, ...amounts]).toEqual([
          ...[place, 1],
          ...[opening, debit, credit, closing].map(String),
        ]);
      }
      const kinds = await records('kind-totals', plan);
      const sumOf = (rows: readonly (readonly string[])[], column: number): bigint =>
        rows.reduce((sum, row) => sum + BigInt(row[column] ?? '0'), 0n);
      for (const column of [3, 4, 5, 6, 7]) {
        expect(sumOf(kinds, column)).toBe(sumOf(told, column));
      }
      expect(sumOf(told, 7)).toBe(0n);
      expect(kinds.map(([place]) => place)).toContain('CNY payable:commission');
      expect(kinds.length).toBeLessThan(told.length);
    }
    expect((await records('totals', february)).some((row) => row[4] !== '0')).toBe(true);
  });

  it('R-OPS-3 totals are the same in whatever pieces the ledger is read', async () => {
    const { from, to, toBlock } = await audit.plan(shopId, '2026-02');
    const span = { shopId, from: new Date(from), to: new Date(to), toBlock };
    const whole = totalsOf('totals', await accountSums(books.database, span));
    expect(whole.length).toBeGreaterThan(5);
    for (const piece of [
      { facts: 1, batches: 1 },
      { facts: 7, batches: 3 },
      { facts: 1_000, batches: 2 },
    ]) {
      expect(totalsOf('totals', await accountSums(books.database, span, piece))).toEqual(whole);
    }
  });

  it('R-OPS-3 pages of totals go on behind each other', async () => {
    const { from, to, toBlock } = await january();
    const [first] = await records('totals', await january());
    const query = { from, to, toBlock: `${toBlock}`, cursor: first?.[0] ?? '' };
    const rest = JSON.parse((await audit.totals('totals', shopId, query)).text);
    expect(rest.slice(5, 7)).toEqual([first?.[0], true]);
    expect(rest.at(-1)).toEqual((await records('totals', await january())).slice(1));
  });

  it('R-OPS-3 R-EVO-1 the ledger’s key vouches for the keys of the services that there are', async () => {
    const { services: signed } = await january();
    const { publicKeyPem } = sealed.keys.signer;
    const isSigned = isSignedText(
      signed.text,
      Buffer.from(signed.signature, 'base64'),
      publicKeyPem,
    );
    expect(isSigned).toBe(true);
    const keyOf = (name: ServiceName): unknown => {
      const { keyId, publicKeyPem: key } = secrets.services[name].signingKey;
      return [name, keyId, key];
    };
    const named = [keyOf('rules'), keyOf('gateway')];
    expect(JSON.parse(signed.text)).toEqual(['audit-services', shopId, '2026-01', named]);
  });
});
