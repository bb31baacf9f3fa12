import type { Kind } from '@qingfen/e2e';

/** What is owed: to payees, and to the platform itself. */
export type OwedKind = Kind | 'platform-fee';

/** How what is owed came about, in fen. */
export interface Sums {
  /** With the completions, before any refund. */
  readonly firstFen: bigint;
  /** Change by refunds of what no statement had yet. */
  readonly takenFen: bigint;
  /** Change by refunds of what was stated: clawed back from later statements. */
  readonly clawedFen: bigint;
}

const nothing: Sums = { firstFen: 0n, takenFen: 0n, clawedFen: 0n };

/** Counts what orders and refunds did to what parties are owed, by `<kind>|<payee>`. */
export class Tally {
  /** Refunds that reached something stated, at least in part. */
  refundsAfter = 0;
  /** Refunds of which nothing was stated. */
  refundsBefore = 0;
  /** Refunds after which nothing was left of the order. */
  refundsFull = 0;
  /** Refunds that came before their order. */
  refundsFirst = 0;
  reversals = 0;
  disputes = 0;
  readonly #sums = new Map<string, Sums>();

  owe(party: string, fen: bigint): void {
    const sums = this.of(party);
    this.#sums.set(party, { ...sums, firstFen: sums.firstFen + fen });
  }

  change(party: string, by: { readonly takenFen: bigint; readonly clawedFen: bigint }): void {
    const { firstFen, takenFen, clawedFen } = this.of(party);
    this.#sums.set(party, {
      firstFen,
      takenFen: takenFen + by.takenFen,
      clawedFen: clawedFen + by.clawedFen,
    });
  }

  of(party: string): Sums {
    return this.#sums.get(party) ?? nothing;
  }

  /** All parties of a kind together. */
  ofKind(kind: OwedKind): Sums {
    return together(
      [...this.#sums].filter(([party]) => party.startsWith(`${kind}|`)).map(([, sums]) => sums),
    );
  }
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
