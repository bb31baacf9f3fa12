import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { balanceQuery, type Balance, type Page } from '@qingfen/contracts';
import { requiredTasks, type RequiredTask } from '@qingfen/core-plan';
import { Database, type Tx } from '@qingfen/database';
import { pageOfRows, Permit, placeAfter, placePart, queryOf, readers } from '@qingfen/hosting';
import { formatAmount, minor } from '@qingfen/money';
import { PlanShelf } from './plan-shelf.js';

interface BalanceRow {
  readonly payee_id: string;
  readonly kind: Balance['kind'];
  readonly currency: string;
  readonly accrued: bigint;
  readonly matured: bigint;
  readonly held: bigint;
  readonly in_payout: bigint;
  readonly paid: bigint;
  readonly owed_back: bigint;
  readonly withheld: bigint;
}

// What is not stated counts as owed back where it is negative as a whole; else held, accrued and
// matured share it, the negative part of one taken from the others in this order: matured, accrued,
// held. Every figure is ≥ 0, and with the tax that stands they are the sum of all entries, give-backs
// once; what was settled outside counts as paid.
const balancesSql = `
WITH open AS (
  SELECT o.payee_id, o.kind, o.currency,
         sum(o.amount_minor) AS net,
         sum(o.amount_minor) FILTER (WHERE held) AS held,
         sum(o.amount_minor) FILTER (WHERE NOT held AND o.matures_at > $2) AS accrued
    FROM (SELECT e.*, e.amount_minor > 0 AND (
             e.entry_id / 16384 IN (SELECT h.block FROM held_block h WHERE h.shop_id = $1)
             OR e.payee_id IN (SELECT h.subject_id FROM hold h
                                WHERE h.shop_id = $1 AND h.subject_type = 'payee'
                                  AND h.released_at IS NULL)
             OR EXISTS (SELECT 1 FROM unnest($9::text[], $10::text[], $11::text[])
                                 AS r(currency, kind, task)
                         WHERE r.currency = e.currency AND r.kind = e.kind
                           AND NOT EXISTS (SELECT 1 FROM payee p
                                            WHERE p.shop_id = $1 AND p.payee_id = e.payee_id
                                              AND r.task = ANY (p.tasks)))
             OR CASE WHEN e.is_give_back THEN give_back_held(e.shop_id, e.entry_id)
                     ELSE false END) AS held
            FROM open_entry e
           WHERE e.shop_id = $1 AND e.payee_id NOT LIKE '#%'
             AND ($3::text IS NULL OR e.payee_id = $3) AND ($4::text IS NULL OR e.kind = $4)) o
   GROUP BY 1, 2, 3
), sent AS (
  SELECT payee_id, kind, currency,
         sum(amount_minor) FILTER (WHERE status IS NULL) AS in_payout,
         sum(amount_minor) FILTER (WHERE status = 'succeeded') AS paid,
         sum(withheld_minor) AS withheld
    FROM (SELECT payee_id, kind, currency, amount_minor, status,
                 withheld_minor - withheld_back_minor AS withheld_minor FROM payout
           WHERE shop_id = $1 AND ($3::text IS NULL OR payee_id = $3)
          UNION ALL
          SELECT c.owner_id, c.kind, c.currency, s.amount_minor, 'succeeded', 0 FROM settled_outside s
            JOIN account c ON c.shop_id = s.shop_id AND c.account_no = s.account_no
           WHERE s.shop_id = $1) x
   GROUP BY 1, 2, 3
), every AS (
  SELECT payee_id, kind, currency,
         greatest(coalesce(o.net, 0), 0)::bigint AS net,
         greatest(-coalesce(o.net, 0), 0)::bigint AS owed_back,
         greatest(coalesce(o.held, 0), 0)::bigint AS held_raw,
         greatest(coalesce(o.accrued, 0), 0)::bigint AS accrued_raw,
         coalesce(s.in_payout, 0)::bigint AS in_payout, coalesce(s.paid, 0)::bigint AS paid,
         coalesce(s.withheld, 0)::bigint AS withheld
    FROM open o FULL JOIN sent s USING (payee_id, kind, currency)
)
SELECT payee_id, kind, currency,
       least(held_raw, net) AS held,
       least(accrued_raw, net - least(held_raw, net)) AS accrued,
       net - least(held_raw, net) - least(accrued_raw, net - least(held_raw, net)) AS matured,
       in_payout, paid, owed_back, withheld
  FROM every
 WHERE ($3::text IS NULL OR payee_id = $3) AND ($4::text IS NULL OR kind = $4)
   AND ($5::text IS NULL OR (payee_id, kind, currency) > ($5, $6, $7))
 ORDER BY payee_id, kind, currency LIMIT $8`;

/** What payees have and are owed, by kind and currency. */
@Controller('internal/shops/:shopId/balances')
@Permit(...readers)
export class BalanceController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PlanShelf) private readonly plans: PlanShelf,
  ) {}

  @Get()
  async list(@Param('shopId') shopId: string, @Query() query: unknown): Promise<Page<Balance>> {
    const { payeeId, kind, limit, cursor } = queryOf(balanceQuery, query);
    const after = placeAfter(cursor, [placePart.id, placePart.id, placePart.id]);
    const now = this.clock.now();
    const tasks = await this.database.transaction((tx) => this.tasksOf(tx, shopId, now));
    const rows = await this.database.query<BalanceRow>(balancesSql, [
      shopId,
      now,
      payeeId ?? null,
      kind ?? null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      after?.[2] ?? null,
      limit + 1,
      tasks.map(({ currency }) => currency),
      tasks.map(({ task }) => task.kind),
      tasks.map(({ task }) => task.task),
    ]);
    const page = pageOfRows(rows, limit, (row) => [row.payee_id, row.kind, row.currency]);
    return { items: page.rows.map(viewOf), nextCursor: page.nextCursor };
  }

  /** What payees must have done by now, in each currency that the shop has plans in. */
  private async tasksOf(
    tx: Tx,
    shopId: string,
    now: Date,
  ): Promise<{ readonly currency: string; readonly task: RequiredTask }[]> {
    const versions = (await this.plans.versionsOf(tx, [shopId])).get(shopId) ?? [];
    return [...new Set(versions.map(({ plan }) => plan.currency))].flatMap((currency) => {
      const own = versions.filter(({ plan }) => plan.currency === currency);
      return requiredTasks(own, now).map((task) => ({ currency, task }));
    });
  }
}

function viewOf(row: BalanceRow): Balance {
  const text = (units: bigint): string => formatAmount(minor(units), row.currency);
  return {
    payeeId: row.payee_id,
    kind: row.kind,
    currency: row.currency,
    accrued: text(row.accrued),
    matured: text(row.matured),
    held: text(row.held),
    inPayout: text(row.in_payout),
    paid: text(row.paid),
    owedBack: text(row.owed_back),
    ...(row.withheld === 0n ? {} : { withheld: text(row.withheld) }),
  };
}
