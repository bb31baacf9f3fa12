import { type Entry, type Kind, OpenEntries, type Taken } from '@qingfen/e2e';

/** Whose money waits at the moment. */
export interface Holds {
  isOrderHeld(orderId: string): boolean;
  isPayeeHeld(payeeId: string): boolean;
}

/** What a run states to one payee, and of which orders. */
export interface TakenOrders extends Taken {
  readonly orderIds: ReadonlySet<string>;
}

interface Owned {
  readonly entry: Entry;
  /** The orders whose dispute holds it. */
  readonly orderIds: ReadonlySet<string>;
}

/**
 * The reference's open entries with holds (domain.md 4): positive entries of a held order wait,
 * negative ones are netted all the same, and a held payee is carried whole.
 */
export class HeldEntries extends OpenEntries {
  readonly #holds: Holds;
  readonly #owned: Owned[] = [];
  #concerned: ReadonlySet<string> = new Set();

  constructor(holds: Holds) {
    super();
    this.#holds = holds;
  }

  /** Does work about orders; what it adds belongs to them. @returns what was added. */
  concerning(orderIds: Iterable<string>, work: () => void): readonly Entry[] {
    const known = this.#owned.length;
    this.#concerned = new Set(orderIds);
    work();
    this.#concerned = new Set();
    return this.#owned.slice(known).map(({ entry }) => entry);
  }

  override add(entry: Entry): Entry {
    this.#owned.push({ entry, orderIds: this.#concerned });
    return entry;
  }

  override take(kind: Kind, cutoffMs: number, minPayoutFen: bigint): readonly TakenOrders[] {
    const due = this.#open().filter(
      (owned) =>
        owned.entry.kind === kind && owned.entry.maturesMs < cutoffMs && this.#isFree(owned),
    );
    const taken: TakenOrders[] = [];
    for (const payeeId of new Set(due.map(({ entry }) => entry.payeeId))) {
      const own = due.filter(({ entry }) => entry.payeeId === payeeId);
      const netFen = sumOf(own);
      if (netFen <= 0n || netFen < minPayoutFen || this.#holds.isPayeeHeld(payeeId)) continue;
      for (const { entry } of own) entry.stated = true;
      taken.push({ payeeId, netFen, orderIds: new Set(own.flatMap((each) => [...each.orderIds])) });
    }
    return taken;
  }

  override sums(): ReadonlyMap<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const { entry } of this.#open()) {
      const key = `${entry.kind}:${entry.payeeId}`;
      sums.set(key, (sums.get(key) ?? 0n) + entry.fen);
    }
    return new Map([...sums].filter(([, fen]) => fen !== 0n));
  }

  /** Σ of what holds keep back, by `<kind>:<payeeId>`. */
  heldSums(): ReadonlyMap<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const owned of this.#open()) {
      const { kind, payeeId, fen } = owned.entry;
      if (this.#isFree(owned) && !(fen > 0n && this.#holds.isPayeeHeld(payeeId))) continue;
      sums.set(`${kind}:${payeeId}`, (sums.get(`${kind}:${payeeId}`) ?? 0n) + fen);
    }
    return sums;
  }

  /** Whether anything of an order is on a statement. */
  isStated(orderId: string): boolean {
    return this.#owned.some(({ entry, orderIds }) => entry.stated && orderIds.has(orderId));
  }

  #open(): readonly Owned[] {
    return this.#owned.filter(({ entry }) => !entry.stated && entry.fen !== 0n);
  }

  #isFree({ entry, orderIds }: Owned): boolean {
    return entry.fen < 0n || ![...orderIds].some((orderId) => this.#holds.isOrderHeld(orderId));
  }
}

function sumOf(owned: readonly Owned[]): bigint {
  return owned.reduce((sum, { entry }) => sum + entry.fen, 0n);
}
