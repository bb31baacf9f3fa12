import { invariant, minor, sumMinor, type Minor } from '@qingfen/money';

/** What a payee is owed of one order in one statement; only what is more than nothing. */
export interface OrderShare {
  readonly orderId: string;
  /** Null: the buyer did not pay it through a trade that Alipay can split. */
  readonly tradeNo: string | null;
  readonly paidAt: Date;
  /** Of the statement's entries of that order, negatives included. */
  readonly amountMinor: Minor;
}

/** A buyer's payment, and how much of it may still be split. */
export interface TradeRoom {
  /** What the buyer paid and has not got back. */
  readonly paidMinor: Minor;
  /** What earlier legs took of it, to any payee, less what came back. */
  readonly takenMinor: Minor;
}

/** How a statement is split into legs. */
export interface RoyaltyTerms {
  readonly netMinor: Minor;
  /** The most of a trade that Alipay lets be split, in whole percent of what was paid. */
  readonly capPercent: number;
  /** Trades of orders that were paid before it are past Alipay's period. */
  readonly paidFrom: Date;
  /** Legs of one statement at most: what comes after them goes by transfer. */
  readonly legsMax: number;
  /** The shop's greatest payout: no leg is more. */
  readonly legMaxMinor: Minor;
  /** The least that a transfer moves: a rest below it, but 0, could not be paid. */
  readonly transferMinimumMinor: Minor;
}

/** One split of one trade, to one payee. */
export interface RoyaltyLeg {
  readonly orderId: string;
  readonly tradeNo: string;
  readonly amountMinor: Minor;
}

/** A statement's net in legs, and what goes by transfer; together they are the net. */
export interface RoyaltySplit {
  readonly legs: readonly RoyaltyLeg[];
  readonly restMinor: Minor;
}

/** The share of a trade that Alipay lets be split where it has not said otherwise (domain.md 7). */
export const usualCapPercent = 30;

/**
 * Splits a statement's net into legs, one for each order, the order paid first first: each at most what
 * the payee is owed of that order and what the trade's cap leaves after earlier legs. They are never more
 * than the net: what is owed back shortens the last ones. The cap is rounded down to the minor unit.
 *
 * The rest, which goes by transfer, is nothing or at least what a transfer moves: else the last legs are
 * shortened by what it lacks.
 *
 * @throws InvariantError when the net is below what a transfer moves.
 */
export function splitIntoLegs(
  shares: readonly OrderShare[],
  rooms: ReadonlyMap<string, TradeRoom>,
  terms: RoyaltyTerms,
): RoyaltySplit {
  const { netMinor, legsMax, transferMinimumMinor } = terms;
  invariant(netMinor >= transferMinimumMinor, 'a statement by royalty could go by transfer');
  const left = new Map<string, bigint>();
  const legs: RoyaltyLeg[] = [];
  let openMinor: bigint = netMinor;
  for (const { orderId, tradeNo, paidAt, amountMinor } of [...shares].sort(oldestFirst)) {
    if (openMinor === 0n || legs.length === legsMax) break;
    if (tradeNo === null || paidAt < terms.paidFrom) continue;
    const roomMinor = left.get(tradeNo) ?? roomIn(rooms.get(tradeNo), terms.capPercent);
    const legMinor = least(amountMinor, roomMinor, openMinor, terms.legMaxMinor);
    left.set(tradeNo, roomMinor - legMinor);
    if (legMinor <= 0n) continue;
    legs.push({ orderId, tradeNo, amountMinor: minor(legMinor) });
    openMinor -= legMinor;
  }
  const lacking = openMinor > 0n && openMinor < transferMinimumMinor;
  const kept = lacking ? shortened(legs, transferMinimumMinor - openMinor) : legs;
  const restMinor = minor(netMinor - sumMinor(kept.map(({ amountMinor }) => amountMinor)));
  invariant(restMinor >= 0n, 'the legs are never more than the net');
  invariant(restMinor === 0n || restMinor >= transferMinimumMinor, 'a transfer moves the rest');
  return { legs: kept, restMinor };
}

function roomIn(room: TradeRoom | undefined, capPercent: number): bigint {
  if (room === undefined) return 0n;
  const leftMinor = (room.paidMinor * BigInt(capPercent)) / 100n - room.takenMinor;
  return leftMinor > 0n ? leftMinor : 0n;
}

/** Takes an amount off the last legs; what is taken whole is no leg any more. */
function shortened(legs: readonly RoyaltyLeg[], byMinor: bigint): RoyaltyLeg[] {
  const kept = [...legs];
  let wantedMinor = byMinor;
  for (let last = kept.pop(); last !== undefined; last = kept.pop()) {
    const amountMinor = last.amountMinor - wantedMinor;
    if (amountMinor > 0n) return [...kept, { ...last, amountMinor: minor(amountMinor) }];
    wantedMinor -= last.amountMinor;
    if (wantedMinor === 0n) return kept;
  }
  invariant(wantedMinor === 0n, 'the legs are at least what the rest lacks');
  return kept;
}

function oldestFirst(a: OrderShare, b: OrderShare): number {
  const gapMs = a.paidAt.getTime() - b.paidAt.getTime();
  if (gapMs !== 0) return gapMs;
  return a.orderId < b.orderId ? -1 : 1;
}

function least(...amounts: readonly bigint[]): bigint {
  return amounts.reduce((smallest, one) => (one < smallest ? one : smallest));
}
