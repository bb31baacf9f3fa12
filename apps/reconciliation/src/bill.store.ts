import { lineClasses, type LineClass } from '@qingfen/core-reconciliation';
import type { Tx } from '@qingfen/database';

type Reader = Pick<Tx, 'query'>;

/** A day of a shop. */
export interface ShopDay {
  readonly shopId: string;
  readonly day: string;
}

/** What the lines of each class come to, fen; a class without lines is not there. */
export type ClassSums = ReadonlyMap<LineClass, bigint>;

/** A file that Alipay gave, and what came of reading it. */
export interface Bill {
  /** What the lines of its trades are kept under. */
  readonly billNo: bigint;
  readonly version: number;
  readonly sha256: string;
  readonly byteCount: bigint;
  readonly problem: string | null;
  readonly why: string | null;
  readonly account: string;
  readonly lineCount: number;
  /** Lines of buyers' payments and refunds that name their trade. */
  readonly tradeLines: number;
  readonly sums: ClassSums;
  readonly openingMinor: bigint | null;
  readonly closingMinor: bigint | null;
}

const columns = `bill_no AS "billNo", version, sha256, byte_count AS "byteCount", problem, why, account,
  line_count AS "lineCount", trade_lines AS "tradeLines", class_sums AS "classSums",
  opening_minor AS "openingMinor", closing_minor AS "closingMinor"`;

/** A row of `bill`: JSON has sums as text, since its numbers are none of ours. */
interface BillRow extends Omit<Bill, 'sums'> {
  readonly classSums: Readonly<Partial<Record<LineClass, string>>>;
}

/** The last file of a day; of those that could be read, where only they count. */
export async function lastBill(
  reader: Reader,
  { shopId, day }: ShopDay,
  which: 'any' | 'readable',
): Promise<Bill | null> {
  const [row] = await reader.query<BillRow>(
    `SELECT ${columns} FROM bill
      WHERE shop_id = $1 AND day = $2 AND ($3 OR problem IS NULL)
      ORDER BY version DESC LIMIT 1`,
    [shopId, day, which === 'any'],
  );
  if (row === undefined) return null;
  const { classSums, ...bill } = row;
  const sums = new Map(
    lineClasses.flatMap((one) => {
      const sum = classSums[one];
      return sum === undefined ? [] : [[one, BigInt(sum)] as const];
    }),
  );
  return { ...bill, sums };
}

/** The number of the next bill that is kept. */
export async function nextBillNo(tx: Tx): Promise<bigint> {
  const [row] = await tx.query<{ billNo: bigint }>(
    `SELECT nextval(pg_get_serial_sequence('bill', 'bill_no')) AS "billNo"`,
  );
  if (row === undefined) throw new Error('a sequence has a next number');
  return row.billNo;
}

/** The last balance that a bill told before a day, and of which account. */
export async function balanceBefore(
  reader: Reader,
  { shopId, day }: ShopDay,
): Promise<{ readonly account: string; readonly closingMinor: bigint } | null> {
  const rows = await reader.query<{ account: string; closingMinor: bigint }>(
    `SELECT account, closing_minor AS "closingMinor" FROM bill
      WHERE shop_id = $1 AND day < $2 AND problem IS NULL AND closing_minor IS NOT NULL
      ORDER BY day DESC, version DESC LIMIT 1`,
    [shopId, day],
  );
  return rows[0] ?? null;
}

/** The first day behind a day whose bill told a balance of this account. */
export async function nextDayWithBalance(
  reader: Reader,
  { shopId, day }: ShopDay,
  account: string,
): Promise<string | null> {
  const [row] = await reader.query<{ day: string | null }>(
    `SELECT min(day) AS day FROM bill
      WHERE shop_id = $1 AND day > $2 AND account = $3 AND problem IS NULL
        AND closing_minor IS NOT NULL`,
    [shopId, day, account],
  );
  return row?.day ?? null;
}

const pieceBytes = 1024 * 1024;

/** Keeps a file byte for byte, and what came of reading it, as the next version of its day. */
export async function keepBill(
  tx: Tx,
  { shopId, day }: ShopDay,
  bill: Bill & { readonly bytes: Buffer; readonly fetchedAt: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO bill (shop_id, day, bill_no, version, sha256, byte_count, problem, why, account,
                       line_count, trade_lines, class_sums, opening_minor, closing_minor, fetched_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      shopId,
      day,
      bill.billNo,
      bill.version,
      bill.sha256,
      bill.byteCount,
      bill.problem,
      bill.why,
      bill.account,
      bill.lineCount,
      bill.tradeLines,
      Object.fromEntries([...bill.sums].map(([lineClass, sum]) => [lineClass, String(sum)])),
      bill.openingMinor,
      bill.closingMinor,
      bill.fetchedAt,
    ],
  );
  for (let at = 0; at < bill.bytes.length; at += pieceBytes) {
    await tx.query(
      `INSERT INTO bill_piece (shop_id, day, version, piece_no, bytes) VALUES ($1, $2, $3, $4, $5)`,
      [shopId, day, bill.version, at / pieceBytes, bill.bytes.subarray(at, at + pieceBytes)],
    );
  }
}

/** The file as Alipay gave it. */
export async function billBytes(
  reader: Reader,
  { shopId, day }: ShopDay,
  version: number,
): Promise<Buffer> {
  const pieces = await reader.query<{ bytes: Buffer }>(
    `SELECT bytes FROM bill_piece WHERE shop_id = $1 AND day = $2 AND version = $3
      ORDER BY piece_no`,
    [shopId, day, version],
  );
  return Buffer.concat(pieces.map(({ bytes }) => bytes));
}
