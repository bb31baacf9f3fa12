import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';
import { Desk, maker } from './manual.fixture.js';
import { NoticeService } from './notice.service.js';
import { ownGoods, Sales } from './sales.fixture.js';

const dayMs = 86_400_000;
const notices = new NoticeService();

let books: Books;
let desk: Desk;
let sales: Sales;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-10T10:00:00+08:00'));
  desk = new Desk(books);
  sales = new Sales(desk);
});
afterAll(async () => {
  await books.close();
});

/** A version published now that takes effect in some days, or its withdrawal. */
async function published(
  shopId: string,
  { version = 2, inDays = 3, withdrawn = false } = {},
): Promise<void> {
  const now = books.clock.now();
  const publishedAt = now.toISOString();
  const effectiveFrom = new Date(now.getTime() + inDays * dayMs).toISOString();
  const data: EventData['settlement-plan-published'] = {
    shopId,
    version,
    plan: ownGoods,
    hash: `h${version}`,
    publishedAt,
    effectiveFrom,
    ...(withdrawn ? { withdrawnAt: publishedAt } : {}),
  };
  await books.told([data], 'settlement-plan-published', (unit, events) =>
    books.copies.keepPlans(unit, events),
  );
}

async function announce(): Promise<void> {
  while (await desk.run((unit) => notices.step(unit)));
}

/** Who was told what on the topic, oldest first: `payee version`, with `withdrawn` where it was. */
async function told(shopId: string): Promise<string[]> {
  const said = await sales.said('plan-change-announced', shopId);
  return said.map(({ payeeId, version, withdrawnAt }) => {
    return `${payeeId} ${version}${withdrawnAt === undefined ? '' : ' withdrawn'}`;
  });
}

function moveTo(at: number): void {
  books.clock.take(new Date(at));
}

describe('R-RUL-5 notices of a new version', () => {
  it('R-RUL-5 go to every payee with an entry in the 90 days before, stated or not, once', async () => {
    const shopId = await sales.newShop('notice', ['d-hand', 'd-idle', 'd-stated']);
    const start = books.clock.now().getTime();
    await sales.sold([sales.order(shopId, { orderId: 'old', distributors: ['d-old'] })]);
    moveTo(start + 1);
    await sales.sold([sales.order(shopId, { orderId: 'edge', distributors: ['d-edge'] })]);
    moveTo(start + 30 * dayMs);
    await sales.sold(sales.orderEach(shopId, ['d-stated', 'd-refunded']));
    sales.night();
    await books.runDue();
    expect(await desk.stated(shopId)).toContain('commission d-stated 2700');
    await books.heard('order-refunded', [sales.refund(shopId, 'r-1', '100.00', 'o-d-refunded')]);
    await sales.sold([sales.order(shopId, { orderId: 'new', distributors: ['d-new'] })]);
    await desk.run((unit) =>
      desk.adjustments.create(unit, {
        limit: desk.limit,
        shopId,
        caller: maker,
        body: { payeeId: 'd-hand', kind: 'supplier', amount: '1.00', reason: 'by hand' },
      }),
    );
    moveTo(start + 1 + 90 * dayMs);
    await published(shopId);
    await announce();
    const payees = ['d-edge', 'd-hand', 'd-new', 'd-refunded', 'd-stated'];
    expect(await told(shopId)).toEqual(payees.map((payeeId) => `${payeeId} 2`));
    await published(shopId);
    await announce();
    expect(await told(shopId)).toHaveLength(payees.length);
    const [said] = await sales.said('plan-change-announced', shopId);
    expect(said).toEqual({
      shopId,
      payeeId: 'd-edge',
      version: 2,
      publishedAt: books.clock.now().toISOString(),
      effectiveFrom: new Date(start + 1 + 93 * dayMs).toISOString(),
    });
  });

  it('R-RUL-5 are given once by twenty at it side by side', async () => {
    const shopId = await sales.newShop('race', []);
    const payeeIds = Array.from({ length: 30 }, (_, index) => `d-${index + 10}`);
    await sales.sold(sales.orderEach(shopId, payeeIds));
    await published(shopId);
    await Promise.all(Array.from({ length: 20 }, announce));
    expect((await told(shopId)).sort()).toEqual(payeeIds.map((payeeId) => `${payeeId} 2`));
  });

  it('R-RUL-5 R-TEA-1 reach a leader whose reward was stated lately', async () => {
    const teamReward = {
      tiers: [{ from: '0', rate: '0.01' }],
      cycle: { every: 'day', at: '02:00' },
    };
    const plan = { returnWindowDays: 0, teamReward };
    const shopId = await sales.newShop('leader', [], plan);
    await books.told(
      [
        {
          shopId,
          payeeId: 'lead',
          name: 'lead',
          roles: ['team-leader'],
          teamId: 't-1',
          alipay: { identityType: 'ALIPAY_LOGON_ID', identity: 'lead@x.test', name: 'lead' },
        },
      ],
      'payee-upserted',
      (unit, events) => books.copies.keepPayees(unit, events),
    );
    await sales.sold([sales.order(shopId, { distributors: [], teamId: 't-1' })]);
    sales.night();
    await books.runDue();
    sales.morning();
    expect(await desk.stated(shopId)).toEqual(['team-reward lead 100']);
    await published(shopId);
    await announce();
    expect(await told(shopId)).toEqual(['lead 2']);
  });

  it('R-RUL-5 are taken back from those who were told, when the version is withdrawn', async () => {
    const shopId = await sales.newShop('back', []);
    await sales.sold(sales.orderEach(shopId, ['d-1', 'd-2']));
    await published(shopId);
    await announce();
    await published(shopId, { withdrawn: true });
    await announce();
    await announce();
    expect(await told(shopId)).toEqual(['d-1 2', 'd-2 2', 'd-1 2 withdrawn', 'd-2 2 withdrawn']);
  });

  it('R-RUL-5 are not given of a version that was withdrawn before anybody was told', async () => {
    const shopId = await sales.newShop('quick', []);
    await sales.sold([sales.order(shopId)]);
    await published(shopId);
    await published(shopId, { withdrawn: true });
    await announce();
    // Listed, and withdrawn before the first was told.
    await published(shopId, { version: 3 });
    await desk.run((unit) => notices.step(unit));
    await published(shopId, { version: 3, withdrawn: true });
    await announce();
    expect(await told(shopId)).toEqual([]);
  });

  it('R-RUL-5 are not given of a version that takes effect at once', async () => {
    const shopId = await sales.newShop('now', []);
    await sales.sold([sales.order(shopId)]);
    await published(shopId, { inDays: 0 });
    await announce();
    expect(await told(shopId)).toEqual([]);
  });
});
