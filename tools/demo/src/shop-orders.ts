import type { Line } from '@qingfen/e2e';
import { fenOf } from '@qingfen/testing';
import type { CastShop } from './cast.js';
import type { HeldEntries } from './held-entries.js';
import type { DemoOrder, DemoRefund, DemoReversal } from './news.js';
import { type OwedKind, Tally } from './tally.js';
import { type Version, versionAt, versionsOf } from './versions.js';

/** An order that is known, and the version that binds it. */
export interface KnownOrder {
  readonly orderId: string;
  readonly version: Version;
  readonly lines: readonly Line[];
}

/** A shop's orders, refunds and reversals over all its plan versions (domain.md 2.2 and 5). */
export class ShopOrders {
  readonly versions: readonly Version[];
  readonly tally = new Tally();
  readonly #entries: HeldEntries;
  readonly #orders = new Map<string, KnownOrder>();
  readonly #refunds = new Map<string, DemoRefund>();
  readonly #waiting = new Map<string, DemoRefund[]>();
  #subsidyFen = 0n;

  constructor(shop: CastShop, entries: HeldEntries) {
    this.#entries = entries;
    this.versions = versionsOf(shop, entries);
  }

  /** The version in force when the order was paid binds it; refunds that waited are applied. */
  complete(order: DemoOrder): void {
    const { orderId } = order;
    const version = versionAt(this.versions, Date.parse(order.paidAt));
    this.#entries.concerning([orderId], () => version.book.complete(levelled(order, version)));
    const lines = version.book.linesOf(orderId);
    const known = { orderId, version, lines };
    this.#orders.set(orderId, known);
    for (const [party, fen] of owedOf(known)) this.tally.owe(party, fen);
    for (const { subsidy } of order.items) this.#subsidyFen += fenOf(subsidy ?? '0.00');
    for (const refund of this.#waiting.get(orderId) ?? []) this.#apply(known, refund);
    this.#waiting.delete(orderId);
  }

  /** A refund whose order has not come waits and counts for nothing. */
  refund(refund: DemoRefund): void {
    const { orderId, refundId } = refund;
    this.#refunds.set(`${orderId}:${refundId}`, refund);
    const known = this.#orders.get(orderId);
    if (known !== undefined) {
      this.#apply(known, refund);
      return;
    }
    this.tally.refundsFirst += 1;
    this.#waiting.set(orderId, [...(this.#waiting.get(orderId) ?? []), refund]);
  }

  /**
   * Gives a refund's amounts back to its lines. The reference's book knows refunds only: so each
   * line gets twice what comes back, of which the book takes one half off again.
   */
  reverse({ orderId, refundId, at }: DemoReversal): void {
    const refund = this.#refunds.get(`${orderId}:${refundId}`);
    const known = this.#orders.get(orderId);
    if (refund === undefined || known === undefined) {
      throw new Error(`nothing of ${orderId} can be reversed`);
    }
    for (const row of refund.items) {
      const line = known.lines.find(({ item }) => item.itemId === row.itemId);
      if (line === undefined) throw new Error(`${orderId} has no line ${row.itemId}`);
      line.baseFen += 2n * (fenOf(row.amount) + fenOf(row.subsidy ?? '0.00'));
    }
    this.tally.reversals += 1;
    const opposite = { ...refund, refundId: `${refundId} reversed`, refundedAt: at };
    this.#change(known, () => known.version.book.refund(opposite));
    this.#subsidyFen += subsidyOf(refund);
  }

  all(): readonly KnownOrder[] {
    return [...this.#orders.values()];
  }

  lines(): readonly Line[] {
    return this.all().flatMap(({ lines }) => lines);
  }

  /** What the platform pays of all lines after refunds, in fen. */
  get subsidyFen(): bigint {
    return this.#subsidyFen;
  }

  #apply(known: KnownOrder, refund: DemoRefund): void {
    const { before, after } = this.#change(known, () => known.version.book.refund(refund));
    this.#subsidyFen -= subsidyOf(refund);
    if (after) this.tally.refundsAfter += 1;
    else if (before) this.tally.refundsBefore += 1;
    if (known.lines.every(({ baseFen }) => baseFen === 0n)) this.tally.refundsFull += 1;
  }

  /** @returns whether something was taken off before its statement, and after it. */
  #change(
    known: KnownOrder,
    work: () => void,
  ): { readonly before: boolean; readonly after: boolean } {
    const owed = owedOf(known);
    const corrections = this.#entries.concerning([known.orderId], work);
    const stated = new Map<string, bigint>();
    for (const { kind, payeeId, fen } of corrections) {
      const party = `${kind}|${payeeId}`;
      stated.set(party, (stated.get(party) ?? 0n) + fen);
    }
    let before = false;
    for (const [party, fen] of owedOf(known)) {
      const clawedFen = stated.get(party) ?? 0n;
      const takenFen = fen - (owed.get(party) ?? 0n) - clawedFen;
      this.tally.change(party, { takenFen, clawedFen });
      if (takenFen !== 0n && !party.startsWith('platform-fee')) before = true;
    }
    return { before, after: corrections.length > 0 };
  }
}

/** What each party is owed of an order now, by `<kind>|<payee>`; the fee's payee is empty. */
function owedOf({ lines }: KnownOrder): ReadonlyMap<string, bigint> {
  const owed = new Map<string, bigint>();
  const add = (kind: OwedKind, payeeId: string, fen: bigint): void => {
    const party = `${kind}|${payeeId}`;
    owed.set(party, (owed.get(party) ?? 0n) + fen);
  };
  for (const { parties, feeFen } of lines) {
    add('platform-fee', '', feeFen);
    for (const { kind, payeeId, owedFen } of parties.values()) add(kind, payeeId, owedFen);
  }
  return owed;
}

/** The order with the levels that its version skips left empty (domain.md 2, `selfPurchase`). */
function levelled(order: DemoOrder, { plan }: Version): DemoOrder {
  if (plan.commission?.selfPurchase !== 'skip') return order;
  const distributors = order.distributors.map((payeeId) =>
    payeeId === order.buyerPayeeId ? null : payeeId,
  );
  return { ...order, distributors };
}

function subsidyOf({ items }: DemoRefund): bigint {
  return items.reduce((sum, { subsidy }) => sum + fenOf(subsidy ?? '0.00'), 0n);
}
