import type { BillLine } from '@qingfen/alipay-bills';
import { classifyLine, isBookedByDay, type LineClass } from '@qingfen/core-reconciliation';
import { copyEscaped, CopyInTurns, type Tx } from '@qingfen/database';
import type { ClassSums, ShopDay } from './bill.store.js';

/** Makes room for the lines of a newer file of the same day. */
export async function forgetLines(tx: Tx, { shopId, day }: ShopDay): Promise<void> {
  await tx.query('DELETE FROM bill_line WHERE shop_id = $1 AND day = $2', [shopId, day]);
  await tx.query(
    `DELETE FROM trade_line
      WHERE bill_no IN (SELECT bill_no FROM bill WHERE shop_id = $1 AND day = $2)`,
    [shopId, day],
  );
}

const compared = {
  table: 'bill_line',
  columns: [
    ...['shop_id', 'day', 'line_no', 'log_no', 'out_no', 'alipay_no', 'at'],
    ...['amount_minor', 'class', 'kind', 'account', 'title'],
  ],
};
const ofTrades = {
  table: 'trade_line',
  columns: ['bill_no', 'trade_no', 'at', 'amount_minor', 'is_refund'],
};

/**
 * Copies the lines of a bill as they are read: those that are compared one by one, and of buyers' payments
 * and refunds what the comparison of their trades needs. Of all others their sums are enough; the file has
 * the rest.
 */
export class LineCopy {
  /** Lines of buyers' payments and refunds that name their trade. */
  tradeLines = 0;
  private readonly into: CopyInTurns;
  private readonly begin: string;
  private readonly classSums = new Map<LineClass, bigint>();
  private instant: Date | null = null;
  private instantText = '';

  constructor(
    tx: Tx,
    { shopId, day }: ShopDay,
    private readonly billNo: bigint,
  ) {
    this.into = new CopyInTurns(tx);
    this.begin = `${shopId}\t${day}\t`;
  }

  get sums(): ClassSums {
    return this.classSums;
  }

  async write(lines: readonly BillLine[]): Promise<void> {
    let [comparedText, tradesText] = ['', ''];
    for (const line of lines) {
      const lineClass = classifyLine(line);
      this.classSums.set(lineClass, (this.classSums.get(lineClass) ?? 0n) + line.amountMinor);
      if (!isBookedByDay(lineClass)) comparedText += this.comparedText(line, lineClass);
      else if (isOfTrade(lineClass, line)) tradesText += this.tradeText(line, lineClass);
    }
    if (comparedText !== '') await this.into.write(compared, comparedText);
    if (tradesText !== '') await this.into.write(ofTrades, tradesText);
  }

  end(): Promise<void> {
    return this.into.end();
  }

  /** To be called whatever happened. */
  close(): Promise<void> {
    return this.into.close();
  }

  private comparedText(line: BillLine, lineClass: LineClass): string {
    const { logNo, outNo, alipayNo, kind, account, title } = line;
    const [ids, texts] = [
      [logNo, outNo, alipayNo],
      [kind, account, title],
    ].map((cells) => cells.map(copyEscaped).join('\t'));
    const amount = `${line.amountMinor}\t${lineClass}`;
    return `${this.begin}${line.lineNo}\t${ids}\t${this.textAt(line.at)}\t${amount}\t${texts}\n`;
  }

  private tradeText({ tradeNo, at, amountMinor }: BillLine, lineClass: LineClass): string {
    this.tradeLines += 1;
    const isRefund = lineClass === 'trade-refund';
    return `${this.billNo}\t${copyEscaped(tradeNo)}\t${this.textAt(at)}\t${amountMinor}\t${isRefund}\n`;
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

/** A buyer's payment is called by its trade, and so is every refund of it. */
function isOfTrade(lineClass: LineClass, { tradeNo }: BillLine): boolean {
  return (lineClass === 'trade' || lineClass === 'trade-refund') && tradeNo !== '';
}
