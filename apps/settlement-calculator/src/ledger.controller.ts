import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import {
  ledgerVerifyQuery,
  trialBalanceQuery,
  type LedgerVerification,
  type TrialBalance,
} from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { Permit, queryOf, readers } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { shopOf } from './shop.store.js';
import { VerifyService } from './verify.service.js';

interface AccountRow {
  readonly currency: string;
  readonly account: string;
  readonly debit: bigint;
  readonly credit: bigint;
}

/** The ledger's own proof: every account, debits and credits, and whether they add up. */
@Controller('internal/shops/:shopId/ledger')
@Permit(...readers)
export class LedgerController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(VerifyService) private readonly verifier: VerifyService,
  ) {}

  @Get('verify')
  verify(@Param('shopId') shopId: string, @Query() query: unknown): Promise<LedgerVerification> {
    const { fromBlock = 1 } = queryOf(ledgerVerifyQuery, query);
    return this.verifier.verification(shopId, fromBlock);
  }

  @Get('trial-balance')
  async trialBalance(
    @Param('shopId') shopId: string,
    @Query() query: unknown,
  ): Promise<TrialBalance> {
    const { at } = queryOf(trialBalanceQuery, query);
    const until = at === undefined ? this.clock.now() : new Date(at);
    const timezone = (await shopOf(this.database, shopId))?.timezone ?? 'Asia/Shanghai';
    const rows = await this.database.query<AccountRow>(
      `SELECT c.currency, c.label AS account, s.debit, s.credit
         FROM (SELECT account_no,
                      coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint AS debit,
                      coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint AS credit
                 FROM ledger_transaction t
                CROSS JOIN LATERAL unnest(t.account_nos, t.amounts) AS leg(account_no, amount)
                WHERE t.shop_id = $1 AND t.booked_at <= $2
                GROUP BY 1) s
         JOIN account c ON c.shop_id = $1 AND c.account_no = s.account_no
        ORDER BY 1, 2`,
      [shopId, until],
    );
    const currencies = [...new Set(rows.map(({ currency }) => currency))].map((currency) =>
      sumOf(
        currency,
        rows.filter((row) => row.currency === currency),
      ),
    );
    return {
      at: formatInstant(until, timezone),
      balanced: currencies.every(({ debit, credit }) => debit === credit),
      currencies,
    };
  }
}

function sumOf(currency: string, rows: readonly AccountRow[]): TrialBalance['currencies'][number] {
  const text = (units: bigint): string => formatAmount(minor(units), currency);
  return {
    currency,
    debit: text(rows.reduce((sum, { debit }) => sum + debit, 0n)),
    credit: text(rows.reduce((sum, { credit }) => sum + credit, 0n)),
    accounts: rows.map(({ account, debit, credit }) => ({
      account,
      debit: text(debit),
      credit: text(credit),
      balance: text(debit - credit),
    })),
  };
}
