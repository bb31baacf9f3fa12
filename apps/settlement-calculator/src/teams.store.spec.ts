import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventData } from '@qingfen/contracts';
import { Books } from './books.fixture.js';

const plan = {
  platformFee: { rate: '0.10' },
  teamReward: {
    tiers: [
      { from: '0.00', rate: '0' },
      { from: '1000.00', rate: '0.01' },
    ],
  },
};

let books: Books;
let shopNumber = 0;
beforeAll(async () => {
  books = await Books.open(new Date('2026-01-01T00:00:00+08:00'));
});
afterAll(async () => {
  await books.close();
});

async function newShop(): Promise<string> {
  shopNumber += 1;
  const shopId = `shop-${shopNumber}`;
  const at = '2026-01-01T00:00:00+08:00';
  const base = { name: shopId, timezone: 'Asia/Shanghai', noticePeriodDays: 0 };
  await books.told(
    [{ shopId, ...base, transferMax: '50000.00', updatedAt: at }],
    'shop-upserted',
    (unit, events) => books.copies.keepShops(unit, events),
  );
  await books.told(
    [{ shopId, version: 1, plan, hash: 'h1', publishedAt: at, effectiveFrom: at }],
    'settlement-plan-published',
    (unit, events) => books.copies.keepPlans(unit, events),
  );
  return shopId;
}

async function leader(shopId: string, payeeId: string, teamId: string | undefined): Promise<void> {
  const data: EventData['payee-upserted'] = {
    shopId,
    payeeId,
    name: payeeId,
    roles: ['team-leader'],
    ...(teamId === undefined ? {} : { teamId }),
    alipay: { identityType: 'ALIPAY_LOGON_ID', identity: `${payeeId}@x.test`, name: payeeId },
  };
  await books.told([data], 'payee-upserted', (unit, events) =>
    books.copies.keepPayees(unit, events),
  );
}

async function sold(
  shopId: string,
  orderId: string,
  amount: string,
  completedAt = '2026-01-05T10:00:00+08:00',
): Promise<void> {
  await books.completed([
    {
      shopId,
      orderId,
      currency: 'CNY',
      paidAt: '2026-01-02T10:00:00+08:00',
      completedAt,
      items: [
        { itemId: '1', supplierId: 's-1', amount },
        { itemId: '2', supplierId: 's-1', amount: '50.00', kind: 'shipping' },
      ],
      distributors: [],
      teamId: 't-1',
    },
  ]);
  const closedAt = new Date(new Date(completedAt).getTime() + 7 * 86_400_000).toISOString();
  await books.told(
    [{ shopId, orderId, completedAt, closedAt }],
    'return-window-closed',
    (unit, e) => books.copies.keepEvidence(unit, e),
  );
}

async function refunded(shopId: string, orderId: string, amount: string): Promise<void> {
  await books.heard('order-refunded', [
    {
      shopId,
      orderId,
      refundId: `r-${orderId}`,
      refundedAt: '2026-02-03T10:00:00+08:00',
      items: [{ itemId: '1', amount }],
    },
  ]);
}

async function stated(shopId: string): Promise<string[]> {
  const rows = await books.database.query<{ row: string }>(
    `SELECT left(period, 10) || ' ' || payee_id || ' ' || net_minor AS row FROM statement
      WHERE shop_id = $1 AND kind = 'team-reward' ORDER BY 1`,
    [shopId],
  );
  return rows.map(({ row }) => row);
}

async function account(shopId: string, name: string): Promise<bigint> {
  const [row] = await books.database.query<{ sum: bigint }>(
    `SELECT coalesce(sum(amount_minor), 0)::bigint AS sum FROM posting
      WHERE shop_id = $1 AND account = $2`,
    [shopId, name],
  );
  return row?.sum ?? 0n;
}

const endOf = {
  january: new Date('2026-01-31T23:30:00+08:00'),
  february: new Date('2026-02-28T23:30:00+08:00'),
  march: new Date('2026-03-31T23:30:00+08:00'),
  april: new Date('2026-04-30T23:30:00+08:00'),
};

async function until(at: Date): Promise<void> {
  books.clock.take(at);
  await books.runDue();
}

describe('R-TEA-1 team rewards', () => {
  // One clock for all shops: the cases stand side by side in time.
  it('R-TEA-1 goods count once their window has closed, shipping never, and the leader is paid', async () => {
    const plain = await newShop();
    await leader(plain, 'l-1', 't-1');
    await sold(plain, 'o-1', '600.00');
    await sold(plain, 'o-2', '400.00');
    await sold(plain, 'o-3', '999.00', '2026-01-25T10:00:00+08:00'); // its window ends in February

    const alone = await newShop();
    await sold(alone, 'o-1', '2000.00');

    const crowded = await newShop();
    await leader(crowded, 'l-1', 't-1');
    await leader(crowded, 'l-2', 't-1');
    await sold(crowded, 'o-1', '2000.00');

    const disputed = await newShop();
    await leader(disputed, 'l-1', 't-1');
    await sold(disputed, 'o-1', '1000.00');
    await books.heard('order-disputed', [
      {
        shopId: disputed,
        orderId: 'o-1',
        disputeId: 'd',
        openedAt: '2026-01-20T10:00:00+08:00',
        reason: '',
      },
    ]);

    await until(endOf.january);
    expect(await stated(plain)).toEqual(['2026-01-31 l-1 1000']);
    expect(await account(plain, 'expense:team-reward')).toBe(1000n);
    expect(await account(plain, 'payable:team-reward:team:t-1')).toBe(0n);
    expect(await account(plain, 'payable:team-reward:l-1')).toBe(0n);
    // Rewarded, and waiting for its one leader.
    expect(await stated(alone)).toEqual([]);
    expect(await account(alone, 'payable:team-reward:team:t-1')).toBe(-2000n);
    expect(await stated(crowded)).toEqual([]);
    expect(await stated(disputed)).toEqual([]);

    // February: a refund of what was counted makes the performance negative, and it is carried.
    await refunded(plain, 'o-1', '600.00');
    await refunded(plain, 'o-2', '400.00');
    await leader(alone, 'l-9', 't-1');
    await leader(crowded, 'l-2', undefined);
    await books.heard('order-dispute-resolved', [
      {
        shopId: disputed,
        orderId: 'o-1',
        disputeId: 'd',
        resolvedAt: '2026-02-20T10:00:00+08:00',
      },
    ]);
    await until(endOf.february);
    // 999.00 − 1,000.00 = −1.00.
    expect(await stated(plain)).toEqual(['2026-01-31 l-1 1000']);
    expect(await stated(alone)).toEqual(['2026-02-28 l-9 2000']);
    expect(await stated(crowded)).toEqual(['2026-02-28 l-1 2000']);
    expect(await stated(disputed)).toEqual(['2026-02-28 l-1 1000']);

    // March: 1,000.99 − 1.00 carried = 999.99, which reaches no tier and is spent.
    await sold(plain, 'o-4', '1000.99', '2026-03-02T10:00:00+08:00');
    await until(endOf.march);
    expect(await stated(plain)).toHaveLength(1);
    await sold(plain, 'o-5', '1000.00', '2026-04-02T10:00:00+08:00');
    await until(endOf.april);
    expect(await stated(plain)).toEqual(['2026-01-31 l-1 1000', '2026-04-30 l-1 1000']);
  });
});
