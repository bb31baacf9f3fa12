import { describe, expect, it } from '@jest/globals';
import { TextWriter, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import { statementCsv, statementWorkbook } from './statement-file.js';
import { statement } from './statement.fixture.js';

describe('a statement as a file', () => {
  it('R-NOT-3 is CSV with a line for each entry, with how it came about, and what is null empty', () => {
    const [head, first, second, end, ...more] = statementCsv(statement).split('\r\n');
    expect([end, more]).toEqual(['', []]);
    expect(head).toBe(
      'statementId,shopId,payeeId,kind,period,issuedAt,entryId,orderId,itemId,level,corrects,' +
        'amount,currency,state,maturesAt,planVersion,base,fee,before,share,exact,owed,cappedBy',
    );
    const period = '2026-01-10T02:00:00+08:00';
    expect(first).toBe(
      `st_1,tea,d-1,commission,${period},${period},en_7,o-1,"i,""1""",1,,27.00,CNY,paid,` +
        '2026-01-09T10:00:00+08:00,3,100.00,10.00,90,0.30,27,27.00,',
    );
    expect(second).toBe(
      `st_1,tea,d-1,commission,${period},${period},en_8,o-1,,,en_7,-7.00,CNY,paid,` +
        '2026-01-09T10:00:00+08:00,3,,,,,,,',
    );
  });

  it('R-NOT-3 is a workbook whose cells are text, digits and all', async () => {
    const sheets = await textsOf(await statementWorkbook(statement));
    for (const text of ['佣金', 'st_1', 'en_8', '-7.00', '20.00', 'i,"1"']) {
      expect(sheets).toContain(text);
    }
    expect(sheets).not.toMatch(/<c [^>]*t="n"/);
    expect(sheets).not.toContain('代扣');
  });

  it('R-TAX-1 R-NOT-3 a workbook says what tax was withheld', async () => {
    const taxed = { ...statement, gross: '20.00', withheld: '4.00', net: '16.00' };
    const sheets = await textsOf(await statementWorkbook(taxed));
    for (const text of ['税前总额 gross', '代扣税额 withheld', '4.00', '16.00']) {
      expect(sheets).toContain(text);
    }
  });
});

/** Everything that the parts of a workbook say. */
async function textsOf(workbook: Buffer): Promise<string> {
  const reader = new ZipReader(new Uint8ArrayReader(new Uint8Array(workbook)));
  let texts = '';
  for (const part of await reader.getEntries()) {
    if (!part.directory) texts += await part.getData(new TextWriter());
  }
  return texts;
}
