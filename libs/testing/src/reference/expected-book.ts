import type { EventData } from '@qingfen/contracts';

import type { ReferenceKind, ReferenceVersion } from './plan-in-force.js';
import { tellWindows } from './shop/evidence.js';
import { ReferenceShop } from './shop/reference-shop.js';

/** An order event and the business instant at which it was published. */
export interface PublishedOrder {
  readonly data: EventData['order-completed'];
  readonly publishedAt: string;
}

/** A payee's account from an instant on; null is none. */
export interface KnownPayee {
  readonly shopId: string;
  readonly payeeId: string;
  readonly identity: string | null;
  readonly knownFrom: string;
}

/** What one run states to one payee. */
export interface ExpectedStatement {
  readonly shopId: string;
  readonly kind: ReferenceKind;
  readonly payeeId: string;
  /** The run's scheduled instant, milliseconds. */
  readonly periodMs: number;
  readonly netMinor: bigint;
  readonly entryCount: number;
}

/** What must have been paid, and what must still be owed, in fen. */
export interface ExpectedBook {
  readonly statements: readonly ExpectedStatement[];
  /** Σ paid by `shopId|kind|payeeId`. */
  readonly paid: ReadonlyMap<string, bigint>;
  /** Σ owed but not stated by `shopId|kind|payeeId`. */
  readonly unstated: ReadonlyMap<string, bigint>;
}

/** The key of {@link ExpectedBook}'s maps. */
export function bookKey(of: {
  readonly shopId: string;
  readonly kind: string;
  readonly payeeId: string;
}): string {
  return `${of.shopId}|${of.kind}|${of.payeeId}`;
}

/**
 * What every payee must have been paid by an instant: a {@link ReferenceShop} that hears the published
 * events, versions and payees alone, no refunds, no holds, every window's close told, every payout
 * succeeding. Shops are in Asia/Shanghai. An event published twice, or again under another id, counts
 * once; the first content stands.
 */
export function expectedBook(facts: {
  readonly orders: readonly PublishedOrder[];
  readonly versions: readonly ReferenceVersion[];
  readonly payees: readonly KnownPayee[];
  readonly at: string;
}): ExpectedBook {
  const shopIds = [...new Set(facts.versions.map(({ shopId }) => shopId))];
  const shops = shopIds.map((shopId) => shopUntil(shopId, facts));
  return {
    statements: shops.flatMap(statementsOf),
    paid: summed(shops.flatMap(statementsOf).map((each) => [bookKey(each), each.netMinor])),
    unstated: summed(
      shops.flatMap(({ state: { shopId, open } }) =>
        [...open].map(({ kind, owner, fen }): [string, bigint] => {
          return [bookKey({ shopId, kind, payeeId: owner }), fen];
        }),
      ),
    ),
  };
}

/** Lives through a shop's runs; what is told at the instant of a run comes too late for it. */
function shopUntil(shopId: string, facts: Parameters<typeof expectedBook>[0]): ReferenceShop {
  const shop = new ReferenceShop(shopId);
  for (const version of facts.versions) if (version.shopId === shopId) shop.hearVersion(version);
  const orders = facts.orders
    .filter(({ data }) => data.shopId === shopId)
    .map(({ data, publishedAt }) => ({ data, atMs: Date.parse(publishedAt) }));
  const payees = facts.payees
    .filter((payee) => payee.shopId === shopId)
    .map((payee) => ({ payee, atMs: Date.parse(payee.knownFrom) }));
  const untilMs = Date.parse(facts.at);
  const runs = shop.runsToCome(untilMs);
  let [heardOrders, heardPayees] = [-Infinity, -Infinity];
  const hearUntil = (ordersMs: number, payeesMs: number): void => {
    for (const { data, atMs } of orders) {
      if (atMs > heardOrders && atMs <= ordersMs) shop.complete([data]);
    }
    tellWindows(shop.state);
    for (const { payee, atMs } of payees) {
      if (atMs > heardPayees && atMs <= payeesMs) hearPayee(shop, payee, atMs);
    }
    [heardOrders, heardPayees] = [ordersMs, payeesMs];
  };
  for (const run of runs) {
    hearUntil(run.dueMs - 1, run.dueMs);
    shop.execute(run);
  }
  hearUntil(Infinity, untilMs);
  return shop;
}

function hearPayee(shop: ReferenceShop, payee: KnownPayee, toldMs: number): void {
  const { shopId, payeeId, identity } = payee;
  const identityType = 'ALIPAY_LOGON_ID';
  const alipay =
    identity === null ? {} : ({ alipay: { identityType, identity, name: payeeId } } as const);
  shop.hearPayee({ shopId, payeeId, name: payeeId, roles: ['distributor'], ...alipay }, toldMs);
}

function statementsOf({ state: { shopId, statements } }: ReferenceShop): ExpectedStatement[] {
  return [...statements.values()].map(({ kind, payeeId, period, netFen, entries }) => ({
    shopId,
    kind,
    payeeId,
    periodMs: Date.parse(period),
    netMinor: netFen,
    entryCount: entries.length,
  }));
}

function summed(pairs: readonly (readonly [string, bigint])[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [key, amount] of pairs) sums.set(key, (sums.get(key) ?? 0n) + amount);
  return sums;
}
