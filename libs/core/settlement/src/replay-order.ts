import { invariant, minor, ZERO, type Minor } from '@qingfen/money';
import { lineAmounts, type LineAmount, type OrderFact, type OrderItem } from './accrue-order.js';
import { chainOf } from './chain.js';
import { maturesAt } from './maturity.js';
import {
  paidOf,
  stagesOf,
  type BoundVersion,
  type OrderHistory,
  type OrderStage,
  type OrderStep,
} from './order-stages.js';
import { splitLine } from './split-line.js';

/** Whose money an entry is: one party of one line. */
export interface Party extends Omit<LineAmount, 'amountMinor'> {
  readonly itemId: string;
}

/** An entry was closed, by a statement or as settled outside, under a journal batch. */
export interface Closing extends Party {
  /** The batch that booked the entry: a party has a new one when its order is bound anew. */
  readonly begunBy: bigint;
  readonly batchId: bigint;
}

/** A row that must have been booked. */
export interface ExpectedRow extends Party {
  /** An entry of its own, a row that changes one on no statement, or a correction of one that is on one. */
  readonly row: 'entry' | 'adjustment' | 'correction';
  readonly amountMinor: Minor;
  readonly maturesAt: Date;
  readonly batchId: bigint;
  /** The batch that booked the entry that it is, changes or corrects. */
  readonly begunBy: bigint;
  readonly planVersion: number;
  readonly cause: 'order' | Exclude<OrderStep['cause'], 'binding'>;
  readonly causeId: string | null;
  /** What was left of the line, and what the party is to have of it, all its rows together. */
  readonly baseMinor: Minor;
  readonly targetMinor: Minor;
}

type Draft = { -readonly [K in keyof ExpectedRow]: ExpectedRow[K] };

/**
 * Works out anew which rows an order must have in the books (domain.md 2.2 and 3 to 5), from the order, its
 * versions and what happened to it, in the order of booking, apart from the code that booked it: after every
 * step each line is split as a whole on what is left of it, and what a party lacks or has too much is the row.
 *
 * Which batch closed an entry decides whether a step changes or corrects it. The rows of a party add up to
 * its last target.
 *
 * @throws InvariantError when steps do not fit the order
 */
export function replayOrder(
  history: OrderHistory,
  closings: readonly Closing[],
): readonly ExpectedRow[] {
  const closed = new Map(closings.map((one) => [entryKey(one), one.batchId]));
  const stages = stagesOf(history);
  const rows: Draft[] = [];
  for (const item of history.order.items) {
    const line = new LineReplay(history.order, item, closed, rows);
    for (const stage of stages) line.settle(stage);
  }
  return rows;
}

/** Names a party within its order. */
export function partyKey({ itemId, kind, level, payeeId }: Party): string {
  return JSON.stringify([itemId, kind, level, payeeId]);
}

/** Names an entry within its order. */
export function entryKey(entry: Party & { readonly begunBy: bigint }): string {
  return `${entry.begunBy} ${partyKey(entry)}`;
}

/** One party's money as the replay goes along. */
interface Account {
  readonly party: Party;
  targetMinor: Minor;
  /** In the order in which they were begun; mostly one. */
  readonly entries: Draft[];
}

class LineReplay {
  private readonly accounts = new Map<string, Account>();
  private lastVersion = 0;

  constructor(
    private readonly order: OrderFact,
    private readonly item: OrderItem,
    private readonly closed: ReadonlyMap<string, bigint>,
    private readonly rows: Draft[],
  ) {}

  /** Brings every party to what a split of what is left gives it. */
  settle(stage: OrderStage): void {
    const { bound } = stage;
    const baseMinor = stage.bases.get(this.item.itemId) ?? ZERO;
    const targets = bound === null ? [] : this.split(baseMinor, bound);
    for (const { amountMinor: _, ...party } of targets) this.accountOf(party);
    const due = new Map(targets.map((one) => [partyKey(one), one.amountMinor]));
    const planVersion = bound?.version ?? this.lastVersion;
    for (const [key, account] of this.accounts) {
      const targetMinor = due.get(key) ?? ZERO;
      const change = { stage, planVersion, baseMinor, targetMinor, bound };
      this.move(account, change);
      account.targetMinor = targetMinor;
    }
    this.lastVersion = planVersion;
  }

  private split(baseMinor: Minor, { plan }: BoundVersion): (Party & LineAmount)[] {
    const { itemId, kind, supplierId } = this.item;
    const line = { baseMinor, paidMinor: paidOf(this.item), kind };
    const amounts = lineAmounts(splitLine(line, chainOf(this.order), plan), supplierId, plan);
    // What the shop keeps of its own goods is no entry.
    const owed = amounts.filter((one) => one.kind !== 'supplier' || one.payeeId !== null);
    return owed.map((one) => ({ ...one, itemId }));
  }

  private move(account: Account, change: Change): void {
    const { targetMinor, stage } = change;
    const { cause = 'order' } = stage.step ?? {};
    const amountMinor = minor(targetMinor - account.targetMinor);
    const standing = this.standing(account, stage.batchId);
    if (cause === 'order' || cause === 'binding') {
      invariant(account.targetMinor === 0n, 'an order is booked as a whole but once');
      this.begin(account, amountMinor, change);
    } else if (standing !== undefined && this.isClosed(standing, stage.batchId)) {
      const { step } = stage;
      const maturity = step?.at ?? standing.maturesAt;
      this.write(account, { ...change, row: 'correction', amountMinor, maturity, standing });
    } else if (cause === 'rebinding') {
      // As if the new version had been there: what the old one owed goes, what the new one owes comes.
      if (standing !== undefined) {
        const gone = minor(-account.targetMinor);
        this.adjust(account, standing, gone, change);
      }
      this.begin(account, targetMinor, change);
    } else if (standing?.planVersion !== change.planVersion) {
      // Nothing, or what a version before owed, which was nothing when the order was bound anew.
      this.begin(account, amountMinor, change);
    } else if (standing.batchId === stage.batchId) {
      this.grow(account, standing, amountMinor, change);
    } else {
      this.adjust(account, standing, amountMinor, change);
    }
  }

  /** The entry in which the party's money stands: the first that is closed, else the newest. */
  private standing({ entries }: Account, batchId: bigint): Draft | undefined {
    return entries.find((entry) => this.isClosed(entry, batchId)) ?? entries.at(-1);
  }

  private isClosed(entry: Draft, batchId: bigint): boolean {
    const closedBy = this.closed.get(entryKey(entry));
    return closedBy !== undefined && closedBy < batchId;
  }

  /** An entry that matures like an original one. */
  private begin(account: Account, amountMinor: Minor, change: Change): void {
    if (amountMinor === 0n) return;
    const { bound } = change;
    invariant(bound !== null, 'what begins is owed by a version');
    const maturity = maturesAt(account.party.kind, this.order.completedAt, bound.plan);
    account.entries.push(this.write(account, { ...change, row: 'entry', amountMinor, maturity }));
  }

  /** More of what this very batch has begun; should nothing be left, it never was. */
  private grow(account: Account, entry: Draft, amountMinor: Minor, change: Change): void {
    entry.amountMinor = minor(entry.amountMinor + amountMinor);
    [entry.baseMinor, entry.targetMinor] = [change.baseMinor, change.targetMinor];
    if (entry.amountMinor !== 0n) return;
    this.rows.splice(this.rows.indexOf(entry), 1);
    account.entries.pop();
  }

  private adjust(account: Account, standing: Draft, amountMinor: Minor, change: Change): void {
    const { maturesAt: maturity } = standing;
    this.write(account, { ...change, row: 'adjustment', amountMinor, maturity, standing });
  }

  private write(account: Account, of: Written): Draft {
    const { stage, row, amountMinor, maturity, standing, planVersion, baseMinor, targetMinor } = of;
    const { step, batchId } = stage;
    const isOrders = row === 'entry' || step === null || step.cause === 'binding';
    const draft: Draft = {
      ...account.party,
      row,
      amountMinor,
      maturesAt: maturity,
      batchId,
      begunBy: standing?.batchId ?? batchId,
      planVersion,
      cause: isOrders ? 'order' : step.cause,
      causeId: isOrders ? null : step.causeId,
      baseMinor,
      targetMinor,
    };
    if (amountMinor !== 0n) this.rows.push(draft);
    return draft;
  }

  private accountOf(party: Party): void {
    const key = partyKey(party);
    if (this.accounts.has(key)) return;
    this.accounts.set(key, { party, targetMinor: ZERO, entries: [] });
  }
}

/** What a step makes of one party. */
interface Change {
  readonly stage: OrderStage;
  readonly bound: BoundVersion | null;
  readonly planVersion: number;
  readonly baseMinor: Minor;
  readonly targetMinor: Minor;
}

interface Written extends Change {
  readonly row: ExpectedRow['row'];
  readonly amountMinor: Minor;
  readonly maturity: Date;
  readonly standing?: Draft;
}
