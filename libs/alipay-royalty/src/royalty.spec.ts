import { createHash } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { askSettle } from './ask-settle.js';
import { askRoyaltyCap, bindReceivers, listReceivers, unbindReceivers } from './relations.js';
import { leg, RoyaltySide, split } from './royalty-side.fixture.js';
import { sendSettle } from './send-settle.js';
import type { StoredSettle } from './settle-request.js';
import { askTrade, askUnsettled } from './trade.js';

let side: RoyaltySide;
beforeAll(async () => {
  side = await RoyaltySide.open();
});
afterAll(() => side.close());
beforeEach(() => side.control('DELETE', 'faults'));

describe('royalty relations', () => {
  it('R-ALI-3 are bound, listed page by page, and unbound', async () => {
    const { connection, a, b } = await side.shop();
    const many = Array.from({ length: 110 }, (_, n) => side.payee(`n${n}x`));
    for (let from = 0; from < many.length; from += 20) {
      const done = await bindReceivers(connection, `b${from}`, many.slice(from, from + 20));
      expect(done).toEqual({ kind: 'done' });
    }
    const list = await listReceivers(connection, 'list1');
    const accounts = list.kind === 'found' ? list.receivers.map(({ account }) => account) : [];
    expect(accounts).toEqual([a, b, ...many].map(({ identity }) => identity));
    expect(await unbindReceivers(connection, 'u1', [a])).toEqual({ kind: 'done' });
    expect(await unbindReceivers(connection, 'u1', [a])).toEqual({ kind: 'done' });
    const left = await listReceivers(connection, 'list2');
    expect(left.kind === 'found' && left.receivers.length).toBe(111);
    await expect(async () => bindReceivers(connection, 'b', [])).rejects.toThrow(/1 to 20/);
  });

  it('tell the cap of the contract, or that there is none', async () => {
    const { connection } = await side.shop();
    expect(await askRoyaltyCap(connection, 'q1')).toEqual({ kind: 'found', maxPercent: 30 });
    await side.control('PUT', `merchants/${connection.appId}`, { royaltyRatio: null });
    const none = { kind: 'refused', class: 'C', failure: { subCode: 'PRODUCT_UNSIGN' } };
    expect(await askRoyaltyCap(connection, 'q1')).toMatchObject(none);
    expect(await listReceivers(connection, 'q1')).toMatchObject(none);
  });

  it('F19 refuse an account that is not in order, with its class', async () => {
    const { connection, a } = await side.shop();
    await side.putAccount(a, { name: '李四' });
    const wrongName = { kind: 'refused', class: 'N', payeeFault: true };
    expect(await bindReceivers(connection, 'b1', [a])).toMatchObject(wrongName);
    await side.putAccount(a, { name: '张三', status: 'unverified' });
    const uncertified = { kind: 'refused', class: 'S', waitsFor: 'payee' };
    expect(await bindReceivers(connection, 'b1', [a])).toMatchObject(uncertified);
  });
});

describe.each(['key', 'certificate'] as const)('a split in %s mode', (mode) => {
  it('R-ALI-3 goes out byte for byte, once, and is told leg by leg', async () => {
    const place = await side.shop({ mode });
    const { connection, tradeNo, a, b } = place;
    const stored = split(place, [leg(a, 1234n), leg(b, 1n)]);
    const restored = JSON.parse(JSON.stringify(stored)) as StoredSettle;
    const first = await sendSettle(stored, connection);
    expect(first).toMatchObject({ kind: 'accepted' });
    expect(await sendSettle(restored, connection)).toEqual(first);
    const sha256 = createHash('sha256').update(stored.bizContent, 'utf8').digest('hex');
    const seen = await side.control('GET', `requests?outBizNo=${stored.outRequestNo}`);
    expect(seen).toMatchObject([
      { bizContentSha256: sha256, executed: true },
      { bizContentSha256: sha256, executed: false },
    ]);
    const { settleNo } = first as { settleNo: string };
    const legs = [
      { isReturn: false, amountMinor: 1234n, state: { kind: 'done' } },
      { isReturn: false, amountMinor: 1n, state: { kind: 'done' } },
    ];
    expect(await askSettle(connection, { settleNo })).toMatchObject({ kind: 'found', legs });
    const { outRequestNo } = stored;
    const byOurs = await askSettle(connection, { outRequestNo, tradeNo });
    expect(byOurs).toMatchObject({ outRequestNo, legs });
    expect(await askTrade(connection, tradeNo)).toMatchObject({
      kind: 'found',
      status: 'TRADE_SUCCESS',
      totalMinor: 10_000n,
      splitMinor: 1235n,
    });
    expect([await side.accountBalance(a), await side.accountBalance(b)]).toEqual(['12.34', '0.01']);
  });
});

describe('O4 outcomes of a split', () => {
  it.each([
    ['timeout-before', {}],
    ['timeout-after', {}],
    ['system-error', {}],
    ['system-error', { then: 'succeeds' }],
    ['system-error', { subCode: 'ACQ.TRADE_SETTLE_ERROR', then: 'succeeds' }],
    ['drop-connection', { times: 2 }],
    ['bad-signature', {}],
    ['missing-signature', {}],
    ['truncated', {}],
    ['http-502', { then: 'succeeds' }],
  ])('F16 %s %j is unclear, and the same request again ends well, once', async (fault, more) => {
    const place = await side.shop();
    const { connection, impatient, a } = place;
    const stored = split(place, [leg(a, 500n)]);
    const match = { appId: connection.appId };
    await side.control('POST', 'faults', { fault, api: 'settle', match, ...more });
    const first = fault.startsWith('timeout') ? impatient : connection;
    expect(await sendSettle(stored, first)).toMatchObject({ kind: 'unclear', isListed: true });
    expect(await sendSettle(stored, connection)).toMatchObject({ kind: 'accepted' });
    expect(await side.accountBalance(a)).toBe('5.00');
  });

  it('F18 one number with other shares is a conflict, not a payment', async () => {
    const place = await side.shop();
    await sendSettle(split(place, [leg(place.a, 500n)]), place.connection);
    const other = await sendSettle(split(place, [leg(place.a, 501n)]), place.connection);
    expect(other).toMatchObject({ kind: 'unclear', isConflict: true, isListed: true });
    expect(await side.accountBalance(place.a)).toBe('5.00');
  });

  it('F19 above the cap nothing moves', async () => {
    const place = await side.shop();
    const over = await sendSettle(split(place, [leg(place.a, 3001n)]), place.connection);
    expect(over).toMatchObject({ kind: 'refused', class: 'N', payeeFault: false });
    const fits = await sendSettle(split(place, [leg(place.a, 3000n)]), place.connection);
    expect(fits).toMatchObject({ kind: 'accepted' });
  });

  it('F19 a receiver who is not bound waits until he is', async () => {
    const place = await side.shop();
    const { connection, a } = place;
    await unbindReceivers(connection, 'u1', [a]);
    const stored = split(place, [leg(a, 500n)]);
    const waits = { kind: 'refused', class: 'S', waitsFor: 'payee', payeeFault: false };
    expect(await sendSettle(stored, connection)).toMatchObject(waits);
    await bindReceivers(connection, 'b1', [a]);
    expect(await sendSettle(stored, connection)).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    [{ status: 'missing' }, { class: 'N', payeeFault: true }],
    [{ name: '李四' }, { class: 'N', payeeFault: true }],
    [{ status: 'unverified' }, { class: 'S', waitsFor: 'payee' }],
  ])('F19 an account that is %j', async (account, expected) => {
    const place = await side.shop();
    await side.putAccount(place.a, account);
    const outcome = await sendSettle(split(place, [leg(place.a, 500n)]), place.connection);
    expect(outcome).toMatchObject({ kind: 'refused', ...expected });
  });

  it.each([
    ['rate-limited', {}, { class: 'S', waitsFor: 'rate' }],
    ['sub-code', { subCode: 'ACQ.FREQUENCY_LIMITED' }, { class: 'S', waitsFor: 'rate' }],
    ['sub-code', { subCode: 'ACQ.MERCHANT_RISK_LIMIT' }, { class: 'R' }],
    ['sub-code', { subCode: 'ACQ.ACCESS_FORBIDDEN' }, { class: 'C', waitsFor: 'credentials' }],
  ])('F19 %s %j is refused', async (fault, more, expected) => {
    const place = await side.shop();
    const match = { appId: place.connection.appId };
    await side.control('POST', 'faults', { fault, api: 'settle', match, ...more });
    const outcome = await sendSettle(split(place, [leg(place.a, 500n)]), place.connection);
    expect(outcome).toMatchObject({ kind: 'refused', ...expected });
    expect(await side.accountBalance(place.a)).toBe('0.00');
  });

  it('F19 waits for funds, and the same request goes through after a top-up', async () => {
    const place = await side.shop();
    const { connection, a } = place;
    const move = (amount: string, type: string): Promise<unknown> =>
      side.control('POST', `merchants/${connection.appId}/movements`, { amount, type });
    await move('-99.00', 'withdrawal');
    const stored = split(place, [leg(a, 500n)]);
    const poor = { kind: 'refused', class: 'S', waitsFor: 'funds' };
    expect(await sendSettle(stored, connection)).toMatchObject(poor);
    await move('4.00', 'top-up');
    expect(await sendSettle(stored, connection)).toMatchObject({ kind: 'accepted' });
  });

  it('F19 an asynchronous one ends leg by leg', async () => {
    const place = await side.shop();
    const { connection, tradeNo, a, b } = place;
    await side.putAccount(b, { status: 'frozen' });
    const open = { fault: 'processing', api: 'royalty-detail', match: { identity: a.identity } };
    await side.control('POST', 'faults', open);
    const stored = split(place, [leg(a, 500n), leg(b, 100n)], { mode: 'async' });
    expect(await sendSettle(stored, connection)).toMatchObject({ kind: 'accepted' });
    const ask = () => askSettle(connection, { outRequestNo: stored.outRequestNo, tradeNo });
    const failed = {
      kind: 'failed',
      payeeFault: true,
      failure: { subCode: 'ROYALTY_ACCOUNT_INVALID' },
    };
    expect(await ask()).toMatchObject({
      legs: [{ state: { kind: 'open', why: 'the leg is PROCESSING' } }, { state: failed }],
    });
    expect(await ask()).toMatchObject({ legs: [{ state: { kind: 'done' } }, { state: failed }] });
    expect([await side.accountBalance(a), await side.accountBalance(b)]).toEqual(['5.00', '0.00']);
  });

  it('finishes a frozen trade: the rest is the merchant’s', async () => {
    const place = await side.shop({}, { royaltyFreeze: true });
    const { connection, tradeNo, a } = place;
    await sendSettle(split(place, [leg(a, 500n)]), connection);
    const frozen = { kind: 'found', unsettledMinor: 9500n };
    expect(await askUnsettled(connection, tradeNo, 'frozen')).toEqual(frozen);
    expect(await askTrade(connection, tradeNo)).toMatchObject({ unsettledMinor: 9500n });
    const end = split(place, [], { outRequestNo: 'END1', finish: true });
    expect(await sendSettle(end, connection)).toMatchObject({ kind: 'accepted' });
    const nothing = { kind: 'found', unsettledMinor: 0n };
    expect(await askUnsettled(connection, tradeNo, 'frozen')).toEqual(nothing);
    expect(await askUnsettled(connection, tradeNo, 'balance')).toEqual(nothing);
    const late = split(place, [leg(a, 1n)], { outRequestNo: 'LATE1' });
    const over = { kind: 'refused', class: 'N', failure: { subCode: 'ACQ.ALREADY_FINISH_ALLOC' } };
    expect(await sendSettle(late, connection)).toMatchObject(over);
  });

  it('says of a split or trade that nobody knows only what is certain', async () => {
    const { connection, tradeNo } = await side.shop();
    const question = { outRequestNo: 'NONE', tradeNo };
    expect((await askSettle(connection, question)).kind).not.toBe('found');
    expect(await askTrade(connection, '1234')).toEqual({ kind: 'not-found' });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    const place = await side.shop();
    place.connection.sdk.config.gateway = 'http://127.0.0.1:1/gateway.do';
    const outcome = await sendSettle(split(place, [leg(place.a, 500n)]), place.connection);
    expect(outcome).toMatchObject({ kind: 'not-sent' });
  });

  it('refuses a request that is another merchant’s, or would not go out as stored', async () => {
    const place = await side.shop();
    const stored = split(place, [leg(place.a, 500n)]);
    const bad: StoredSettle[] = [
      { ...stored, appId: 'other' },
      { ...stored, outRequestNo: 'other' },
      { ...stored, bizContent: ` ${stored.bizContent}` },
    ];
    for (const one of bad) {
      await expect(sendSettle(one, place.connection)).rejects.toThrow(/stored/);
    }
    expect(await side.accountBalance(place.a)).toBe('0.00');
  });
});
