import type { ReferenceKind } from '@qingfen/testing';
import type { ShopBooks } from './shop-books.js';

/** What is owed: to payees, and to the platform itself. */
export type OwedKind = ReferenceKind | 'platform-fee';

/** How what is owed came about, in fen. */
export interface Sums {
  /** With the completions, before any refund. */
  readonly firstFen: bigint;
  /** Change by refunds of what no statement had yet. */
  readonly takenFen: bigint;
  /** Change by refunds of what was stated: clawed back from later statements. */
  readonly clawedFen: bigint;
}

/** What refunds and disputes there were. */
export interface Happenings {
  /** Refunds that reached something stated, at least in part. */
  readonly refundsAfter: number;
  /** Refunds of which nothing was stated. */
  readonly refundsBefore: number;
  /** Orders of which nothing is left. */
  readonly refundsFull: number;
  /** Refunds that came before their order. */
  readonly refundsFirst: number;
  readonly reversals: number;
  readonly disputes: number;
}

/** What a shop owes of a kind after all. */
export function sumsOf({ reference, unrefunded }: ShopBooks, kind: OwedKind): Sums {
  if (kind === 'team-reward') {
    return { firstFen: reference.state.rewardedFen, takenFen: 0n, clawedFen: 0n };
  }
  const firstFen = partiesOf(unrefunded, kind).reduce((sum, { owedFen }) => sum + owedFen, 0n);
  let [owedFen, clawedFen] = [0n, 0n];
  for (const party of partiesOf(reference, kind)) {
    owedFen += party.owedFen;
    // What of it is not in the entry itself are corrections; the platform has no entries.
    if (party.entry !== null) clawedFen += party.owedFen - party.entry.fen;
  }
  return { firstFen, takenFen: owedFen - firstFen - clawedFen, clawedFen };
}

export function happeningsOf({ reference, refundsFirst }: ShopBooks): Happenings {
  const { orders, refunds, reversals, disputes, open, statements } = reference.state;
  const entries = [...open, ...[...statements.values()].flatMap((each) => each.entries)];
  const corrected = new Set(
    entries
      .filter(({ cause, fen }) => cause === 'refund' && fen !== 0n)
      .map(({ orderId, causeId }) => `${orderId} ${causeId}`),
  );
  const heard = [...refunds].filter(([, { state }]) => state === 'applied' || state === 'reversed');
  const isEmpty = (fens: readonly bigint[]): boolean => fens.every((fen) => fen === 0n);
  return {
    refundsAfter: heard.filter(([key]) => corrected.has(key)).length,
    refundsBefore: heard.filter(([key]) => !corrected.has(key)).length,
    refundsFull: [...orders.values()].filter(({ lines }) =>
      isEmpty(lines.map(({ amountFen, subsidyFen }) => amountFen + subsidyFen)),
    ).length,
    refundsFirst,
    reversals: reversals.size,
    disputes: disputes.size,
  };
}

/** Sums added up. */
export function together(sums: Iterable<Sums>): Sums {
  let [firstFen, takenFen, clawedFen] = [0n, 0n, 0n];
  for (const each of sums) {
    firstFen += each.firstFen;
    takenFen += each.takenFen;
    clawedFen += each.clawedFen;
  }
  return { firstFen, takenFen, clawedFen };
}

/** What is owed after all. */
export function owedOf({ firstFen, takenFen, clawedFen }: Sums): bigint {
  return firstFen + takenFen + clawedFen;
}

function partiesOf({ state }: ShopBooks['reference'], kind: OwedKind) {
  return [...state.orders.values()]
    .flatMap(({ lines }) => lines.flatMap(({ parties }) => [...parties.values()]))
    .filter(({ who }) => who === kind);
}
