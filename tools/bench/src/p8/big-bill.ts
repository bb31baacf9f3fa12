import { billFile, type BillLine } from '@qingfen/alipay-bills';
import { minor } from '@qingfen/money';
import { sha256Hex } from '@qingfen/security';

/** A payout of the day, which the bill has under its number. */
export interface BilledPayout {
  readonly payoutId: string;
  readonly outBizNo: string;
  readonly amountMinor: bigint;
}

/** The bill of a busy day, and what it was made from. */
export interface BigBill {
  readonly day: string;
  readonly lineCount: number;
  /** Lines of buyers who pay. */
  readonly tradeCount: number;
  /** What all lines come to, fen. */
  readonly cashMinor: bigint;
  readonly zip: Buffer;
  /** The same rows as plain CSV in UTF-8, for who only copies them. */
  readonly csv: string;
  readonly payouts: readonly BilledPayout[];
}

/** Of twenty lines one is a fee and two are payouts; all others are buyers who pay. */
const kinds = { fee: 20, ours: 10 } as const;

const openingMinor = 10_000_000_000n;
const paid = '在线支付';

/** A bill of so many lines, all of which are as they should be. */
export function bigBill(shopId: string, day: string, lineCount: number): BigBill {
  const midnightMs = Date.parse(`${day}T00:00:00+08:00`);
  const payouts: BilledPayout[] = [];
  const lines: BillLine[] = [];
  let balance = openingMinor;
  for (let at = 1; at <= lineCount; at += 1) {
    const fact = factAt(shopId, at, payouts);
    balance += fact.amountMinor;
    const alipayNo = `2026010511007000150638${String(at).padStart(10, '0')}`;
    lines.push({
      ...fact,
      lineNo: at,
      logNo: `3176${String(at).padStart(12, '0')}`,
      alipayNo,
      tradeNo: alipayNo,
      at: new Date(midnightMs + Math.floor((at * 86_000_000) / lineCount)),
      account: 'abc***@sina.com',
      amountMinor: minor(fact.amountMinor),
      balanceMinor: minor(balance),
      memo: '',
    });
  }
  const csv = lines.map((line) => `${cellsOf(line).join(',')}\n`).join('');
  const tradeCount = lines.filter(({ kind }) => kind === paid).length;
  const cashMinor = balance - openingMinor;
  return { day, lineCount, tradeCount, cashMinor, zip: billFile(lines, { day }), csv, payouts };
}

function factAt(
  shopId: string,
  at: number,
  payouts: BilledPayout[],
): Pick<BillLine, 'outNo' | 'title' | 'kind'> & { readonly amountMinor: bigint } {
  const fen = BigInt(100 + (at % 9_973));
  if (at % kinds.fee === 1)
    return { outNo: `T${at}`, title: '服务费', kind: '收费', amountMinor: -1n };
  if (at % kinds.ours !== 0) {
    return { outNo: `T${at}`, title: '商品', kind: paid, amountMinor: fen };
  }
  const payoutId = `po_${at}`;
  const outBizNo = `QF${sha256Hex(`${shopId}|${payoutId}`).slice(0, 30)}`;
  payouts.push({ payoutId, outBizNo, amountMinor: fen });
  return { outNo: outBizNo, title: '佣金', kind: '转账', amountMinor: -fen };
}

function cellsOf(line: BillLine): string[] {
  const { logNo, alipayNo, outNo, title, at, account, amountMinor, balanceMinor, kind, memo } =
    line;
  const texts = [logNo, alipayNo, outNo, title, at.toISOString(), account];
  return [...texts, String(amountMinor), String(balanceMinor), '支付宝', kind, memo];
}
