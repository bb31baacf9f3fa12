import { dayMs, fenOf, splitLine, yuanOf } from '@qingfen/testing';

import type { Entry, OpenEntries } from './entries.js';
import type { CompletedOrder, Refund } from './message.js';
import type { Kind, ShopTerms } from './terms.js';

type Item = CompletedOrder['items'][number];

/** One line of an order: what is left of it, and what each party is owed of that. */
export interface Line {
  readonly order: CompletedOrder;
  readonly item: Item;
  readonly completedMs: number;
  baseFen: bigint;
  feeFen: bigint;
  readonly parties: Map<string, Party>;
}

interface Party {
  readonly kind: Kind;
  readonly payeeId: string;
  owedFen: bigint;
  entry: Entry | null;
}

/** A shop's orders and refunds as they become known, one after the other. */
export class OrderBook {
  readonly lines: Line[] = [];
  readonly #terms: ShopTerms;
  readonly #entries: OpenEntries;
  readonly #orders = new Map<string, ReadonlyMap<string, Line>>();
  readonly #waiting = new Map<string, Refund[]>();
  readonly #refundIds = new Set<string>();

  constructor(terms: ShopTerms, entries: OpenEntries) {
    this.#terms = terms;
    this.#entries = entries;
  }

  /** A completion; refunds that were told before it are applied right behind it. */
  complete(order: CompletedOrder): void {
    if (this.#orders.has(order.orderId)) throw new Error(`${order.orderId} is completed twice`);
    const completedMs = Date.parse(order.completedAt);
    const lines = new Map<string, Line>();
    for (const item of order.items) {
      const baseFen = fenOf(item.amount) + fenOf(item.subsidy ?? '0');
      const line: Line = { order, item, completedMs, baseFen, feeFen: 0n, parties: new Map() };
      this.#split(line, completedMs);
      lines.set(item.itemId, line);
      this.lines.push(line);
    }
    this.#orders.set(order.orderId, lines);
    const waiting = this.#waiting.get(order.orderId) ?? [];
    this.#waiting.delete(order.orderId);
    for (const refund of waiting) this.#apply(lines, refund);
  }

  /** A refund: applied when its order is known, else it waits and counts for nothing. */
  refund(refund: Refund): void {
    const id = `${refund.orderId}:${refund.refundId}`;
    if (this.#refundIds.has(id)) throw new Error(`${id} is refunded twice`);
    this.#refundIds.add(id);
    const lines = this.#orders.get(refund.orderId);
    if (lines !== undefined) {
      this.#apply(lines, refund);
      return;
    }
    this.#waiting.set(refund.orderId, [...(this.#waiting.get(refund.orderId) ?? []), refund]);
  }

  /** How many orders there are. */
  get count(): number {
    return this.#orders.size;
  }

  /** The lines of an order. */
  linesOf(orderId: string): readonly Line[] {
    return [...(this.#orders.get(orderId)?.values() ?? [])];
  }

  /** Refunds whose order has not come. */
  waiting(): readonly Refund[] {
    return [...this.#waiting.values()].flat();
  }

  #apply(lines: ReadonlyMap<string, Line>, refund: Refund): void {
    const touched = new Set<Line>();
    for (const row of refund.items) {
      const line = lines.get(row.itemId);
      const fen = fenOf(row.amount) + fenOf(row.subsidy ?? '0');
      // The file has no such refund; what would become of one is not this proof's business.
      if (line === undefined || fen > line.baseFen || fen <= 0n) {
        throw new Error(`refund ${refund.refundId} of ${refund.orderId} can't be applied`);
      }
      line.baseFen -= fen;
      touched.add(line);
    }
    const refundedMs = Date.parse(refund.refundedAt);
    for (const line of touched) this.#split(line, refundedMs);
  }

  /** Splits a line on what is left of it and books each party's difference (domain.md 3 and 5). */
  #split(line: Line, correctionMaturesMs: number): void {
    const { order, item, completedMs } = line;
    const amount = yuanOf(line.baseFen);
    const { subsidy: _inTheAmount, ...rest } = item;
    const split = splitLine(this.#terms.plan, { ...rest, amount }, order.distributors);
    line.feeFen = split.feeMinor;
    const windowMs = completedMs + this.#terms.returnWindowDays * dayMs;
    const delayMs = completedMs + this.#terms.supplierDelayDays * dayMs;
    for (const { level, payeeId, owedMinor } of split.commissions) {
      const party = { name: `level ${level}`, kind: 'commission' as const, payeeId };
      this.#owe(line, party, { owedMinor, maturesMs: windowMs, correctionMaturesMs });
    }
    const party = { name: 'supplier', kind: 'supplier' as const, payeeId: item.supplierId };
    const maturesMs = Math.max(windowMs, delayMs);
    this.#owe(line, party, { owedMinor: split.supplierMinor, maturesMs, correctionMaturesMs });
  }

  #owe(
    line: Line,
    who: { readonly name: string; readonly kind: Kind; readonly payeeId: string },
    what: {
      readonly owedMinor: bigint;
      readonly maturesMs: number;
      readonly correctionMaturesMs: number;
    },
  ): void {
    const { name, kind, payeeId } = who;
    const party: Party = line.parties.get(name) ?? { kind, payeeId, owedFen: 0n, entry: null };
    line.parties.set(name, party);
    const fen = what.owedMinor - party.owedFen;
    party.owedFen = what.owedMinor;
    if (fen === 0n) return;
    if (party.entry === null) {
      const { maturesMs } = what;
      party.entry = this.#entries.add({ kind, payeeId, maturesMs, fen, stated: false });
    } else if (party.entry.stated) {
      const maturesMs = what.correctionMaturesMs;
      this.#entries.add({ kind, payeeId, maturesMs, fen, stated: false });
    } else {
      party.entry.fen += fen;
    }
  }
}
