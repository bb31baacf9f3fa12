import type { Kind } from './terms.js';

/** An amount owed to one payee, or taken back; it changes until it is stated. */
export interface Entry {
  readonly kind: Kind;
  readonly payeeId: string;
  readonly maturesMs: number;
  fen: bigint;
  stated: boolean;
}

/** A shop's entries that are not stated, by kind and payee. */
export class OpenEntries {
  readonly #byPayee = new Map<string, Entry[]>();

  add(entry: Entry): Entry {
    const key = `${entry.kind}:${entry.payeeId}`;
    const others = this.#byPayee.get(key);
    if (others === undefined) this.#byPayee.set(key, [entry]);
    else others.push(entry);
    return entry;
  }

  /**
   * What a run of a kind takes: per payee everything that matures before its cutoff, negatives
   * included, where it comes to the minimum; what it takes is stated. The rest is carried.
   */
  take(kind: Kind, cutoffMs: number, minPayoutFen: bigint): readonly Taken[] {
    const taken: Taken[] = [];
    for (const [key, entries] of this.#byPayee) {
      const [first] = entries;
      if (first === undefined || first.kind !== kind) continue;
      const due = entries.filter(({ maturesMs }) => maturesMs < cutoffMs);
      const netFen = due.reduce((sum, { fen }) => sum + fen, 0n);
      if (netFen <= 0n || netFen < minPayoutFen) continue;
      for (const entry of due) entry.stated = true;
      this.#byPayee.set(
        key,
        entries.filter(({ stated }) => !stated),
      );
      taken.push({ payeeId: first.payeeId, netFen });
    }
    return taken;
  }

  /** Σ of what is not stated, by `<kind>:<payeeId>`; sums of zero are left out. */
  sums(): ReadonlyMap<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const [key, entries] of this.#byPayee) {
      const sum = entries.reduce((total, { fen }) => total + fen, 0n);
      if (sum !== 0n) sums.set(key, sum);
    }
    return sums;
  }
}

/** What one run states to one payee. */
export interface Taken {
  readonly payeeId: string;
  readonly netFen: bigint;
}
