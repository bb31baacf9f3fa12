import { describe, expect, it } from '@jest/globals';
import { apiCalls } from '@qingfen/contracts';
import { accessCall } from './access-call.js';

describe('R-OPS-3 R-SEC-3 what the access log calls a request', () => {
  it.each([
    ['GET', '/shops/s1/payees/d-1', {}, ['readPayee', 's1', 'd-1']],
    ['PUT', '/shops/s1/payees/d-1', {}, ['putPayee', 's1', 'd-1']],
    ['GET', '/shops/s1/balances', { payeeId: 'd-1' }, ['listBalances', 's1', 'payeeId=d-1']],
    ['GET', '/shops/s1/statements/st_1', {}, ['readStatement', 's1', 'st_1']],
    ['GET', '/shops/s1/statements/st_1.csv', {}, ['downloadStatementCsv', 's1', 'st_1']],
    ['GET', '/shops/s1/audit-packages/2026-01', {}, ['downloadAuditPackage', 's1', '2026-01']],
    ['GET', '/shops/s1/acts/rules', {}, ['listActs', 's1', 'rules']],
    ['GET', '/shops/s1/ledger/proofs/entries/en_1', {}, ['proveFact', 's1', 'entries en_1']],
    ['GET', '/shops/s1/reconciliations/order-exports', {}, ['listOrderExports', 's1', '']],
    ['GET', '/alerts', { state: 'raised' }, ['listAlerts', null, 'state=raised']],
    ['POST', '/alerts/al-1/acknowledge', {}, ['acknowledgeAlert', null, 'al-1']],
    ['POST', '/users', {}, ['createUser', null, '']],
    ['PUT', '/system/clock', {}, ['moveClock', null, '']],
    ['GET', '/Shops/s1/PAYEES/d-1', {}, ['readPayee', 's1', 'd-1']],
    ['GET', '/shops/s1/payees/d-1/', {}, ['readPayee', 's1', 'd-1']],
    ['HEAD', '/shops/s1/payees/d-1', {}, ['readPayee', 's1', 'd-1']],
    ['GET', '/nowhere', {}, ['unknown', null, '']],
    ['DELETE', '/shops/s1', {}, ['unknown', null, '']],
  ] as const)('%s %s', (method, path, query, [call, shopId, subject]) => {
    expect(accessCall(method, path, query)).toEqual({ call, shopId, subject });
  });

  it.each([
    ['GET', '/system/status'],
    ['GET', '/system/clock'],
    ['GET', '/plan-templates'],
  ])('is nothing for %s %s, which tells of nobody', (method, path) => {
    expect(accessCall(method, path, {})).toBeNull();
  });

  it('has no value in it that is no id: a caller may have typed a name or an account', () => {
    const typed = accessCall('GET', '/shops/s1/payees/%E5%BC%A0%E4%B8%89', {});
    expect(typed).toEqual({ call: 'readPayee', shopId: 's1', subject: '?' });
    const asked = accessCall('GET', '/shops/s1/balances', { payeeId: '张 三', other: 'x' });
    expect(asked?.subject).toBe('payeeId=?');
    expect(accessCall('GET', '/shops/%zz/payees', {})?.shopId).toBeNull();
  });

  it('is the call’s own for every call of the contract', () => {
    const untold = new Set(['readStatus', 'readClock', 'listPlanTemplates']);
    for (const { method, path, id } of apiCalls) {
      const found = accessCall(method, path.replaceAll(/\{\w+\}/g, 'x-1'), {});
      expect([id, found?.call ?? null]).toEqual([id, untold.has(id) ? null : id]);
    }
  });
});
