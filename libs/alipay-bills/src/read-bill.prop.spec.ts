import { describe, expect, it } from '@jest/globals';
import { minor } from '@qingfen/money';
import fc from 'fast-check';
import type { BillLine } from './bill-line.js';
import { billFile } from './bill-writer.fixture.js';
import { readBill } from './read-bill.js';

const day = '2026-01-05';
const midnightMs = Date.parse('2026-01-05T00:00:00+08:00');

/** Whatever people write into a title: commas, quotation marks, line ends, Chinese; no blanks around. */
const words = fc
  .array(fc.constantFrom('a', 'Z', '7', '佣', '金', '，', ',', '"', '\n', '#', ' ', '（', '@'), {
    maxLength: 12,
  })
  .map((parts) => parts.join('').trim());
const digits = (max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength: max })
    .map((d) => d.join(''));

const row = fc.record({
  logNo: digits(20),
  alipayNo: fc.oneof(fc.constant(''), digits(32)),
  outNo: fc.oneof(fc.constant(''), digits(32), words),
  title: words,
  second: fc.integer({ min: 0, max: 86_399 }),
  account: words,
  amountMinor: fc.bigInt({ min: -99_999_999_999n, max: 99_999_999_999n }),
  kind: fc.constantFrom('转账', '在线支付', '交易退款', '收费', '提现', '充值', '其它', ''),
  memo: words,
});

/** Rows with balances that follow from them. */
const bills = fc
  .record({ openingMinor: fc.bigInt({ min: 0n, max: 999_999_999n }), rows: fc.array(row) })
  .map(({ openingMinor, rows }) => {
    let balance = openingMinor;
    return rows.map(({ second, amountMinor, ...rest }, index): BillLine => {
      balance += amountMinor;
      return {
        ...rest,
        tradeNo: rest.alipayNo,
        lineNo: index + 1,
        at: new Date(midnightMs + second * 1000),
        amountMinor: minor(amountMinor),
        balanceMinor: minor(balance),
      };
    });
  });

describe('any bill', () => {
  it('R-REC-4 F25 lesson 44: is read back as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(bills, async (written) => {
        const read: BillLine[] = [];
        const reading = await readBill(
          { bytes: billFile(written), day, unzippedBytesMax: 1e7, linesMax: 1_000 },
          (lines) => Promise.resolve(void read.push(...lines)),
        );
        expect(reading.kind).toBe('read');
        expect(read).toEqual(written);
      }),
    );
  });

  it('F25 cut short anywhere is never taken for whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        bills,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (written, part) => {
          const whole = billFile(written);
          const bytes = whole.subarray(0, Math.floor(whole.length * part));
          const reading = await readBill(
            { bytes, day, unzippedBytesMax: 1e7, linesMax: 1_000 },
            () => Promise.resolve(),
          );
          return reading.kind === 'unreadable';
        },
      ),
    );
  });
});
