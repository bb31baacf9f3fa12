import type { FaultWish } from '@qingfen/testing';

/** A fault with the name under which the report accounts for it. */
export interface FaultKind {
  readonly name: string;
  readonly wish: FaultWish;
}

const query = 'alipay.fund.trans.common.query';

/** A transfer's own faults, those that may have worked in both ways. */
const transferFaults: readonly FaultKind[] = [
  { name: 'time-out before', wish: { fault: 'timeout-before' } },
  { name: 'time-out after', wish: { fault: 'timeout-after' } },
  { name: 'system error, nothing done', wish: { fault: 'system-error', then: 'fails' } },
  { name: 'system error, done', wish: { fault: 'system-error', then: 'succeeds' } },
  { name: 'in process, then done', wish: { fault: 'processing', then: 'succeeds' } },
  { name: 'in process, then not', wish: { fault: 'processing', then: 'fails' } },
  { name: 'connection dropped, done', wish: { fault: 'drop-connection', then: 'succeeds' } },
  { name: 'connection dropped, not done', wish: { fault: 'drop-connection', then: 'fails' } },
  { name: 'slow', wish: { fault: 'slow', delayMs: 600 } },
  { name: 'bad signature, done', wish: { fault: 'bad-signature', then: 'succeeds' } },
  { name: 'bad signature, not done', wish: { fault: 'bad-signature', then: 'fails' } },
  { name: 'no signature', wish: { fault: 'missing-signature' } },
  { name: 'truncated', wish: { fault: 'truncated' } },
  { name: 'HTTP 502', wish: { fault: 'http-502' } },
  { name: 'rate limited', wish: { fault: 'rate-limited' } },
  { name: 'money comes back', wish: { fault: 'returned' } },
  { name: 'payee not there', wish: { fault: 'sub-code', subCode: 'PAYEE_NOT_EXIST' } },
  { name: 'remark refused', wish: { fault: 'sub-code', subCode: 'REMARK_HAS_SENSITIVE_WORD' } },
  { name: 'daily limit', wish: { fault: 'sub-code', subCode: 'EXCEED_LIMIT_DM_AMOUNT' } },
  { name: 'no funds', wish: { fault: 'sub-code', subCode: 'PAYER_BALANCE_NOT_ENOUGH' } },
  { name: 'payee not verified', wish: { fault: 'sub-code', subCode: 'PAYEE_NOT_RELNAME_CERTIFY' } },
  { name: 'contract', wish: { fault: 'sub-code', subCode: 'PRODUCT_NOT_SIGN' } },
  { name: 'risk', wish: { fault: 'sub-code', subCode: 'SECURITY_CHECK_FAILED' } },
  { name: 'a code of no list', wish: { fault: 'sub-code', subCode: 'A_CODE_THAT_NO_LIST_HAS' } },
];

/** What a query answers wrongly; seldom asked, so each of them is hit as a greater part of its calls. */
const queryFaults: readonly FaultKind[] = [
  { name: 'query: system error', wish: { api: query, fault: 'system-error', then: 'fails' } },
  { name: 'query: time-out', wish: { api: query, fault: 'timeout-before' } },
  { name: 'query: HTTP 502', wish: { api: query, fault: 'http-502' } },
];

/** Every kind of fault, such that this part of all transfers, and of all queries, is hit by one. */
export function everyFault(rate: number, seed: number): readonly FaultKind[] {
  return [transferFaults, queryFaults].flatMap((kinds) => {
    return kinds.map(({ name, wish }, index) => ({
      name,
      wish: { ...wish, times: null, rate: rate / kinds.length, seed: `${seed}-${index}` },
    }));
  });
}
