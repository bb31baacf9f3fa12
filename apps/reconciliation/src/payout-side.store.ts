import type { NumberFacts, PayoutStatus, StrayLine } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';
import type { ShopDay } from './bill.store.js';

type Reader = Pick<Tx, 'query'>;

/** A day, in instants too. */
export interface DaySpan extends ShopDay {
  readonly start: Date;
  readonly end: Date;
}

/**
 * The numbers that have to be looked at closely after the bill of a day came: those on it that are not,
 * at first sight, one payout that left on that day, and the payouts of the day that are not on it. All
 * others agree, and there is one statement of SQL for any number of them.
 */
export async function numbersInDoubt(
  reader: Reader,
  { shopId, day, start, end }: DaySpan,
  limit: number,
): Promise<string[]> {
  const rows = await reader.query<{ outBizNo: string }>(
    `WITH moved AS MATERIALIZED (
       SELECT out_no, count(*) AS line_count, sum(amount_minor) AS net_minor
         FROM bill_line WHERE shop_id = $1 AND day = $2 AND class = 'ours' GROUP BY out_no),
     paid AS MATERIALIZED (
       SELECT out_biz_no, amount_minor, status FROM told_payout
        WHERE shop_id = $1 AND succeeded_at >= $3 AND succeeded_at < $4)
     SELECT coalesce(m.out_no, p.out_biz_no) AS "outBizNo"
       FROM moved m FULL JOIN paid p ON p.out_biz_no = m.out_no
      WHERE (p.status = 'succeeded' AND m.line_count = 1 AND m.net_minor = -p.amount_minor)
            IS NOT TRUE
      UNION
     SELECT out_biz_no FROM told_payout
      WHERE shop_id = $1 AND returned_at >= $3 AND returned_at < $4
      LIMIT $5`,
    [shopId, day, start, end, limit],
  );
  return rows.map(({ outBizNo }) => outBizNo);
}

interface FactsRow {
  readonly outBizNo: string;
  readonly payoutId: string | null;
  readonly amountMinor: bigint;
  readonly status: PayoutStatus | null;
  readonly succeededAt: Date | null;
  readonly returnedAt: Date | null;
  readonly outCount: bigint;
  readonly outMinor: bigint;
  readonly inCount: bigint;
  readonly inMinor: bigint;
}

/** All that both sides know of these numbers, up to the bill of a day. */
export async function factsOfNumbers(
  reader: Reader,
  { shopId, numbers, lastDay }: ShopNumbers,
): Promise<NumberFacts[]> {
  const rows = await reader.query<FactsRow>(
    `SELECT n.out_no AS "outBizNo", p.payout_id AS "payoutId", p.amount_minor AS "amountMinor",
            p.status, p.succeeded_at AS "succeededAt", p.returned_at AS "returnedAt",
            m.out_count AS "outCount", m.out_minor AS "outMinor",
            m.in_count AS "inCount", m.in_minor AS "inMinor"
       FROM unnest($2::text[]) AS n(out_no)
       LEFT JOIN told_payout p ON p.shop_id = $1 AND p.out_biz_no = n.out_no
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE l.amount_minor < 0) AS out_count,
               coalesce(-sum(l.amount_minor) FILTER (WHERE l.amount_minor < 0), 0)::bigint AS out_minor,
               count(*) FILTER (WHERE l.amount_minor > 0) AS in_count,
               coalesce(sum(l.amount_minor) FILTER (WHERE l.amount_minor > 0), 0)::bigint AS in_minor
          FROM bill_line l
         WHERE l.shop_id = $1 AND l.out_no = n.out_no AND l.class = 'ours' AND l.day <= $3) m`,
    [shopId, numbers, lastDay],
  );
  return rows.map((row) => ({
    outBizNo: row.outBizNo,
    payout:
      row.payoutId === null
        ? null
        : {
            payoutId: row.payoutId,
            amountMinor: row.amountMinor,
            status: row.status,
            succeededAt: row.succeededAt,
            returnedAt: row.returnedAt,
          },
    moved: {
      outCount: Number(row.outCount),
      outMinor: row.outMinor,
      inCount: Number(row.inCount),
      inMinor: row.inMinor,
    },
  }));
}

interface ShopNumbers {
  readonly shopId: string;
  readonly numbers: readonly string[];
  readonly lastDay: string;
}

/** Lines of a day that nothing of ours explains, and those of other days with these numbers of Alipay's. */
export function strayLines(
  reader: Reader,
  { shopId, day }: ShopDay,
  { logNos, limit }: { readonly logNos: readonly string[]; readonly limit: number },
): Promise<StrayLine[]> {
  const columns = `log_no AS "logNo", class, kind, out_no AS "outNo", at,
    amount_minor AS "amountMinor", account, title`;
  return reader.query<StrayLine>(
    `SELECT ${columns} FROM bill_line
      WHERE shop_id = $1 AND day = $2 AND class IN ('split', 'other')
      UNION
     SELECT ${columns} FROM bill_line
      WHERE shop_id = $1 AND log_no = ANY ($3) AND class IN ('split', 'other')
      LIMIT $4`,
    [shopId, day, logNos, limit],
  );
}

/** A line of a bill under a number of ours. */
export interface BilledLine {
  /** Below zero what left the account. */
  readonly amountMinor: bigint;
  readonly alipayNo: string;
  readonly at: Date;
}

/** What the bills of all days have under a number of ours, oldest first. */
export function linesOfNumber(
  reader: Reader,
  { shopId, outBizNo, limit }: { shopId: string; outBizNo: string; limit: number },
): Promise<BilledLine[]> {
  return reader.query<BilledLine>(
    `SELECT amount_minor AS "amountMinor", alipay_no AS "alipayNo", at FROM bill_line
      WHERE shop_id = $1 AND out_no = $2 AND class = 'ours' ORDER BY at, line_no LIMIT $3`,
    [shopId, outBizNo, limit],
  );
}

/** How many payouts left on a day, as we know it. */
export async function countPayouts(
  reader: Reader,
  { shopId, start, end }: DaySpan,
): Promise<bigint> {
  const [row] = await reader.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM told_payout
      WHERE shop_id = $1 AND succeeded_at >= $2 AND succeeded_at < $3`,
    [shopId, start, end],
  );
  return row?.count ?? 0n;
}
