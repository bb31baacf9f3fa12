import { amountsOf, type ExpectedPart, fenOf, partsOf, statementIdOf } from '@qingfen/testing';

import { OpenEntries } from './entries.js';
import type { FileMessage, UpsertedPayee } from './message.js';
import { OrderBook } from './orders.js';
import { runsBetween, type ScheduledRun } from './schedule.js';
import { Teams } from './teams.js';
import type { Kind, ShopTerms } from './terms.js';

/** A statement that must exist, and what it must have moved. */
export interface ExpectedStatement {
  readonly statementId: string;
  readonly shopId: string;
  readonly kind: Kind;
  readonly payeeId: string;
  readonly identity: string;
  readonly period: string;
  readonly netFen: bigint;
  readonly parts: readonly ExpectedPart[];
  /** The instant at which its run takes place: later than its period only where it is caught up. */
  readonly executedMs: number;
}

/**
 * The world as domain.md has it, calculated from what was told and when: messages are heard at the
 * standing clock, then time passes and runs take place. Nothing of the product is used.
 */
export class ReferenceWorld {
  readonly statements: ExpectedStatement[] = [];
  readonly #shops: ReadonlyMap<string, ReferenceShop>;
  readonly #seen = new Set<string>();
  #nowMs: number;

  constructor(shops: readonly ShopTerms[], startMs: number) {
    this.#shops = new Map(shops.map((terms) => [terms.shopId, new ReferenceShop(terms)]));
    this.#nowMs = startMs;
  }

  /** What is told at the standing clock; the same event again is nothing new. */
  hear(messages: readonly FileMessage[]): void {
    for (const message of messages) {
      const id = `${message.value.source}#${message.value.id}`;
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      this.shop(message.value.data.shopId).hear(message);
    }
  }

  /** Time passes to an instant. While everybody is away, runs are caught up at its end. */
  live(untilMs: number, options: { readonly away: boolean } = { away: false }): void {
    for (const run of runsBetween(this.#nowMs, untilMs)) {
      const executedMs = options.away ? untilMs : run.scheduledMs;
      for (const shop of this.#shops.values()) {
        this.statements.push(...shop.execute(run, executedMs));
      }
    }
    this.#nowMs = untilMs;
  }

  shop(shopId: string): ReferenceShop {
    const shop = this.#shops.get(shopId);
    if (shop === undefined) throw new Error(`nobody told of ${shopId}`);
    return shop;
  }
}

/** One shop of the reference. */
export class ReferenceShop {
  readonly terms: ShopTerms;
  readonly orders: OrderBook;
  readonly #entries = new OpenEntries();
  readonly #teams: Teams;
  readonly #payees = new Map<string, UpsertedPayee>();
  #rewardedFen = 0n;
  #paidFen = 0n;

  constructor(terms: ShopTerms) {
    this.terms = terms;
    this.orders = new OrderBook(terms, this.#entries);
    this.#teams = new Teams(terms);
  }

  hear(message: FileMessage): void {
    switch (message.topic) {
      case 'order-completed':
        this.orders.complete(message.value.data);
        break;
      case 'order-refunded':
        this.orders.refund(message.value.data);
        break;
      case 'payee-upserted':
        this.#payees.set(message.value.data.payeeId, message.value.data);
        break;
    }
  }

  execute(run: ScheduledRun, executedMs: number): readonly ExpectedStatement[] {
    const { kind, period } = run;
    const { shopId, minPayout, transferMax } = this.terms;
    if (kind === 'team-reward') this.#reward(run.cutoffMs);
    // A reward matures with its run, which states it at once.
    const cutoffMs = kind === 'team-reward' ? run.cutoffMs + 1 : run.cutoffMs;
    return this.#entries.take(kind, cutoffMs, fenOf(minPayout)).map(({ payeeId, netFen }) => {
      const name = { shopId, kind, period, payeeId };
      const statementId = statementIdOf(name);
      const identity = this.#identityOf(payeeId);
      const parts = partsOf(name, amountsOf(netFen, fenOf(transferMax)));
      this.#paidFen += netFen;
      return { ...name, statementId, identity, netFen, parts, executedMs };
    });
  }

  /** Every account of the ledger that is not zero, debit less credit, once nothing is in transit. */
  accounts(): ReadonlyMap<string, bigint> {
    const accounts = new Map<string, bigint>();
    let baseFen = 0n;
    let feeFen = 0n;
    for (const line of this.orders.lines) {
      baseFen += line.baseFen;
      feeFen += line.feeFen;
    }
    accounts.set('owner', baseFen); // orders without a trade of Alipay's: the owner has the money
    accounts.set('revenue:platform-fee', -feeFen);
    accounts.set('expense:team-reward', this.#rewardedFen);
    accounts.set('alipay-cash', -this.#paidFen);
    for (const [payee, fen] of this.#entries.sums()) accounts.set(`payable:${payee}`, -fen);
    const total = [...accounts.values()].reduce((sum, fen) => sum + fen, 0n);
    if (total !== 0n) throw new Error(`the reference's own books of ${this.terms.shopId} are off`);
    return new Map([...accounts].filter(([, fen]) => fen !== 0n));
  }

  #reward(cutoffMs: number): void {
    for (const { teamId, fen } of this.#teams.rewards(this.orders.lines, cutoffMs)) {
      const leaders = [...this.#payees.values()].filter(
        (payee) => payee.roles.includes('team-leader') && payee.teamId === teamId,
      );
      const [leader] = leaders;
      // Each team of the file has its one leader; what would wait otherwise is not of this proof.
      if (leader === undefined || leaders.length > 1) throw new Error(`whose is ${teamId}?`);
      this.#rewardedFen += fen;
      const { payeeId } = leader;
      const kind = 'team-reward';
      this.#entries.add({ kind, payeeId, maturesMs: cutoffMs, fen, stated: false });
    }
  }

  #identityOf(payeeId: string): string {
    const identity = this.#payees.get(payeeId)?.alipay?.identity;
    if (identity === undefined) throw new Error(`${payeeId} has no account in the file`);
    return identity;
  }
}
