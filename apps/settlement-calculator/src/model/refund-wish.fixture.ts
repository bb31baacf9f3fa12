import type { EventData } from '@qingfen/contracts';
import { fenOf, yuanOf, type ReferenceShop } from '@qingfen/testing';
import type { Portion, WishOf } from './wishes.fixture.js';
import type { World } from './world.fixture.js';

type Wanted = WishOf<'refund'>['refunds'][number];
type Row = EventData['order-refunded']['items'][number];

/** What is left of a line, or will be there when its order comes. */
interface Left {
  readonly itemId: string;
  readonly amountFen: bigint;
  readonly subsidyFen: bigint;
}

/**
 * The refund that is wished for, of an order that has come or not; undefined where nothing is left. One
 * that was told before is told again, just so or with other data, which must not count.
 */
export function refundOf(
  world: World,
  { shopId, orders, refunds }: ReferenceShop['state'],
  wanted: Wanted,
): EventData['order-refunded'] | undefined {
  const [orderId, refundId] = [world.orderId(wanted.order), `r-${wanted.refund}`];
  const known = refunds.get(`${orderId} ${refundId}`);
  if (known !== undefined && wanted.ago === 0) return known.data;
  const left: readonly Left[] =
    orders.get(orderId)?.lines.map(({ item, amountFen, subsidyFen }) => {
      return { itemId: item.itemId, amountFen, subsidyFen };
    }) ??
    world.cardOf(orderId).items.map(({ itemId, amount, subsidy = '0' }) => {
      return { itemId, amountFen: fenOf(amount), subsidyFen: fenOf(subsidy) };
    });
  const items = wanted.lines.flatMap(([line, portion]) => {
    const of = left[line % left.length];
    return of === undefined ? [] : (rowOf(of, portion) ?? []);
  });
  if (items.length === 0) return undefined;
  return { shopId, orderId, refundId, refundedAt: world.hours(-wanted.ago), items };
}

/** A row must take something. */
function rowOf({ itemId, amountFen, subsidyFen }: Left, portion: Portion): Row | undefined {
  const row = (amount: bigint, subsidy: bigint): Row | undefined => {
    if (amount + subsidy === 0n) return undefined;
    const part = subsidy === 0n ? {} : { subsidy: yuanOf(subsidy) };
    return { itemId, amount: yuanOf(amount), ...part };
  };
  switch (portion) {
    case 'all':
      return row(amountFen, subsidyFen);
    case 'half':
      return row((amountFen + 1n) / 2n, 0n);
    case 'fen':
      return row(1n, 0n);
    case 'subsidy':
      return row(0n, subsidyFen);
    case 'too-much':
      return row(amountFen + 1n, 0n);
    case 'unknown-line':
      return { itemId: 'i-9', amount: '1.00' };
    default: {
      const never: never = portion;
      return never;
    }
  }
}
