import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PayeeAccount } from '@qingfen/alipay';
import { minor } from '@qingfen/money';

import { askSettle } from './ask-settle.js';
import { askRefund, sendRefund } from './refund.js';
import type { RefundOrder } from './refund.js';
import { leg, refund, RoyaltySide, split } from './royalty-side.fixture.js';
import { sendSettle } from './send-settle.js';
import { askTrade } from './trade.js';

let side: RoyaltySide;
beforeAll(async () => {
  side = await RoyaltySide.open();
});
afterAll(() => side.close());
beforeEach(() => side.control('DELETE', 'faults'));

describe('a refund with split return', () => {
  it('R-ALI-3 takes shares back, once', async () => {
    const place = await side.shop();
    const { connection, tradeNo, a } = place;
    await sendSettle(split(place, [leg(a, 1000n)]), connection);
    const shares = [{ payee: a, amountMinor: minor(400n) }];
    const stored = refund(place, { shares });
    const which = { tradeNo, outRequestNo: stored.outRequestNo };
    expect(await askRefund(connection, which)).toEqual({ kind: 'not-done' });
    const first = { kind: 'accepted', refundedMinor: 4000n, isFirst: true };
    expect(await sendRefund(stored, connection)).toEqual(first);
    expect(await sendRefund(stored, connection)).toEqual({ ...first, isFirst: false });
    expect(await askRefund(connection, which)).toEqual({ kind: 'done', amountMinor: 4000n });
    expect(await side.accountBalance(a)).toBe('6.00');
    expect(await askTrade(connection, tradeNo)).toMatchObject({ splitMinor: 600n });
    const asked = await askSettle(connection, { outRequestNo: `QF${connection.appId}`, tradeNo });
    expect(asked).toMatchObject({
      legs: [
        { isReturn: false, amountMinor: 1000n },
        { isReturn: true, amountMinor: 400n },
      ],
    });
  });

  it.each([
    ['timeout-after', {}],
    ['system-error', {}],
    ['system-error', { then: 'succeeds' }],
    ['bad-signature', {}],
  ])('F16 %s %j is unclear, and the same request again ends well, once', async (fault, more) => {
    const place = await side.shop();
    const { connection, impatient, a } = place;
    await sendSettle(split(place, [leg(a, 1000n)]), connection);
    const match = { appId: connection.appId };
    await side.control('POST', 'faults', { fault, api: 'refund', match, ...more });
    const stored = refund(place, { shares: [{ payee: a, amountMinor: minor(400n) }] });
    const first = fault.startsWith('timeout') ? impatient : connection;
    expect(await sendRefund(stored, first)).toMatchObject({ kind: 'unclear' });
    expect(await sendRefund(stored, connection)).toMatchObject({ kind: 'accepted' });
    expect(await side.accountBalance(a)).toBe('6.00');
    expect(await side.control('GET', `merchants/${connection.appId}`)).toMatchObject({
      balance: '54.00',
    });
  });

  it('F18 F19 is refused or a conflict, with its class', async () => {
    const place = await side.shop();
    const { connection, a, b } = place;
    await sendSettle(split(place, [leg(a, 1000n)]), connection);
    const share = (payee: PayeeAccount, amount: bigint) => ({
      shares: [{ payee, amountMinor: minor(amount) }],
    });
    const sendIt = (more: Partial<RefundOrder>) => sendRefund(refund(place, more), connection);
    const never = { kind: 'refused', class: 'N', payeeFault: true };
    expect(await sendIt(share(b, 1n))).toMatchObject(never);
    const tooMuch = { kind: 'refused', class: 'N', payeeFault: false };
    expect(await sendIt({ ...share(a, 1001n) })).toMatchObject({ kind: 'refused', class: 'S' });
    expect(await sendIt({ amountMinor: minor(10_001n) })).toMatchObject(tooMuch);
    await side.putAccount(a, { balance: '3.99' });
    expect(await sendIt(share(a, 400n))).toMatchObject({ kind: 'refused', waitsFor: 'funds' });
    expect(await sendIt({})).toMatchObject({ kind: 'accepted' });
    const other = await sendIt({ amountMinor: minor(4001n) });
    expect(other).toMatchObject({ kind: 'unclear', isConflict: true });
  });
});
