import { insertRows, type Tx } from '@qingfen/database';
import { entriesPerBlock } from './entry-id.js';
import { awaitWindows, insertUnstated } from './unstated.store.js';

/** Why an entry was booked. */
export type EntryCause =
  | 'order'
  | 'refund'
  | 'refund-reversal'
  | 'rebinding'
  | 'give-back'
  | 'split-return'
  | 'team-reward'
  | 'adjustment'
  | 'opening'
  | 'recovery'
  | 'recovery-withdrawn';

/** An entry by itself: no part of what an order's completion owes. */
export interface SingleEntry {
  readonly shopId: string;
  /** Empty where it concerns no order. */
  readonly orderId: string;
  readonly itemId: string | null;
  readonly kind: 'commission' | 'supplier' | 'team-reward' | 'platform-fee';
  readonly level: number | null;
  /** Null for the platform's fee; a team's owner name for its reward. */
  readonly payeeId: string | null;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly maturesAt: Date;
  readonly planVersion: number | null;
  readonly corrects: bigint | null;
  readonly cause: EntryCause;
  readonly causeId: string | null;
  /** The close of the return window that must have been heard before a run takes it. */
  readonly evidence: Evidence | null;
  readonly correlationId: string;
}

/** Which window's close is the evidence. */
export interface Evidence {
  readonly completedAt: Date;
  readonly closedFrom: Date;
}

export interface NumberedEntry {
  readonly draft: SingleEntry;
  readonly block: bigint;
  readonly accountNo: bigint;
}

export async function insertSingleEntries(
  tx: Tx,
  entries: readonly NumberedEntry[],
  booked: { readonly at: Date; readonly batchId: bigint },
): Promise<void> {
  if (entries.length === 0) return;
  await insertRows(tx, {
    table: 'single_entry',
    columns: {
      shop_id: 'text',
      block: 'bigint',
      order_id: 'text',
      item_id: 'text',
      level: 'smallint',
      account_no: 'bigint',
      currency: 'text',
      amount_minor: 'bigint',
      matures_at: 'timestamptz',
      plan_version: 'integer',
      corrects: 'bigint',
      cause: 'text',
      cause_id: 'text',
      correlation_id: 'text',
      booked_at: 'timestamptz',
      batch_id: 'bigint',
    },
    rows: entries.map(({ draft, block, accountNo }) => [
      draft.shopId,
      block,
      draft.orderId,
      draft.itemId,
      draft.level,
      accountNo,
      draft.currency,
      draft.amountMinor,
      draft.maturesAt,
      draft.planVersion,
      draft.corrects,
      draft.cause,
      draft.causeId,
      draft.correlationId,
      booked.at,
      booked.batchId,
    ]),
  });
  await insertUnstated(tx, entries.flatMap(unstatedOf));
  await awaitWindows(tx, entries.flatMap(awaitedOf));
}

function unstatedOf({ draft, block, accountNo }: NumberedEntry): unknown[][] {
  if (draft.payeeId === null) return [];
  const { shopId, amountMinor, maturesAt, cause } = draft;
  return [
    [shopId, accountNo, block * entriesPerBlock, amountMinor, maturesAt, cause === 'give-back'],
  ];
}

function awaitedOf({ draft, block }: NumberedEntry): unknown[][] {
  if (draft.evidence === null || draft.payeeId === null) return [];
  const { shopId, orderId, evidence } = draft;
  return [[shopId, evidence.closedFrom, block, orderId, evidence.completedAt]];
}
