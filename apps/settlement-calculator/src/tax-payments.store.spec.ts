import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { taxPaymentBody } from '@qingfen/contracts';
import { minor } from '@qingfen/money';
import type { Outcome } from './adjustment.service.js';
import { approver, maker, refusal } from './manual.fixture.js';
import { ManualLimit } from './manual-limit.js';
import { TaxPaymentService } from './tax-payment.service.js';
import type { TaxPaymentRow } from './tax-payment.store.js';
import { labour, proven, TaxedBooks } from './withholding.fixture.js';

let taxed: TaxedBooks;
let shopId: string;
beforeAll(async () => {
  taxed = await TaxedBooks.open();
  shopId = await taxed.newShop('paying', labour);
  await taxed.sellAndState(shopId, '10000.00'); // 380.00 are withheld
});
afterAll(async () => {
  await taxed.books.close();
});

function pay(
  change: { readonly amount?: string; readonly paidOn?: string; readonly reference: string },
  maxMinor: bigint | null = null,
): Promise<Outcome<TaxPaymentRow>> {
  const body = taxPaymentBody.parse({ amount: '80.00', paidOn: '2026-01-06', ...change });
  const limit = new ManualLimit(maxMinor === null ? null : minor(maxMinor));
  const payments = new TaxPaymentService(taxed.books.book);
  return taxed.desk.run((unit) => payments.create(unit, { shopId, caller: maker, body, limit }));
}

describe('R-TAX-1 R-OPS-2 what was withheld is paid to the tax office', () => {
  it('R-TAX-1 O1 O10 is booked against the owner, each reference once', async () => {
    expect(await pay({ reference: 'no-1' })).toMatchObject({ row: { amount_minor: 8_000n } });
    expect(await refusal(pay({ reference: 'no-1' }))).toBe('409 already-booked');
    const { owner, 'payable:tax': tax } = await taxed.desk.ledger(shopId);
    expect([owner, tax]).toEqual([`${1_000_000n - 8_000n}`, '-30000']);
    expect(await taxed.proof(shopId)).toEqual(proven);
    expect(await taxed.desk.audited(shopId)).toEqual(['mia tax-payment.book: no-1']);
  });

  it('R-TAX-1 never above what stands, nor for a day to come', async () => {
    expect(await refusal(pay({ reference: 'no-2', amount: '300.01' }))).toBe('422 invalid /amount');
    const tomorrow = pay({ reference: 'no-2', paidOn: '2026-01-07' });
    expect(await refusal(tomorrow)).toBe('422 invalid /paidOn');
    expect(await refusal(pay({ reference: 'no-2', amount: '0.001' }))).toBe('422 invalid /amount');
  });

  it('R-TAX-1 R-SEC-4 above what one may book alone it wants a second person', async () => {
    const asked = await pay({ reference: 'no-3', amount: '100.00' }, 9_999n);
    if (asked.kind !== 'wanted') throw new Error('a second person is wanted');
    const { summary, approval_id: id } = asked.approval;
    expect(summary).toContain('Tax payment (缴纳代扣税款) of 100.00 CNY on 2026-01-06. no-3');
    const act = { shopId, approvalId: `ap_${id}`, reason: 'seen' };
    const approve = (caller: typeof maker): Promise<unknown> =>
      taxed.desk.run((unit) => taxed.desk.approvals.approve(unit, { ...act, caller }));
    expect(await refusal(approve(maker))).toBe('403 same-person');
    expect((await taxed.desk.ledger(shopId))['payable:tax']).toBe('-30000');
    await approve(approver);
    expect((await taxed.desk.ledger(shopId))['payable:tax']).toBe('-20000');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });

  it('R-TAX-1 R-FAI-1 tax that was paid on and is given back is owed by the office, and nothing more is paid on', async () => {
    await taxed.ended(shopId, { status: 'failed', payeeFault: true });
    expect((await taxed.desk.ledger(shopId))['payable:tax']).toBe('18000');
    expect(await refusal(pay({ reference: 'no-4', amount: '0.01' }))).toBe('422 invalid /amount');
    expect(await taxed.proof(shopId)).toEqual(proven);
  });
});
