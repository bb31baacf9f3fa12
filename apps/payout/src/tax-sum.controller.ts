import { Controller, Get, Param, Query } from '@nestjs/common';
import { taxSumQuery, type Page, type TaxSum } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { pageOfRows, Permit, placeAfter, placePart, queryOf, readers } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { timezoneOf } from './shop.store.js';
import { periodBetween } from './tax-period.js';
import { taxSums, type TaxSumRow } from './tax-sum.store.js';

/** What payees received, for who reports taxes. */
@Controller('internal/shops/:shopId/tax-sums')
@Permit(...readers)
export class TaxSumController {
  constructor(private readonly database: Database) {}

  @Get()
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<TaxSum>> {
    const { period, payeeId = null, limit, cursor } = queryOf(taxSumQuery, query);
    const after = placeAfter(cursor, [placePart.id, placePart.id, placePart.id]);
    const time = periodBetween(period, await timezoneOf(this.database, shopId));
    const wanted = { shopId, ...time, payeeId, after, limit: limit + 1 };
    const page = pageOfRows(await taxSums(this.database, wanted), limit, (row) => {
      return [row.payee_id, row.kind, row.currency];
    });
    return { items: page.rows.map(view), nextCursor: page.nextCursor };
  }
}

function view(row: TaxSumRow): TaxSum {
  const { currency } = row;
  const text = (units: bigint): string => formatAmount(minor(units), currency);
  return {
    payeeId: row.payee_id,
    name: row.name,
    accountType: row.account_type,
    kind: row.kind,
    currency,
    paid: text(row.paid_minor),
    returned: text(row.returned_minor),
    net: text(row.paid_minor - row.returned_minor),
    payouts: Number(row.payouts),
    withheld: text(row.withheld_minor),
    gross: text(row.paid_minor - row.returned_minor + row.withheld_minor),
  };
}
