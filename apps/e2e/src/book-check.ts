import { type ExpectedBook, expectedBook, fenOf, type SandboxTransfer } from '@qingfen/testing';

import type { TestShop } from './test-shop.js';

/** What the reference says these shops must have paid by an instant. */
export function referenceOf(shops: readonly TestShop[], at: string): ExpectedBook {
  return expectedBook({
    orders: shops.flatMap(({ orders }) => orders),
    versions: shops.flatMap(({ versions }) => versions),
    payees: shops.flatMap(({ payees }) => payees),
    at,
  });
}

/** Fen that really moved, by account and kind-blind; only transfers that succeeded. */
export function movedByIdentity(
  transfers: readonly SandboxTransfer[],
): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const { identity, amount, status } of transfers) {
    if (status !== 'SUCCESS') continue;
    sums[identity] = (sums[identity] ?? 0n) + fenOf(amount);
  }
  return sums;
}

/** Fen that the reference expects on each account of these shops. */
export function expectedByIdentity(
  book: ExpectedBook,
  shops: readonly TestShop[],
): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {};
  for (const { shopId, payeeId, netMinor } of book.statements) {
    const shop = shops.find((each) => each.shopId === shopId);
    if (shop === undefined) throw new Error(`the reference pays for ${shopId}, nobody's shop`);
    const identity = shop.identityOf(payeeId);
    sums[identity] = (sums[identity] ?? 0n) + netMinor;
  }
  return sums;
}
