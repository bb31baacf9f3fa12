import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import type { Plan } from '@qingfen/core-plan';
import { lineAmounts, type LineAmount, type OrderFact, type OrderItem } from './accrue-order.js';
import { chainOf, type Chain } from './chain.js';
import { maturesAt } from './maturity.js';
import type { RefundItem } from './refund-order.js';
import { splitLine } from './split-line.js';

/** Whose money an entry is: one party of one line. */
export interface Party extends Omit<LineAmount, 'amountMinor'> {
  readonly itemId: string;
}

/** What changed what an order owes after its completion was booked. */
export interface OrderStep {
  readonly cause: 'refund' | 'refund-reversal';
  readonly causeId: string;
  /** When it took place: what it corrects of statements matures then. */
  readonly at: Date;
  /** What it takes of each line; negative for a reversal. */
  readonly items: readonly RefundItem[];
  /** The journal batch that booked it. */
  readonly batchId: bigint;
}

/** A party's own entry was closed, by a statement or as settled outside, under this journal batch. */
export interface Closing extends Party {
  readonly batchId: bigint;
}

/** All that decides what an order owes, and in which rows that must stand. */
export interface OrderFacts {
  readonly order: OrderFact;
  readonly plan: Plan;
  /** In the order of booking. */
  readonly steps: readonly OrderStep[];
  readonly closings: readonly Closing[];
}

/** A row that must have been booked. */
export interface ExpectedRow extends Party {
  /** An entry of its own, a row that changes one on no statement, or a correction of one that is on one. */
  readonly row: 'entry' | 'adjustment' | 'correction';
  readonly amountMinor: Minor;
  readonly maturesAt: Date;
  /** Null for what the completion booked. */
  readonly batchId: bigint | null;
  readonly cause: 'order' | OrderStep['cause'];
  readonly causeId: string | null;
  /** What was left of the line, and what the party is to have of it, all its rows together. */
  readonly baseMinor: Minor;
  readonly targetMinor: Minor;
}

type Draft = { -readonly [K in keyof ExpectedRow]: ExpectedRow[K] };

/** One party's money as the replay goes along. */
interface Account {
  targetMinor: Minor;
  /** Its entry; the batch is null for the completion's own. */
  entry: Draft | null;
  readonly closedBy: bigint | null;
}

/**
 * Works out anew which rows an order must have in the books (domain.md 3 to 5), from the order, its plan
 * and the steps in the order of booking, apart from the code that booked them: after every step each line
 * is split as a whole on what is left of it, and what a party lacks or has too much is the row.
 *
 * Whether a row changes the entry or corrects it depends on which batch closed the entry. The rows of a
 * party add up to its last target.
 *
 * @throws InvariantError when steps take more of a line than was paid, or name no line of the order
 */
export function replayOrder({ order, plan, steps, closings }: OrderFacts): readonly ExpectedRow[] {
  const closedBy = new Map(closings.map((closing) => [partyKey(closing), closing.batchId]));
  const rows: Draft[] = [];
  const chain = chainOf(order);
  for (const item of order.items) {
    const line = new LineReplay({ order, item, plan, chain, closedBy, rows });
    line.complete();
    for (const step of steps) line.take(step);
  }
  for (const { items } of steps) {
    const known = items.every(({ itemId }) => order.items.some((item) => item.itemId === itemId));
    invariant(known, 'a step is about lines of its order');
  }
  return rows;
}

/** What is left of each line after all steps, by item id. */
export function basesAfter(
  order: OrderFact,
  steps: readonly Pick<OrderStep, 'items'>[],
): ReadonlyMap<string, Minor> {
  const bases = new Map(order.items.map((item) => [item.itemId, paidOf(item)]));
  for (const { items } of steps) {
    for (const { itemId, amountMinor, subsidyMinor } of items) {
      bases.set(itemId, minor((bases.get(itemId) ?? ZERO) - amountMinor - subsidyMinor));
    }
  }
  return bases;
}

/** Names a party within its order. */
export function partyKey({ itemId, kind, level, payeeId }: Party): string {
  return JSON.stringify([itemId, kind, level, payeeId]);
}

class LineReplay {
  private readonly accounts = new Map<string, Account>();
  private baseMinor: Minor;

  constructor(
    private readonly of: {
      readonly order: OrderFact;
      readonly item: OrderItem;
      readonly plan: Plan;
      readonly chain: Chain;
      readonly closedBy: ReadonlyMap<string, bigint>;
      readonly rows: Draft[];
    },
  ) {
    this.baseMinor = paidOf(of.item);
  }

  complete(): void {
    this.settle({ cause: 'order', causeId: null, at: null, batchId: null });
  }

  take({ cause, causeId, at, items, batchId }: OrderStep): void {
    const own = items.filter(({ itemId }) => itemId === this.of.item.itemId);
    if (own.length === 0) return;
    const taken = own.reduce((sum, one) => sum + one.amountMinor + one.subsidyMinor, 0n);
    this.baseMinor = minor(this.baseMinor - taken);
    const fits = this.baseMinor >= 0n && this.baseMinor <= paidOf(this.of.item);
    invariant(fits, 'no more is taken of a line than was paid');
    this.settle({ cause, causeId, at, batchId });
  }

  /** Brings every party to what a split of what is left gives it. */
  private settle(step: {
    readonly cause: ExpectedRow['cause'];
    readonly causeId: string | null;
    readonly at: Date | null;
    readonly batchId: bigint | null;
  }): void {
    const { item, plan, chain } = this.of;
    const line = { baseMinor: this.baseMinor, paidMinor: paidOf(item), kind: item.kind };
    for (const owed of lineAmounts(splitLine(line, chain, plan), item.supplierId, plan)) {
      if (owed.kind === 'supplier' && owed.payeeId === null) continue; // the shop's own goods
      const { amountMinor: targetMinor, ...rest } = owed;
      const party: Party = { itemId: item.itemId, ...rest };
      const account = this.accountOf(party);
      const amountMinor = minor(targetMinor - account.targetMinor);
      account.targetMinor = targetMinor;
      if (amountMinor === 0n) continue;
      this.write(account, {
        ...party,
        row: 'entry',
        amountMinor,
        maturesAt: step.at ?? maturesAt(party.kind, this.of.order.completedAt, plan),
        batchId: step.batchId,
        cause: step.cause,
        causeId: step.causeId,
        baseMinor: this.baseMinor,
        targetMinor,
      });
    }
  }

  private write(account: Account, draft: Draft): void {
    const { rows, order, plan } = this.of;
    const { entry, closedBy } = account;
    const own = maturesAt(draft.kind, order.completedAt, plan);
    if (entry === null) {
      // A party that was owed nothing before: an entry that matures like an original one.
      account.entry = { ...draft, maturesAt: own };
      rows.push(account.entry);
    } else if (entry.batchId !== null && entry.batchId === draft.batchId) {
      entry.amountMinor = minor(entry.amountMinor + draft.amountMinor);
      [entry.baseMinor, entry.targetMinor] = [draft.baseMinor, draft.targetMinor];
      if (entry.amountMinor !== 0n) return;
      rows.splice(rows.indexOf(entry), 1); // begun and ended by one batch: it never was
      account.entry = null;
    } else if (closedBy !== null && draft.batchId !== null && closedBy < draft.batchId) {
      rows.push({ ...draft, row: 'correction' });
    } else {
      rows.push({ ...draft, row: 'adjustment', maturesAt: own });
    }
  }

  private accountOf(party: Party): Account {
    const key = partyKey(party);
    const known = this.accounts.get(key);
    if (known !== undefined) return known;
    const closedBy = this.of.closedBy.get(key) ?? null;
    const made: Account = { targetMinor: ZERO, entry: null, closedBy };
    this.accounts.set(key, made);
    return made;
  }
}

function paidOf({ amountMinor, subsidyMinor }: OrderItem): Minor {
  return minor(amountMinor + subsidyMinor);
}
