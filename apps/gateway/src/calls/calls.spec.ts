import { describe, expect, it } from '@jest/globals';
import { apiCalls, openApiDocument } from '@qingfen/contracts';
import { ProblemError } from '@qingfen/hosting';
import { mayAct, roleNames } from '@qingfen/security';
import { canonical } from './canonical.js';
import { outcomeOf } from './outcome.js';
import { readingProblem } from './reading.js';
import { internalPath, RouteTable } from './route.js';
import { implementedCalls, routes } from './routes.js';
import { isNothing } from './known-shops.js';

const table = new RouteTable(routes);
const found = (method: string, path: string): string | undefined => {
  return table.find(method, path)?.route.call.id;
};

describe('the route table', () => {
  it.each([
    ['POST', '/shops/s1/plans', 'publishPlan'],
    ['GET', '/shops/s1/plans', 'listPlans'],
    ['GET', '/shops/s1/plans/1', 'readPlan'],
    ['GET', '/shops/s1/risk', 'readRisk'],
    ['PUT', '/shops/s1/risk', 'setRisk'],
    ['POST', '/shops/s1/plans/12/withdraw', 'withdrawPlan'],
    ['POST', '/shops/s1/plans/simulate', 'simulatePlan'],
    ['POST', '/shops/s1/orders/o%40x/bind', 'bindOrder'],
    ['POST', '/shops/s1/recoveries/rc_1/write-off', 'writeOffRecovery'],
    ['GET', '/shops/s1/payouts/po:1', 'readPayout'],
    ['POST', '/shops/s1/payouts/po:1/cancel', 'cancelPayout'],
    ['PUT', '/shops/s1/emergency-stop', 'setShopStop'],
    ['PUT', '/emergency-stop', 'setEmergencyStop'],
    ['GET', '/shops/s1/ledger/trial-balance', 'readTrialBalance'],
    ['GET', '/shops/s1/ledger/verify', 'verifyLedger'],
    ['GET', '/shops/s1/tax-sums', 'listTaxSums'],
    ['GET', '/shops/s1/reports/daily/2026-01-05', 'readDailyReport'],
    ['GET', '/shops/s1/ledger/proofs/entries/en_1', 'proveFact'],
    ['GET', '/shops/s1/ledger/proofs/postings/order-completed:o-1', 'proveFact'],
    ['GET', '/shops/s1/explanations/replay', 'replayBooks'],
    ['GET', '/shops/s1/explanations/entries/en_16384', 'explainEntry'],
    ['GET', '/shops/s1/payees/d-1/why-unpaid', 'whyUnpaid'],
    ['GET', '/shops/s1/reconciliations/2026-01-05', 'readReconciliation'],
    ['GET', '/shops/s1/reconciliations/order-exports', 'listOrderExports'],
    ['GET', '/shops/s1/reconciliations/orders/o-1', 'readOrderClearing'],
    ['POST', '/shops/s1/reconciliations/account-log', 'lookAtAccountLog'],
    ['GET', '/alerts', 'listAllAlerts'],
  ])('knows %s %s', (method, path, id) => expect(found(method, path)).toBe(id));

  it.each([
    ['DELETE', '/shops/s1/plans'],
    ['GET', '/shops/s1/plans/0'],
    ['GET', '/shops/s1/plans/1/'],
    ['GET', '/shops/s1'],
    ['GET', '/shops/../plans'],
    ['GET', '/shops/%2e%2e/plans'],
    ['GET', '/shops/a%2Fb/plans'],
    ['GET', '/shops/%zz/plans'],
    ['GET', '/shops//plans'],
    ['GET', '/shops/s1/ledger/proofs/keys/1'],
    ['GET', ''],
    ['GET', '/internal/clock'],
  ])('knows no %s %s', (method, path) => expect(found(method, path)).toBeUndefined());

  it('passes parameters on encoded, and the query as it came', () => {
    const match = table.find('GET', '/shops/s1/orders/a%40b');
    expect(match === null ? null : internalPath(match, '?limit=3')).toBe(
      '/internal/shops/s1/orders/a%40b?limit=3',
    );
  });

  it('refuses two routes for the same calls', () => {
    const [first] = routes;
    expect(() => new RouteTable(first === undefined ? [] : [first, first])).toThrow('two routes');
  });

  it('R-UPS-1 has every call of the contract, once, and documents it', () => {
    expect([...implementedCalls].sort()).toEqual(apiCalls.map(({ id }) => id).sort());
    expect(openApiDocument({ implemented: implementedCalls })['openapi']).toBe('3.1.0');
  });
});

describe('who may do what', () => {
  const allowed = (id: string): string[] => {
    const route = routes.find(({ call }) => call.id === id);
    return roleNames.filter((role) => {
      const roles = [{ role, shopId: 's1' }];
      return mayAct({ roles }, { roles: [...(route?.roles ?? [])], shopId: 's1' });
    });
  };

  it.each([
    ['publishPlan', ['admin']],
    ['withdrawPlan', ['admin']],
    ['setRisk', ['admin']],
    ['simulatePlan', ['operator', 'approver', 'admin']],
    ['createAdjustment', ['operator']],
    ['bindOrder', ['operator']],
    ['approvePayout', ['approver', 'admin']],
    ['rejectPayout', ['approver', 'admin']],
    ['retryPayout', ['operator']],
    ['cancelPayout', ['operator']],
    ['closePayoutBatch', ['operator']],
    ['setShopStop', ['operator', 'approver', 'admin']],
    ['testAlipay', ['operator', 'admin']],
  ])('R-SEC-4 %s: %j', (id, roles) => expect(allowed(id)).toEqual(roles));

  it('R-SEC-4 everybody with a role on a shop reads; a viewer and an auditor do nothing else', () => {
    for (const { call } of routes) {
      const roles = allowed(call.id);
      if (call.method === 'get') expect(roles).toEqual([...roleNames]);
      else expect(roles.filter((role) => role === 'viewer' || role === 'auditor')).toEqual([]);
    }
  });

  it('R-SEC-4 nobody decides on what the same role begins', () => {
    expect(allowed('approvePayout')).not.toContain('operator');
  });
});

describe('what a part answered', () => {
  const answer = (status: number, headers: Record<string, string> = {}) => ({
    status,
    body: { code: 'x' },
    headers: new Headers(headers),
  });

  it.each([200, 201, 202, 403, 404, 409, 422, 500])('passes %i on', (status) => {
    expect(outcomeOf(answer(status)).status).toBe(status);
  });

  it('passes Retry-After on', () => {
    expect(outcomeOf(answer(503, { 'retry-after': '2' })).retryAfter).toBe('2');
  });

  it.each([401, 302, 101])('takes %i for a fault of the installation', (status) => {
    expect(() => outcomeOf(answer(status))).toThrow(ProblemError);
  });
});

describe('what the body parser refused', () => {
  it.each([
    ['entity.parse.failed', 400, 'not-json'],
    ['entity.too.large', 413, 'too-large'],
    ['charset.unsupported', 415, 'unsupported-media-type'],
    ['request.aborted', 400, 'bad-request'],
  ])('%s is %i %s', (type, status, code) => {
    const refused = readingProblem(Object.assign(new Error('x'), { type }));
    expect(refused?.problem).toMatchObject({ status, code });
  });

  it('is nothing else', () => expect(readingProblem(new Error('x'))).toBeNull());
});

describe('canonical', () => {
  it.each([
    [{ b: 1, a: [2, { d: 1, c: null }] }, '{"a":[2,{"c":null,"d":1}],"b":1}'],
    [[], '[]'],
    ['x', '"x"'],
    [undefined, 'null'],
    [{ a: undefined }, '{}'],
  ])('%j is %s', (value, text) => expect(canonical(value)).toBe(text));
});

describe('an answer of nothing', () => {
  it.each([
    [{ items: [], nextCursor: null }, true],
    [{ at: 'now', balanced: true, currencies: [] }, true],
    [{ items: [1], nextCursor: null }, false],
    [{ stopped: false }, false],
    [null, false],
    ['', false],
  ])('%j: %s', (body, expected) => expect(isNothing(body)).toBe(expected));
});
