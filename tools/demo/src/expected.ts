import { type CastShop, shops } from './cast.js';
import type { Scene } from './script.js';
import { type ExpectedStatement, ShopBooks } from './shop-books.js';

/** A transfer that must have taken place, with the number under which Alipay knows it. */
export interface ExpectedTransfer {
  readonly outBizNo: string;
  readonly fen: bigint;
  readonly statement: ExpectedStatement;
}

/** Everything that must come out. */
export interface Expected {
  readonly books: readonly ShopBooks[];
  readonly statements: readonly ExpectedStatement[];
  /** Those that arrived. */
  readonly transfers: readonly ExpectedTransfer[];
  /** Those that Alipay must have refused because of the frozen account. */
  readonly refused: readonly ExpectedTransfer[];
}

/**
 * Who must have been paid what until an instant, worked out from the script alone, without any code
 * of the product and down to each transfer's number: the reference of a whole shop, with accounts
 * that fail around it.
 */
export function expectedUntil(scenes: readonly Scene[], untilMs: number): Expected {
  const books = shops.map((shop) => new ShopBooks(shop));
  const statements: ExpectedStatement[] = [];
  const live = (toMs: number): void => {
    for (const each of books) statements.push(...each.live(toMs));
  };
  for (const { atMs, acts, news } of scenes) {
    live(atMs);
    for (const act of acts) bookOf(books, act.shopId).undergo(act, atMs);
    for (const each of news) bookOf(books, each.data.shopId).hear(each);
  }
  live(untilMs);
  const transfers = statements.flatMap((statement) =>
    statement.payouts.map(({ outBizNo, fen }) => ({ outBizNo, fen, statement })),
  );
  return {
    books,
    statements,
    transfers: transfers.filter(({ statement }) => statement.isPaid),
    refused: transfers.filter(({ statement }) => !statement.isPaid),
  };
}

/** Σ of transfers of one shop, in fen. */
export function paidBy({ transfers }: Pick<Expected, 'transfers'>, { shopId }: CastShop): bigint {
  return sumOf(transfers.filter(({ statement }) => statement.shop.shopId === shopId));
}

/** Σ of amounts, in fen. */
export function sumOf(amounts: Iterable<{ readonly fen: bigint }>): bigint {
  let sum = 0n;
  for (const { fen } of amounts) sum += fen;
  return sum;
}

function bookOf(books: readonly ShopBooks[], shopId: string): ShopBooks {
  const found = books.find(({ shop }) => shop.shopId === shopId);
  if (found === undefined) throw new Error(`no shop is called ${shopId}`);
  return found;
}
