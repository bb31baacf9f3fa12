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
import { balancesAt, type AccountBalance } from './ledger-balance.store.js';
import { shopOf } from './shop.store.js';
import { VerifyService } from './verify.service.js';

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
    const rows = await balancesAt(this.database, shopId, until);
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

function sumOf(
  currency: string,
  rows: readonly AccountBalance[],
): TrialBalance['currencies'][number] {
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
