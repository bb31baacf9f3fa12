import type { Tx } from '@qingfen/database';

type Reader = Pick<Tx, 'query'>;

/** Up to which block a shop's ledger tells of the time before an instant. */
export interface BookedBefore {
  /** The last block with anything that was booked before it; null: nothing was. */
  readonly block: number | null;
  /** Whether something that was booked before it stands in no block yet. */
  readonly isAnyUnsealed: boolean;
}

export async function bookedBefore(
  reader: Reader,
  shopId: string,
  to: Date,
): Promise<BookedBefore> {
  const [row] = await reader.query<{ block: bigint | null; unsealed: bigint }>(
    `SELECT max(block) AS block, count(*) FILTER (WHERE block IS NULL) AS unsealed
       FROM journal_batch WHERE shop_id = $1 AND booked_at < $2`,
    [shopId, to],
  );
  const block = row?.block ?? null;
  return {
    block: block === null ? null : Number(block),
    isAnyUnsealed: (row?.unsealed ?? 0n) > 0n,
  };
}

/** Which part of a ledger is summed up: what was booked before `to`, in blocks up to `toBlock`. */
export interface LedgerSpan {
  readonly shopId: string;
  readonly from: Date;
  readonly to: Date;
  readonly toBlock: number;
}

/** What an account had before a span, and what it was debited and credited within it (debit +). */
export interface AccountSum {
  readonly currency: string;
  /** As the ledger's facts name it. */
  readonly account: string;
  readonly opening: bigint;
  readonly debit: bigint;
  readonly credit: bigint;
}

/** How much one statement sums up; a ledger of any size is read in such pieces. */
const pieceUsual = { facts: 200_000, batches: 10_000 };

/**
 * Every account that was booked on, with its sums, in no order. By when the batch was booked, which is hashed;
 * what a block brings along from after the span is not in it.
 */
export async function accountSums(
  reader: Reader,
  span: LedgerSpan,
  piece = pieceUsual,
): Promise<AccountSum[]> {
  const sums = new Map<bigint, Moved>();
  for (let after = 0n; ;) {
    const until = await endOfPiece(reader, span, { ...piece, after });
    if (until === null) break;
    for (const moved of await movedWithin(reader, span, { after, until })) add(sums, moved);
    after = until;
  }
  const { shopId } = span;
  const accounts = await reader.query<{ no: bigint; currency: string; account: string }>(
    `SELECT account_no AS no, currency, name AS account FROM account
      WHERE shop_id = $1 AND account_no = ANY ($2::bigint[])`,
    [shopId, [...sums.keys()]],
  );
  return accounts.flatMap(({ no, currency, account }) => {
    const sum = sums.get(no);
    return sum === undefined ? [] : [{ currency, account, ...sum }];
  });
}

interface Moved {
  readonly opening: bigint;
  readonly debit: bigint;
  readonly credit: bigint;
}

function add(sums: Map<bigint, Moved>, { no, ...moved }: Moved & { readonly no: bigint }): void {
  const { opening, debit, credit } = sums.get(no) ?? { opening: 0n, debit: 0n, credit: 0n };
  sums.set(no, {
    opening: opening + moved.opening,
    debit: debit + moved.debit,
    credit: credit + moved.credit,
  });
}

/** The last batch behind one that comes into the same statement; null where there is none. */
async function endOfPiece(
  reader: Reader,
  { shopId, to, toBlock }: LedgerSpan,
  { after, facts, batches }: typeof pieceUsual & { readonly after: bigint },
): Promise<bigint | null> {
  const [row] = await reader.query<{ until: bigint | null }>(
    `SELECT coalesce(max(batch_id) FILTER (WHERE facts <= $6), min(batch_id)) AS until
       FROM (SELECT batch_id, sum(fact_count) OVER (ORDER BY batch_id) AS facts
               FROM (SELECT batch_id, fact_count FROM journal_batch
                      WHERE shop_id = $1 AND block <= $2 AND booked_at < $3 AND batch_id > $4
                      ORDER BY batch_id LIMIT $5) AS next) AS piece`,
    [shopId, toBlock, to, after, batches, facts],
  );
  return row?.until ?? null;
}

/** By account, what the batches behind one and up to another moved. */
function movedWithin(
  reader: Reader,
  { shopId, from, to, toBlock }: LedgerSpan,
  { after, until }: { readonly after: bigint; readonly until: bigint },
): Promise<(Moved & { readonly no: bigint })[]> {
  return reader.query(
    `SELECT leg.account_no AS no,
            coalesce(sum(leg.amount) FILTER (WHERE b.booked_at < $2), 0)::bigint AS opening,
            coalesce(sum(greatest(leg.amount, 0)) FILTER (WHERE b.booked_at >= $2), 0)::bigint
              AS debit,
            coalesce(sum(greatest(-leg.amount, 0)) FILTER (WHERE b.booked_at >= $2), 0)::bigint
              AS credit
       FROM ledger_transaction t
       JOIN journal_batch b ON b.shop_id = t.shop_id AND b.batch_id = t.batch_id
                           AND b.block <= $4 AND b.booked_at < $3
      CROSS JOIN LATERAL unnest(t.account_nos, t.amounts) AS leg(account_no, amount)
      WHERE t.shop_id = $1 AND t.batch_id > $5 AND t.batch_id <= $6
      GROUP BY 1`,
    [shopId, from, to, toBlock, after, until],
  );
}
