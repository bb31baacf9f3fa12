import { Inject, Injectable } from '@nestjs/common';
import { payableAccount, type Accrual, type OrderFact } from '@qingfen/core-settlement';
import { advisoryLocks, type Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { Accounts, type Naming, type NumberOf } from './account.store.js';
import { insertAccruals, type NumberedAccrual } from './accrual.store.js';
import { insertAdjustments, type Adjustment } from './correction.store.js';
import { entriesPerBlock, nextBlocks } from './entry-id.js';
import { noteAccrual, noteEntry } from './entry-fact.js';
import { JournalBatch } from './journal.store.js';
import {
  insertTransactions,
  movingOf,
  noteTransactions,
  type LedgerTransaction,
} from './ledger.store.js';
import { insertRebindings } from './rebinding.store.js';
import { insertSingleEntries, type NumberedEntry, type SingleEntry } from './single-entry.store.js';

/**
 * A batch that appends entries holds its shops' locks in share, taken in one order; a run takes the
 * exclusive one for the instant in which it notes its bound (architecture.md rule 8).
 */
export async function lockForEntries(tx: Tx, shopIds: Iterable<string>): Promise<void> {
  await advisoryLocks(tx, [...shopIds].map(entriesLock), 'shared');
}

export function entriesLock(shopId: string): string {
  return `entries ${shopId}`;
}

/** An order, and what its completion owes. */
export interface AccruedOrder {
  readonly order: OrderFact;
  readonly accrual: Accrual;
}

/** An order that another version binds from now on; null: none fits it. */
export interface ReboundOrder {
  readonly shopId: string;
  readonly orderId: string;
  readonly from: number;
  readonly to: number | null;
}

/** What one transaction appends to the books. */
export interface Facts {
  readonly rebindings?: readonly ReboundOrder[];
  readonly accruals?: readonly AccruedOrder[];
  readonly entries?: readonly SingleEntry[];
  readonly adjustments?: readonly Adjustment[];
  readonly transactions?: readonly LedgerTransaction[];
}

/** Where what was booked stands: its journal batch, and the numbers of its single entries in order. */
export interface Booked {
  /** Null when there was nothing to book. */
  readonly batchId: bigint | null;
  readonly entryIds: readonly bigint[];
}

/** Appends facts to the books: entries, their ledger transactions and their journal batch. */
@Injectable()
export class EntryBook {
  constructor(@Inject(Accounts) private readonly accounts: Accounts) {}

  /** To be called once the shops are locked. What is noted stands in the order of its numbers. */
  async book(unit: Unit, facts: Facts): Promise<Booked> {
    const { accruals = [], entries = [], adjustments = [], rebindings = [] } = facts;
    const transactions = movingOf(facts.transactions ?? []);
    const count = accruals.length + entries.length + adjustments.length + rebindings.length;
    if (count + transactions.length === 0) {
      return { batchId: null, entryIds: [] };
    }
    const { tx, now } = unit;
    const accountOf = await this.accounts.numbering(unit, namingsOf(facts));
    const batch = await JournalBatch.open(tx, now);
    const blocks = await nextBlocks(tx, accruals.length + entries.length);
    const booked = { at: now, batchId: batch.batchId };
    const numbered = accruals.map((one, index) => numberAccrual(one, blocks[index], accountOf));
    const singles = entries.map((one, index) => {
      return numberEntry(one, blocks[accruals.length + index], accountOf);
    });
    for (const { shopId, orderId, from, to } of rebindings) {
      batch.note(shopId, ['order-rebound', orderId, from, to]);
    }
    await insertRebindings(tx, rebindings, booked);
    for (const accrual of numbered) noteAccrual(batch, accrual);
    for (const entry of singles) noteEntry(batch, entry);
    await insertAccruals(tx, numbered, booked);
    await insertSingleEntries(tx, singles, booked);
    for (const { entry, amountMinor, cause, causeId } of adjustments) {
      batch.note(entry.shop_id, ['entry-adjustment', entry.entry_id, amountMinor, cause, causeId]);
    }
    await insertAdjustments(tx, adjustments, booked);
    noteTransactions(batch, transactions);
    await insertTransactions(tx, batch.batchId, transactions, accountOf);
    await batch.close(tx);
    return {
      batchId: batch.batchId,
      entryIds: singles.map(({ block }) => block * entriesPerBlock),
    };
  }

  /** Appends ledger transactions under a journal batch that notes other facts besides. */
  async bookTransactions(
    unit: Unit,
    batch: JournalBatch,
    given: readonly LedgerTransaction[],
  ): Promise<void> {
    const transactions = movingOf(given);
    const accountOf = await this.accounts.numbering(unit, namingsOf({ transactions }));
    noteTransactions(batch, transactions);
    await insertTransactions(unit.tx, batch.batchId, transactions, accountOf);
  }
}

type Numbering = (shopId: string, currency: string) => NumberOf;

/** Everything in facts that names accounts. */
function* namingsOf({ accruals = [], entries = [], transactions = [] }: Facts): Generator<Naming> {
  for (const { order, accrual } of accruals) {
    yield { shopId: order.shopId, currency: order.currency, named: accrual.entries };
  }
  for (const entry of entries) {
    const { shopId, currency } = entry;
    yield { shopId, currency, named: [{ account: accountOfEntry(entry) }] };
  }
  for (const { shopId, currency, legs } of transactions) yield { shopId, currency, named: legs };
}

function numberAccrual(
  { order, accrual }: AccruedOrder,
  block: bigint | undefined,
  accountOf: Numbering,
): NumberedAccrual {
  if (block === undefined) throw new Error('the sequence gave too few numbers');
  const numberOf = accountOf(order.shopId, order.currency);
  const accountNos = accrual.entries.map(({ account }) => numberOf(account));
  return { order, accrual, block, accountNos };
}

function numberEntry(
  draft: SingleEntry,
  block: bigint | undefined,
  accountOf: Numbering,
): NumberedEntry {
  if (block === undefined) throw new Error('the sequence gave too few numbers');
  const accountNo = accountOf(draft.shopId, draft.currency)(accountOfEntry(draft));
  return { draft, block, accountNo };
}

function accountOfEntry({ kind, payeeId }: SingleEntry): string {
  if (kind === 'platform-fee' || payeeId === null) return 'revenue:platform-fee';
  return payableAccount(kind, payeeId);
}
