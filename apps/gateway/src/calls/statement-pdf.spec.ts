import { describe, expect, it } from '@jest/globals';
import type { Statement } from '@qingfen/contracts';
import { extractText, getDocumentProxy } from 'unpdf';
import { pdfEntriesMax, statementPdf } from './statement-pdf.js';
import { entry, statement } from './statement.fixture.js';

/** What another program reads on each page, blanks and breaks of lines aside. */
async function pagesOf(document: Buffer): Promise<string[]> {
  const pdf = await getDocumentProxy(new Uint8Array(document));
  const { text } = await extractText(pdf, { mergePages: false });
  return text.map((page) => page.replaceAll(/\s+/g, ''));
}

function statementOf(count: number): Statement {
  const entries = Array.from({ length: count }, (_, index) => ({
    ...entry,
    entryId: `en_${index}.`,
    amount: '0.01',
  }));
  return { ...statement, entries, net: `${count / 100}` };
}

describe('a statement as PDF', () => {
  it('R-NOT-3 says what it comes to, and each entry with how it came about', async () => {
    const pages = await pagesOf(await statementPdf(statement));
    expect(pages).toHaveLength(1);
    for (const text of [
      '结算单Statementst_1',
      '收款方payeed-1',
      '类别kind分销佣金commission',
      '状态state已付清paid',
      '应付净额net20.00',
      'en_7o-1i,"1"12026-01-09T10:00:00+08:003100.000.3027.00',
      'en_8o-1en_72026-01-09T10:00:00+08:003-7.00',
      '合计totalCNY20.00',
      '1/1',
    ]) {
      expect(pages[0]).toContain(text);
    }
  });

  it('R-TAX-1 R-NOT-3 says gross, tax withheld and net in Chinese and English, above the entries and below', async () => {
    const taxed = { ...statement, gross: '20.00', withheld: '4.00', net: '16.00' };
    const [page = ''] = await pagesOf(await statementPdf(taxed));
    for (const text of [
      '税前总额gross20.00',
      '代扣税额withheld4.00',
      '应付净额net16.00',
      '税前总额grossCNY20.00代扣税额withheldCNY4.00应付净额netCNY16.00',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).not.toContain('合计');
  });

  it('R-NOT-3 has every entry once, with heads and a number on each page', async () => {
    const pages = await pagesOf(await statementPdf(statementOf(200)));
    expect(pages.length).toBeGreaterThan(4);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain('条目entry订单order');
      expect(page).toContain(`${index + 1}/${pages.length}`);
    }
    const listed = pages.join('').match(/en_\d+\./g);
    expect(listed).toEqual(statementOf(200).entries.map(({ entryId }) => entryId));
  });

  it('cuts nothing off: what is wider than its column goes on below', async () => {
    const orderId = `订单-${'0123456789'.repeat(6)}`;
    const document = await statementPdf({ ...statement, entries: [{ ...entry, orderId }] });
    const [page = ''] = await pagesOf(document);
    const digits = page.slice(page.indexOf('订单-')).match(/[0-9]/g) ?? [];
    expect(digits.length).toBeGreaterThanOrEqual(60);
    const [paper = ''] = await pagesOf(await statementPdf({ ...statement, payeeId: orderId }));
    expect(paper).toContain(orderId);
  });

  it('is the same bytes for the same statement', async () => {
    expect((await statementPdf(statement)).equals(await statementPdf(statement))).toBe(true);
  });

  it('R-NOT-3 is of a bounded length, and says what has all entries', async () => {
    const long = { ...statement, entries: Array.from({ length: pdfEntriesMax + 1 }, () => entry) };
    await expect(statementPdf(long)).rejects.toMatchObject({
      problem: {
        status: 422,
        code: 'statement-too-long',
        detail:
          'This statement has 10001 entries, and a PDF lists at most 10000; its .csv and its .xlsx have them all.',
      },
    });
  });
});
