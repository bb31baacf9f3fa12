import type { BillLine } from '@qingfen/alipay-bills';
import { classifyLine } from '@qingfen/core-reconciliation';
import { copyEscaped, CopyInto, type Tx } from '@qingfen/database';

type Reader = Pick<Tx, 'query'>;

/** A day of a shop. */
export interface ShopDay {
  readonly shopId: string;
  readonly day: string;
}

/** A file that Alipay gave, and what came of reading it. */
export interface Bill {
  readonly version: number;
  readonly sha256: string;
  readonly byteCount: bigint;
  readonly problem: string | null;
  readonly why: string | null;
  readonly account: string;
  readonly lineCount: number;
  /** Lines of buyers' payments and refunds that name their trade. */
  readonly tradeLines: number;
  readonly openingMinor: bigint | null;
  readonly closingMinor: bigint | null;
}

const columns = `version, sha256, byte_count AS "byteCount", problem, why, account,
  line_count AS "lineCount", trade_lines AS "tradeLines", opening_minor AS "openingMinor", closing_minor AS "closingMinor"`;

/** The last file of a day; of those that could be read, where only they count. */
export async function lastBill(
  reader: Reader,
  { shopId, day }: ShopDay,
  which: 'any' | 'readable',
): Promise<Bill | null> {
  const rows = await reader.query<Bill>(
    `SELECT ${columns} FROM bill
      WHERE shop_id = $1 AND day = $2 AND ($3 OR problem IS NULL)
      ORDER BY version DESC LIMIT 1`,
    [shopId, day, which === 'any'],
  );
  return rows[0] ?? null;
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
    `INSERT INTO bill (shop_id, day, version, sha256, byte_count, problem, why, account, line_count,
                       trade_lines, opening_minor, closing_minor, fetched_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      shopId,
      day,
      bill.version,
      bill.sha256,
      bill.byteCount,
      bill.problem,
      bill.why,
      bill.account,
      bill.lineCount,
      bill.tradeLines,
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

/** Makes room for the lines of a newer file of the same day. */
export async function forgetLines(tx: Tx, { shopId, day }: ShopDay): Promise<void> {
  await tx.query('DELETE FROM bill_line WHERE shop_id = $1 AND day = $2', [shopId, day]);
}

/** Copies lines of a day as they are read, one COPY for all of them. */
export class LineCopy {
  /** Lines of buyers' payments and refunds that name their trade. */
  tradeLines = 0;
  private readonly begin: string;
  private instant: Date | null = null;
  private instantText = '';

  private constructor(
    private readonly into: CopyInto,
    { shopId, day }: ShopDay,
  ) {
    this.begin = `${shopId}\t${day}\t`;
  }

  static begin(tx: Tx, of: ShopDay): LineCopy {
    const columns = ['shop_id', 'day', 'line_no', 'log_no', 'out_no', 'alipay_no', 'at'];
    const more = ['amount_minor', 'balance_minor', 'class', 'kind', 'account', 'title'];
    const into = CopyInto.begin(tx, { table: 'bill_line', columns: [...columns, ...more] });
    return new LineCopy(into, of);
  }

  write(lines: readonly BillLine[]): Promise<void> {
    let text = '';
    for (const line of lines) text += this.textOf(line);
    return this.into.write(text);
  }

  end(): Promise<void> {
    return this.into.end();
  }

  private textOf(line: BillLine): string {
    const { lineNo, amountMinor, balanceMinor } = line;
    const lineClass = classifyLine(line);
    const isTrade = lineClass === 'trade' || lineClass === 'trade-refund';
    if (isTrade && line.tradeNo !== '') this.tradeLines += 1;
    const { logNo, outNo, alipayNo, kind, account, title } = textsOf(line, isTrade);
    const ids = `${this.begin}${lineNo}\t${logNo}\t${outNo}\t${alipayNo}\t${this.textAt(line.at)}`;
    const amounts = `${amountMinor}\t${balanceMinor}\t${lineClass}`;
    return `${ids}\t${amounts}\t${kind}\t${account}\t${title}\n`;
  }

  /** Lines that follow each other share their second. */
  private textAt(at: Date): string {
    if (this.instant !== at) {
      this.instant = at;
      this.instantText = at.toISOString();
    }
    return this.instantText;
  }
}

type Texts = Pick<BillLine, 'logNo' | 'outNo' | 'alipayNo' | 'kind' | 'account' | 'title'>;
const special = /[\\\t\n\r]/;

/**
 * Nearly no line has anything to escape, and to look once costs less than to look six times. A buyer's
 * payment is called by its trade, and so is every refund of it.
 */
function textsOf(line: BillLine, isTrade: boolean): Texts {
  const { logNo, outNo, kind, account, title } = line;
  const alipayNo = isTrade ? line.tradeNo : line.alipayNo;
  if (!special.test(logNo + outNo + alipayNo + kind + account + title)) {
    return { logNo, outNo, alipayNo, kind, account, title };
  }
  return {
    logNo: copyEscaped(logNo),
    outNo: copyEscaped(outNo),
    alipayNo: copyEscaped(alipayNo),
    kind: copyEscaped(kind),
    account: copyEscaped(account),
    title: copyEscaped(title),
  };
}

/** What a day's lines come to, by class. */
export interface ClassSum {
  readonly class: string;
  readonly count: bigint;
  readonly sumMinor: bigint;
}

export function sumsByClass(reader: Reader, { shopId, day }: ShopDay): Promise<ClassSum[]> {
  return reader.query<ClassSum>(
    `SELECT class, count(*) AS count, sum(amount_minor)::bigint AS "sumMinor"
       FROM bill_line WHERE shop_id = $1 AND day = $2 GROUP BY class`,
    [shopId, day],
  );
}
