/**
 * What this Alipay can do: method by the short name that faults use, and the verb of its path in
 * protocol v3. The PHP SDK's v3 has no path for `alipay.fund.batch.*`, `fastpay.refund.query` and
 * `onsettle.query` (alipay.md 10); here they have one made like all others.
 */
export const METHODS = {
  transfer: { verb: 'POST', method: 'alipay.fund.trans.uni.transfer' },
  query: { verb: 'GET', method: 'alipay.fund.trans.common.query' },
  balance: { verb: 'GET', method: 'alipay.fund.account.query' },
  'account-log': { verb: 'GET', method: 'alipay.data.bill.accountlog.query' },
  'transfer-log': { verb: 'GET', method: 'alipay.data.bill.transfer.query' },
  'bill-balance': { verb: 'GET', method: 'alipay.data.bill.balance.query' },
  bill: { verb: 'GET', method: 'alipay.data.dataservice.bill.downloadurl.query' },
  trade: { verb: 'POST', method: 'alipay.trade.query' },
  refund: { verb: 'POST', method: 'alipay.trade.refund' },
  'refund-query': { verb: 'POST', method: 'alipay.trade.fastpay.refund.query' },
  unsettled: { verb: 'GET', method: 'alipay.trade.order.onsettle.query' },
  bind: { verb: 'POST', method: 'alipay.trade.royalty.relation.bind' },
  unbind: { verb: 'POST', method: 'alipay.trade.royalty.relation.unbind' },
  relations: { verb: 'POST', method: 'alipay.trade.royalty.relation.batchquery' },
  rate: { verb: 'GET', method: 'alipay.trade.royalty.rate.query' },
  settle: { verb: 'POST', method: 'alipay.trade.order.settle' },
  'settle-query': { verb: 'GET', method: 'alipay.trade.order.settle.query' },
  batch: { verb: 'POST', method: 'alipay.fund.batch.create' },
  'batch-query': { verb: 'GET', method: 'alipay.fund.batch.detail.query' },
  'batch-close': { verb: 'POST', method: 'alipay.fund.batch.close' },
  'batch-transfer': { verb: 'POST', method: 'alipay.fund.batch.uni.transfer' },
} as const;

export type ShortName = keyof typeof METHODS;
export type Method = (typeof METHODS)[ShortName]['method'];

/** The page on which a payer confirms a batch; asked for by a signed link, never called. */
export const PAY_PAGE = 'alipay.fund.trans.page.pay';

/** Parts of calls that faults may be meant for, instead of the whole call. */
export const PARTS = ['batch-detail', 'royalty-detail', 'bill-file'] as const;
export type Part = (typeof PARTS)[number];

const VERBS: ReadonlyMap<string, 'GET' | 'POST'> = new Map(
  Object.values(METHODS).map(({ method, verb }) => [method, verb]),
);

/** Whether the gateway has this method. */
export function isMethod(name: string): name is Method {
  return VERBS.has(name);
}

/** The verb of a method's path in protocol v3. */
export function verbOf(method: Method): 'GET' | 'POST' {
  return VERBS.get(method) ?? 'POST';
}

/** Full method names, short names, parts of calls and `*` for all; undefined for anything else. */
export function apiNamed(name: string): string | undefined {
  if (name === '*' || (PARTS as readonly string[]).includes(name) || isMethod(name)) return name;
  return Object.entries(METHODS).find(([short]) => short === name)?.[1].method;
}
