import { type Kind, type Line, type ScheduledRun, Teams } from '@qingfen/e2e';
import { amountsOf, type ExpectedPart, fenOf, partsOf, statementIdOf } from '@qingfen/testing';
import { span } from './calendar.js';
import { type CastShop, payeesOf } from './cast.js';
import { HeldEntries, type TakenOrders } from './held-entries.js';
import type { News } from './news.js';
import type { Act } from './script.js';
import { ShopOrders } from './shop-orders.js';
import { minPayoutOf, versionAt } from './versions.js';

/** A statement that must exist, and whether its payouts arrive or are given back. */
export interface ExpectedStatement {
  readonly statementId: string;
  readonly shop: CastShop;
  readonly kind: Kind;
  readonly payeeId: string;
  readonly period: string;
  readonly identity: string;
  readonly netFen: bigint;
  readonly parts: readonly ExpectedPart[];
  readonly atMs: number;
  readonly isPaid: boolean;
}

interface Account {
  readonly identity: string;
  readonly isFrozen: boolean;
}

/** Executed runs in a row with a debt, after which somebody is told. */
const overdueAfterRuns = 3;

/** One shop as domain.md has it: what is told, what happens to accounts, and runs. */
export class ShopBooks {
  readonly shop: CastShop;
  readonly orders: ShopOrders;
  readonly entries: HeldEntries;
  /** Orders disputed after something of them was stated. */
  readonly disputedLate = new Set<string>();
  paidFen = 0n;
  rewardedFen = 0n;
  readonly #teams: Teams | null;
  readonly #counted = new Set<Line>();
  readonly #disputes = new Map<string, Set<string>>();
  readonly #accounts: Map<string, Account>;
  readonly #heldPayees = new Set<string>();
  readonly #debtRuns = new Map<string, number>();

  constructor(shop: CastShop) {
    this.shop = shop;
    this.entries = new HeldEntries({
      isOrderHeld: (orderId) => this.#isDisputed(orderId),
      isPayeeHeld: (payeeId) => this.#heldPayees.has(payeeId),
    });
    this.orders = new ShopOrders(shop, this.entries);
    const rewarding = this.orders.versions.find(({ plan }) => plan.teamReward !== undefined);
    this.#teams = rewarding === undefined ? null : new Teams(rewarding.terms);
    this.#accounts = new Map(
      payeesOf(shop).map(({ payeeId, identity }) => [payeeId, { identity, isFrozen: false }]),
    );
  }

  hear({ topic, data }: News): void {
    switch (topic) {
      case 'order-completed':
        return this.orders.complete(data);
      case 'order-refunded':
        return this.orders.refund(data);
      case 'order-refund-reversed':
        return this.orders.reverse(data);
      case 'order-disputed': {
        const open = this.#disputes.get(data.orderId) ?? new Set();
        this.#disputes.set(data.orderId, open.add(data.disputeId));
        if (this.entries.isStated(data.orderId)) this.disputedLate.add(data.orderId);
        this.orders.tally.disputes += 1;
        return;
      }
      case 'order-dispute-resolved':
        this.#disputes.get(data.orderId)?.delete(data.disputeId);
    }
  }

  /** A plan's publication is nothing new: its version counts from its own instant on. */
  undergo(act: Act): void {
    switch (act.what) {
      case 'freeze': {
        const { identity } = this.#accountOf(act.payeeId);
        this.#accounts.set(act.payeeId, { identity, isFrozen: true });
        return;
      }
      case 'mend':
        this.#accounts.set(act.payeeId, { identity: act.identity, isFrozen: false });
        this.#heldPayees.delete(act.payeeId);
        return;
      case 'publish-plan':
    }
  }

  execute(run: ScheduledRun): readonly ExpectedStatement[] {
    const { kind, cutoffMs } = run;
    const { plan } = versionAt(this.orders.versions, cutoffMs);
    if (plan[kind === 'team-reward' ? 'teamReward' : kind] === undefined) return [];
    if (kind === 'team-reward') this.#reward(cutoffMs);
    // A reward matures with its run, which states it at once.
    const untilMs = kind === 'team-reward' ? cutoffMs + 1 : cutoffMs;
    const taken = this.entries.take(kind, untilMs, fenOf(minPayoutOf(plan, kind)));
    const statements = taken.map((each) => this.#state(run, each));
    this.#noteDebts(kind);
    return statements;
  }

  /** Payees whose debt of some kind stood after three executed runs in a row. */
  overdue(): ReadonlySet<string> {
    const overdue = [...this.#debtRuns].filter(([, runs]) => runs >= overdueAfterRuns);
    return new Set(overdue.map(([key]) => key.slice(key.indexOf(':') + 1)));
  }

  /** Every account of the ledger that is not zero, debit less credit. */
  accounts(): ReadonlyMap<string, bigint> {
    const { orders } = this;
    const baseFen = orders.lines().reduce((sum, line) => sum + line.baseFen, 0n);
    const feeFen = orders.lines().reduce((sum, line) => sum + line.feeFen, 0n);
    const accounts = new Map([
      // Every order has its trade, whose money no bill has shown yet.
      ['clearing', baseFen - orders.subsidyFen],
      ['expense:subsidy', orders.subsidyFen],
      ['revenue:platform-fee', -feeFen],
      ['expense:team-reward', this.rewardedFen],
      ['alipay-cash', -this.paidFen],
    ]);
    for (const [payee, fen] of this.entries.sums()) accounts.set(`payable:${payee}`, -fen);
    const total = [...accounts.values()].reduce((sum, fen) => sum + fen, 0n);
    if (total !== 0n) throw new Error(`the demo's own books of ${this.shop.shopId} are off`);
    return new Map([...accounts].filter(([, fen]) => fen !== 0n));
  }

  #state(run: ScheduledRun, { payeeId, netFen, orderIds }: TakenOrders): ExpectedStatement {
    const { shop } = this;
    const { kind, period, scheduledMs: atMs } = run;
    const { identity, isFrozen } = this.#accountOf(payeeId);
    const name = { shopId: shop.shopId, kind, period, payeeId };
    const parts = partsOf(name, amountsOf(netFen, fenOf(shop.transferMax)));
    if (isFrozen) {
      this.#heldPayees.add(payeeId);
      this.entries.concerning(orderIds, () => {
        for (const { fen } of parts) {
          this.entries.add({ kind, payeeId, maturesMs: atMs, fen, stated: false });
        }
      });
    } else {
      this.paidFen += netFen;
    }
    const statementId = statementIdOf(name);
    const isPaid = !isFrozen;
    return { statementId, shop, kind, payeeId, period, identity, netFen, parts, atMs, isPaid };
  }

  #reward(cutoffMs: number): void {
    if (this.#teams === null) return;
    const lines = this.orders.lines().filter(
      // Shipping is no performance; what is held is not counted for the first time.
      (line) =>
        line.item.kind !== 'shipping' &&
        (this.#counted.has(line) || !this.#isDisputed(line.order.orderId)),
    );
    for (const { teamId, fen } of this.#teams.rewards(lines, cutoffMs)) {
      const leader = payeesOf(this.shop).find((payee) => payee.teamId === teamId);
      if (leader === undefined) throw new Error(`nobody leads ${teamId}`);
      const { payeeId } = leader;
      const kind = 'team-reward';
      this.rewardedFen += fen;
      this.orders.tally.owe(`${kind}|${payeeId}`, fen);
      this.entries.add({ kind, payeeId, maturesMs: cutoffMs, fen, stated: false });
    }
    const { returnWindowDays } = versionAt(this.orders.versions, cutoffMs).terms;
    for (const line of lines) {
      if (line.completedMs + returnWindowDays * span.day < cutoffMs) this.#counted.add(line);
    }
  }

  #noteDebts(kind: Kind): void {
    const sums = this.entries.sums();
    for (const { payeeId } of payeesOf(this.shop)) {
      const key = `${kind}:${payeeId}`;
      const isDebt = (sums.get(key) ?? 0n) < 0n;
      this.#debtRuns.set(key, isDebt ? (this.#debtRuns.get(key) ?? 0) + 1 : 0);
    }
  }

  #isDisputed(orderId: string): boolean {
    return (this.#disputes.get(orderId)?.size ?? 0) > 0;
  }

  #accountOf(payeeId: string): Account {
    const account = this.#accounts.get(payeeId);
    if (account === undefined) throw new Error(`nobody is called ${payeeId}`);
    return account;
  }
}
