import type { PartKind, Plan } from '@qingfen/core-plan';
import { formatAmount, minor, parseAmount, ZERO, type Minor } from '@qingfen/money';
import type { OrderFact, OrderItem } from './accrue-order.js';
import { chainOf, type Chain } from './chain.js';
import { explainLine } from './explain-line.js';
import type { RefundedSoFar } from './refund-order.js';
import { splitLine, type Line, type LineSplit } from './split-line.js';

/** What one payee is owed of a kind under a draft, and what it is owed now; neither is negative. */
export interface SimulatedItem {
  readonly payeeId: string;
  readonly kind: PartKind;
  readonly owedMinor: Minor;
  readonly owedNowMinor: Minor;
}

/** A share that was cut to what was left of its line, step by step. */
export interface CutShare {
  readonly orderId: string;
  readonly itemId: string;
  /** 1 for level 1. */
  readonly level: number;
  /** What the share came to, rounded, and what of it was left to be owed; decimals of the currency. */
  readonly wanted: string;
  readonly owed: string;
}

/** What a draft does that its amounts do not show. */
export interface SimulationNotes {
  readonly orders: number;
  /** Lines on which a share was cut by more than one minor unit, and the first of them. */
  readonly cutLines: number;
  readonly firstCuts: readonly CutShare[];
  /** Lines below the fee's least amount: the fee takes all of them. */
  readonly linesOfFee: number;
}

/** So many shares that were cut are explained; the rest are counted. */
const CUTS_SHOWN = 3;

/**
 * Adds up, payee by payee, what a draft owes of orders as they stand (paid less refunded), beside what is
 * owed now. Memory grows with the payees, not with the orders. Amounts are rounded as the plan says, line by
 * line, exactly as a completion would book them.
 */
export class SimulationSheet {
  private readonly owed = new Ledger();
  private readonly owedNow = new Ledger();
  private readonly firstCuts: CutShare[] = [];
  private orders = 0;
  private cutLines = 0;
  private linesOfFee = 0;

  constructor(private readonly plan: Plan) {}

  /** What the draft owes of one order. @throws InvariantError where it does not add up: a bug */
  addOrder(order: OrderFact, refunded: RefundedSoFar): void {
    this.orders += 1;
    const chain = chainOf(order);
    for (const item of order.items) {
      const line = lineOf(item, refunded);
      const split = splitLine(line, chain, this.plan);
      for (const { payeeId, owedMinor } of split.levels) {
        this.owed.add('commission', payeeId, owedMinor);
      }
      if (this.plan.supplier !== undefined) {
        this.owed.add('supplier', item.supplierId, split.supplierMinor);
      }
      this.note(order, item, { line, split, chain });
    }
  }

  /** What the draft rewards a team's leader with. */
  addReward(payeeId: string, rewardMinor: bigint): void {
    this.owed.add('team-reward', payeeId, rewardMinor);
  }

  /** What stands in the books now. */
  addNow(kind: PartKind, payeeId: string, amountMinor: bigint): void {
    this.owedNow.add(kind, payeeId, amountMinor);
  }

  get notes(): SimulationNotes {
    const { orders, cutLines, firstCuts, linesOfFee } = this;
    return { orders, cutLines, firstCuts, linesOfFee };
  }

  /** Everybody who is owed anything by either, the greatest change first, whichever way it goes. */
  items(): readonly SimulatedItem[] {
    const items: SimulatedItem[] = [];
    for (const kind of this.owed.kinds) {
      const [owed, now] = [this.owed.of(kind), this.owedNow.of(kind)];
      for (const payeeId of new Set([...owed.keys(), ...now.keys()])) {
        const [owedMinor, owedNowMinor] = [owed.get(payeeId) ?? ZERO, now.get(payeeId) ?? ZERO];
        if (owedMinor === 0n && owedNowMinor === 0n) continue;
        items.push({
          payeeId,
          kind,
          owedMinor: minor(owedMinor),
          owedNowMinor: minor(owedNowMinor),
        });
      }
    }
    return items.sort(byChange);
  }

  private note(
    { orderId }: OrderFact,
    { itemId, kind }: OrderItem,
    of: { readonly line: Line; readonly split: LineSplit; readonly chain: Chain },
  ): void {
    const { line, split, chain } = of;
    if (
      kind === 'goods' &&
      line.baseMinor > 0n &&
      line.baseMinor < this.plan.platformFee.minMinor
    ) {
      this.linesOfFee += 1;
    }
    // One minor unit is what rounding takes.
    if (split.cappedMinor <= 1n) return;
    this.cutLines += 1;
    if (this.firstCuts.length >= CUTS_SHOWN) return;
    for (const { level, how } of explainLine(line, chain, this.plan).levels) {
      if (how.bound !== 'left') continue;
      const { currency } = this.plan;
      const wantedMinor = parseAmount(how.owed, currency) + parseAmount(how.cappedBy, currency);
      const wanted = formatAmount(minor(wantedMinor), currency);
      this.firstCuts.push({ orderId, itemId, level, wanted, owed: how.owed });
      return;
    }
  }
}

/** By how much the draft changes what is owed; negative for less. */
export function differenceOf({ owedMinor, owedNowMinor }: SimulatedItem): Minor {
  return minor(owedMinor - owedNowMinor);
}

/** Sums by kind and payee. */
class Ledger {
  readonly kinds: readonly PartKind[] = ['commission', 'supplier', 'team-reward'];
  private readonly sums: Readonly<Record<PartKind, Map<string, bigint>>> = {
    commission: new Map(),
    supplier: new Map(),
    'team-reward': new Map(),
  };

  add(kind: PartKind, payeeId: string, amountMinor: bigint): void {
    const sums = this.sums[kind];
    sums.set(payeeId, (sums.get(payeeId) ?? 0n) + amountMinor);
  }

  of(kind: PartKind): ReadonlyMap<string, bigint> {
    return this.sums[kind];
  }
}

function lineOf(item: OrderItem, refunded: RefundedSoFar): Line {
  const taken = refunded.get(item.itemId);
  const paidMinor = minor(item.amountMinor + item.subsidyMinor);
  const base = taken === undefined ? paidMinor : paidMinor - taken.amountMinor - taken.subsidyMinor;
  return { baseMinor: minor(base), paidMinor, kind: item.kind };
}

function byChange(one: SimulatedItem, other: SimulatedItem): number {
  const [a, b] = [absolute(differenceOf(one)), absolute(differenceOf(other))];
  if (a !== b) return a > b ? -1 : 1;
  if (one.payeeId !== other.payeeId) return one.payeeId < other.payeeId ? -1 : 1;
  return one.kind < other.kind ? -1 : 1;
}

function absolute(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
