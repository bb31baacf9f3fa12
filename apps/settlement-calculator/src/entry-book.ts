import { Inject, Injectable } from '@nestjs/common';
import { payableAccount, type Accrual, type OrderFact } from '@qingfen/core-settlement';
import { advisoryLocks, type Tx } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { Accounts, type Naming } from './account.store.js';
import { insertAccruals } from './accrual.store.js';
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
import { insertSingleEntries, type SingleEntry } from './single-entry.store.js';

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
    const accountNos = await this.accounts.numbersOf(unit, [
      ...namingsOf({ accruals, entries, transactions }),
    ]);
    const batch = await JournalBatch.open(tx, now);
    const blocks = await nextBlocks(tx, accruals.length + entries.length);
    const booked = { at: now, batchId: batch.batchId };
    const numbered = accruals.map((one, index) => ({ ...one, ...at(blocks, accountNos, index) }));
    const singles = entries.map((draft, index) => {
      const { block, accountNos: nos } = at(blocks, accountNos, accruals.length + index);
      return { draft, block, accountNo: given(nos[0]) };
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
    const legNos = accountNos.slice(accruals.length + entries.length);
    await insertTransactions(tx, batch.batchId, transactions, legNos);
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
    const legNos = await this.accounts.numbersOf(unit, [...namingsOf({ transactions })]);
    noteTransactions(batch, transactions);
    await insertTransactions(unit.tx, batch.batchId, transactions, legNos);
  }
}

/** Everything in facts that names accounts, in this order. */
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

/** The block of one of the facts, and the numbers of its accounts. */
function at(
  blocks: readonly bigint[],
  accountNos: readonly (readonly bigint[])[],
  index: number,
): { readonly block: bigint; readonly accountNos: readonly bigint[] } {
  return { block: given(blocks[index]), accountNos: given(accountNos[index]) };
}

function given<T>(number: T | undefined): T {
  if (number === undefined) throw new Error('too few numbers were given');
  return number;
}

function accountOfEntry({ kind, payeeId }: SingleEntry): string {
  if (kind === 'platform-fee' || payeeId === null) return 'revenue:platform-fee';
  return payableAccount(kind, payeeId);
}
