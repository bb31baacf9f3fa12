import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { formatInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import { statementQuery, type Page, type Statement } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import {
  instantPlace,
  instantPlaceAfter,
  notFound,
  pageOfRows,
  Permit,
  queryOf,
  readers,
} from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { entriesOfStatements, viewOfEntry, type EntryRow } from './entry.view.js';
import { knownOrders } from './explanation.store.js';
import { PlanShelf } from './plan-shelf.js';
import { shopOf } from './shop.store.js';

interface StatementRow {
  readonly statement_id: string;
  readonly payee_id: string;
  readonly kind: Statement['kind'];
  readonly currency: string;
  readonly period: string;
  readonly cutoff: Date;
  readonly issued_at: Date;
  readonly net_minor: bigint;
  readonly withheld_minor: bigint;
  /** Null: nothing could be withheld. */
  readonly withholding: string | null;
  readonly payout_ids: string[];
  readonly statuses: (string | null)[];
}

const statementSelect = `
SELECT s.statement_id, s.payee_id, s.kind, s.currency, s.period, s.cutoff, s.issued_at, s.net_minor,
       s.withheld_minor, s.withholding,
       ARRAY(SELECT payout_id FROM payout p WHERE p.shop_id = s.shop_id
                AND p.statement_id = s.statement_id ORDER BY part) AS payout_ids,
       ARRAY(SELECT status FROM payout p WHERE p.shop_id = s.shop_id
                AND p.statement_id = s.statement_id ORDER BY part) AS statuses
  FROM statement s`;

/** What runs owed payees, entry by entry. */
@Controller('internal/shops/:shopId/statements')
@Permit(...readers)
export class StatementController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
  ) {}

  @Get()
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<Statement>> {
    const { payeeId, kind, from, to, limit, cursor } = queryOf(statementQuery, query);
    const after = instantPlaceAfter(cursor);
    const rows = await this.database.query<StatementRow>(
      `${statementSelect}
        WHERE s.shop_id = $1
          AND ($2::text IS NULL OR s.payee_id = $2) AND ($3::text IS NULL OR s.kind = $3)
          AND ($4::timestamptz IS NULL OR s.issued_at >= $4)
          AND ($5::timestamptz IS NULL OR s.issued_at < $5)
          AND ($6::timestamptz IS NULL OR (s.issued_at, s.statement_id) > ($6, $7))
        ORDER BY s.issued_at, s.statement_id LIMIT $8`,
      [
        shopId,
        payeeId ?? null,
        kind ?? null,
        from ?? null,
        to ?? null,
        after?.at ?? null,
        after?.id ?? null,
        limit + 1,
      ],
    );
    const page = pageOfRows(rows, limit, (row) =>
      instantPlace({ at: row.issued_at, id: row.statement_id }),
    );
    return { items: await this.views(shopId, page.rows), nextCursor: page.nextCursor };
  }

  @Get(':statementId')
  async one(
    @Param('shopId') shopId: string,
    @Param('statementId') statementId: string,
  ): Promise<Statement> {
    const [row] = await this.database.query<StatementRow>(
      `${statementSelect} WHERE s.shop_id = $1 AND s.statement_id = $2`,
      [shopId, statementId],
    );
    if (row === undefined) {
      throw notFound('There is no such statement.');
    }
    const [view] = await this.views(shopId, [row]);
    if (view === undefined) throw new Error('a row has a view');
    return view;
  }

  /** All of a page at once: a page may hold 500 statements, and the gateway waits three seconds. */
  private views(shopId: string, rows: readonly StatementRow[]): Promise<Statement[]> {
    return this.database.transaction(async (tx) => {
      const timezone = (await shopOf(tx, shopId))?.timezone ?? 'Asia/Shanghai';
      const ids = rows.map((row) => row.statement_id);
      const entries = await entriesOfStatements(tx, shopId, ids);
      const orderIds = [...new Set(entries.map((entry) => entry.order_id))];
      const orders = await knownOrders(tx, this.plans, shopId, orderIds);
      const byStatement = new Map<string | null, EntryRow[]>();
      for (const entry of entries) {
        const own = byStatement.get(entry.statement_id);
        if (own === undefined) byStatement.set(entry.statement_id, [entry]);
        else own.push(entry);
      }
      const now = this.clock.now();
      return rows.map((row) => {
        const own = byStatement.get(row.statement_id) ?? [];
        const views = own.map((entry) => {
          const explanations = orders.get(entry.order_id)?.explanations;
          const how = explanations?.of(entry, entry.statement_batch) ?? null;
          return viewOfEntry(entry, { timezone, now, how });
        });
        return viewOf(shopId, row, { timezone, entries: views });
      });
    });
  }
}

function viewOf(
  shopId: string,
  row: StatementRow,
  { timezone, entries }: { readonly timezone: string; readonly entries: Statement['entries'] },
): Statement {
  return {
    statementId: row.statement_id,
    shopId,
    payeeId: row.payee_id,
    kind: row.kind,
    period: row.period,
    cutoff: formatInstant(row.cutoff, timezone),
    issuedAt: formatInstant(row.issued_at, timezone),
    currency: row.currency,
    net: formatAmount(minor(row.net_minor), row.currency),
    ...taxOf(row),
    state: stateOf(row.statuses),
    entries,
    payoutIds: row.payout_ids,
  };
}

function taxOf(row: StatementRow): Pick<Statement, 'gross' | 'withheld'> {
  if (row.withholding === null) return {};
  const { net_minor: netMinor, withheld_minor: withheldMinor, currency } = row;
  return {
    gross: formatAmount(minor(netMinor + withheldMinor), currency),
    withheld: formatAmount(minor(withheldMinor), currency),
  };
}

/** All parts paid; some; none that can still be; or not known yet. */
function stateOf(statuses: readonly (string | null)[]): Statement['state'] {
  const paid = statuses.filter((status) => status === 'succeeded').length;
  const open = statuses.filter((status) => status === null).length;
  if (paid === statuses.length) return 'paid';
  if (paid > 0) return 'partly-paid';
  return open === 0 ? 'given-back' : 'issued';
}
