import type { Plan } from '@qingfen/core-plan';
import {
  countsForTeam,
  maturesAt,
  windowEndsAt,
  type LineDifference,
  type OrderFact,
  type RefundItem,
} from '@qingfen/core-settlement';
import type { Unit } from '@qingfen/messaging';
import type { Minor } from '@qingfen/money';
import { lockBuckets } from './bucket.js';
import { partyEntriesOf, type Adjustment, type PartyEntry } from './correction.store.js';
import type { EntryBook } from './entry-book.js';
import type { Leg, LedgerTransaction } from './ledger.store.js';
import type { EntryCause, Evidence, SingleEntry } from './single-entry.store.js';
import { noteRefundBatch } from './refund.store.js';
import { moveTeamBase } from './team.store.js';

/** What one refund or reversal changes, for whom. */
export interface Change {
  readonly order: OrderFact;
  readonly plan: Plan;
  readonly planVersion: number;
  /** What is taken back; negative for a reversal. */
  readonly items: readonly RefundItem[];
  readonly differences: readonly LineDifference[];
  readonly legs: readonly Leg[];
  readonly cappedMinor: Minor;
  readonly cause: 'refund' | 'refund-reversal';
  readonly causeId: string;
  /** When a correction of something stated matures: `refundedAt`, or `at` of a reversal. */
  readonly at: Date;
  readonly correlationId: string;
}

/** What corrects entries, and when that took place. */
export type Correcting = Pick<Change, 'order' | 'planVersion' | 'at' | 'correlationId'> & {
  readonly cause: EntryCause;
  readonly causeId: string;
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Books differences: rows of the entry itself where it is on no statement yet, corrections of their own
 * where it is. Which of the two is decided under the payees' locks, not by dates (domain.md 5).
 */
export async function bookChanges(
  book: EntryBook,
  unit: Unit,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return;
  await lockBuckets(
    unit.tx,
    changes.flatMap(({ order, differences }) =>
      differences.flatMap(({ kind, payeeId }) =>
        payeeId === null ? [] : [{ shopId: order.shopId, kind, payeeId }],
      ),
    ),
    'shared',
  );
  const entries = await partyEntriesOf(
    unit.tx,
    changes.map(({ order }) => order),
  );
  const parties = partiesOf(entries);
  const sheet = new Sheet(parties);
  for (const change of changes) sheet.add(change);
  const { batchId } = await book.book(unit, {
    entries: sheet.drafts,
    adjustments: sheet.adjustments,
    transactions: changes.flatMap((change) => transactionOf(change, unit.now)),
  });
  for (const { order, plan, cause, causeId, differences } of changes) {
    await noteRefundBatch(unit.tx, { ...order, refundId: causeId }, cause, batchId);
    // An order that was bound anew may have left its team, and then its base there is nothing.
    if (!countsForTeam(order, plan)) continue;
    await moveTeamBase(unit.tx, order, goodsDelta(order, differences));
  }
}

/**
 * The entry in which each party's money stands: the one on a statement where there is one, else the newest
 * (of a rebinding the others are cancelled).
 */
export function partiesOf(entries: readonly PartyEntry[]): ReadonlyMap<string, PartyEntry> {
  const parties = new Map<string, PartyEntry>();
  for (const entry of entries) {
    const known = parties.get(partyKey(entry));
    if (known?.is_stated !== true) parties.set(partyKey(entry), entry);
  }
  return parties;
}

/** By how much the base of an order's goods changes: the parties' differences of a line add up to it. */
function goodsDelta(order: OrderFact, differences: readonly LineDifference[]): bigint {
  const goods = new Set(
    order.items.filter(({ kind }) => kind === 'goods').map(({ itemId }) => itemId),
  );
  return differences
    .filter(({ itemId }) => goods.has(itemId))
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

class Sheet {
  readonly drafts: Mutable<SingleEntry>[] = [];
  readonly adjustments: Adjustment[] = [];
  /** Entries that this very batch begins: further differences go into their first row. */
  private readonly begun = new Map<string, Mutable<SingleEntry>>();

  constructor(private readonly parties: ReadonlyMap<string, PartyEntry>) {}

  add(change: Change): void {
    for (const difference of change.differences) {
      if (difference.kind === 'supplier' && difference.payeeId === null) continue; // own goods
      this.place(change, difference);
    }
  }

  private place(change: Change, difference: LineDifference): void {
    const key = differenceKey(change.order, difference);
    const entry = this.parties.get(key);
    if (entry?.is_stated === true) this.drafts.push(correctionOf(change, difference, entry));
    // What a version before owed was nothing when the order was bound anew, or it would not stand there.
    else if (entry?.plan_version !== change.planVersion) this.begin(change, difference, key);
    else this.adjustments.push(adjustmentOf(change, difference, entry));
  }

  /** A party that was owed nothing before: an entry that matures like an original one. */
  private begin(change: Change, difference: LineDifference, key: string): void {
    const begun = this.begun.get(key);
    if (begun !== undefined) {
      begun.amountMinor += difference.amountMinor;
      if (begun.amountMinor === 0n) {
        this.drafts.splice(this.drafts.indexOf(begun), 1);
        this.begun.delete(key);
      }
      return;
    }
    const { order, plan } = change;
    const draft: Mutable<SingleEntry> = {
      ...draftOf(change, difference),
      cause: 'order',
      causeId: null,
      corrects: null,
      maturesAt: maturesAt(difference.kind, order.completedAt, plan),
      evidence: evidenceOf(change),
    };
    this.drafts.push(draft);
    this.begun.set(key, draft);
  }
}

/** A correction of an entry that is on a statement, maturing when its cause took place. */
export function correctionOf(
  change: Correcting,
  difference: LineDifference,
  entry: PartyEntry,
): SingleEntry {
  return {
    ...draftOf(change, difference),
    cause: change.cause,
    causeId: change.causeId,
    corrects: entry.entry_id,
    maturesAt: change.at,
    evidence: null,
  };
}

function adjustmentOf(change: Change, difference: LineDifference, entry: PartyEntry): Adjustment {
  return {
    entry,
    amountMinor: difference.amountMinor,
    cause: change.cause,
    causeId: change.causeId,
  };
}

function draftOf(
  change: Pick<Correcting, 'order' | 'planVersion' | 'correlationId'>,
  difference: LineDifference,
): Omit<SingleEntry, 'cause' | 'causeId' | 'corrects' | 'maturesAt' | 'evidence'> {
  const { order, planVersion, correlationId } = change;
  return {
    shopId: order.shopId,
    orderId: order.orderId,
    itemId: difference.itemId,
    kind: difference.kind,
    level: difference.level,
    payeeId: difference.payeeId,
    currency: order.currency,
    amountMinor: difference.amountMinor,
    planVersion,
    correlationId,
  };
}

function evidenceOf({ order, plan }: Change): Evidence {
  return { completedAt: order.completedAt, closedFrom: windowEndsAt(order.completedAt, plan) };
}

function transactionOf(change: Change, bookedAt: Date): LedgerTransaction[] {
  if (change.legs.length === 0) return [];
  const { order, cause, causeId, legs } = change;
  return [
    {
      shopId: order.shopId,
      bookedAt,
      valueAt: null,
      currency: order.currency,
      cause: `order-${cause}`,
      causeId: `${order.orderId}/${causeId}`,
      legs,
    },
  ];
}

/** As {@link partyKey}, of the party that a difference is for. */
export function differenceKey(
  { shopId, orderId }: Pick<OrderFact, 'shopId' | 'orderId'>,
  { itemId, kind, level, payeeId }: Omit<LineDifference, 'amountMinor'>,
): string {
  return partyKey({
    shop_id: shopId,
    order_id: orderId,
    item_id: itemId,
    kind,
    level,
    payee_id: payeeId,
  });
}

/** Names a party of one line of an order. */
export function partyKey(
  party: Pick<PartyEntry, 'shop_id' | 'order_id' | 'item_id' | 'kind' | 'level' | 'payee_id'>,
): string {
  const { shop_id, order_id, item_id, kind, level, payee_id } = party;
  return JSON.stringify([shop_id, order_id, item_id, kind, level, payee_id]);
}
