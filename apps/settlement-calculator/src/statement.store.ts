import type { PayVia } from '@qingfen/core-plan';
import type { RoyaltyLeg } from '@qingfen/core-settlement';
import { insertRows, type Tx } from '@qingfen/database';
import type { Minor } from '@qingfen/money';
import { withholdingText } from './withholding-record.js';
import type { PayeeWithholding } from './withholding.store.js';

export interface NewPayout {
  readonly payoutId: string;
  readonly part: number;
  readonly amountMinor: Minor;
  /** Its part of the statement's tax. */
  readonly withheldMinor: Minor;
  readonly payVia: PayVia;
  readonly leg: RoyaltyLeg | null;
  /** False: it is asked for when the statement's splits have ended. */
  readonly isRequested: boolean;
}

/** What a run owes one payee, as it is about to be issued. */
export interface NewStatement {
  readonly shopId: string;
  readonly statementId: string;
  /** What its entries name it by. */
  readonly statementNo: bigint;
  readonly payeeId: string;
  readonly kind: 'commission' | 'supplier' | 'team-reward';
  readonly currency: string;
  readonly period: string;
  readonly cutoff: Date;
  readonly issuedAt: Date;
  /** What is paid: what its entries come to, less the tax. */
  readonly netMinor: Minor;
  readonly withheldMinor: Minor;
  /** By what the tax was decided; null: nothing could be withheld. */
  readonly withholding: PayeeWithholding | null;
  readonly entryCount: number;
  /** The terms that it was made under. */
  readonly payVia: PayVia;
  readonly minPayoutMinor: Minor;
  readonly transferMaxMinor: Minor;
  readonly accountHash: string | null;
  /** Of a leader's statement: the part of the net that was the team's. */
  readonly team: { readonly teamId: string; readonly amountMinor: Minor } | null;
  readonly correlationId: string;
  /** Who caused by hand what it lists: none of them approves its payouts. */
  readonly makers: readonly string[];
  readonly payouts: readonly NewPayout[];
}

export async function insertStatements(
  tx: Tx,
  statements: readonly NewStatement[],
  batchId: bigint,
): Promise<void> {
  await insertHeads(tx, statements, batchId);
  await insertPayouts(tx, statements);
}

function insertHeads(
  tx: Tx,
  statements: readonly NewStatement[],
  batchId: bigint,
): Promise<unknown> {
  return insertRows(tx, {
    table: 'statement',
    columns: {
      shop_id: 'text',
      statement_id: 'text',
      statement_no: 'bigint',
      payee_id: 'text',
      kind: 'text',
      currency: 'text',
      period: 'text',
      cutoff: 'timestamptz',
      issued_at: 'timestamptz',
      net_minor: 'bigint',
      entry_count: 'integer',
      correlation_id: 'text',
      batch_id: 'bigint',
      makers: 'text[]',
      min_payout_minor: 'bigint',
      transfer_max_minor: 'bigint',
      pay_via: 'text',
      withheld_minor: 'bigint',
      withholding: 'text',
    },
    rows: statements.map((statement) => [
      statement.shopId,
      statement.statementId,
      statement.statementNo,
      statement.payeeId,
      statement.kind,
      statement.currency,
      statement.period,
      statement.cutoff,
      statement.issuedAt,
      statement.netMinor,
      statement.entryCount,
      statement.correlationId,
      batchId,
      statement.makers,
      statement.minPayoutMinor,
      statement.transferMaxMinor,
      statement.payVia,
      statement.withheldMinor,
      statement.withholding === null ? null : withholdingText(statement.withholding),
    ]),
  });
}

function insertPayouts(tx: Tx, statements: readonly NewStatement[]): Promise<unknown> {
  return insertRows(tx, {
    table: 'payout',
    columns: {
      shop_id: 'text',
      payout_id: 'text',
      statement_id: 'text',
      part: 'integer',
      parts: 'integer',
      payee_id: 'text',
      kind: 'text',
      currency: 'text',
      amount_minor: 'bigint',
      requested_at: 'timestamptz',
      account_hash: 'text',
      pay_via: 'text',
      order_id: 'text',
      trade_no: 'text',
      is_requested: 'boolean',
      withheld_minor: 'bigint',
    },
    rows: statements.flatMap((statement) =>
      statement.payouts.map((payout) => [
        statement.shopId,
        payout.payoutId,
        statement.statementId,
        payout.part,
        statement.payouts.length,
        statement.payeeId,
        statement.kind,
        statement.currency,
        payout.amountMinor,
        statement.issuedAt,
        statement.accountHash,
        payout.payVia,
        payout.leg?.orderId ?? null,
        payout.leg?.tradeNo ?? null,
        payout.isRequested,
        payout.withheldMinor,
      ]),
    ),
  });
}
