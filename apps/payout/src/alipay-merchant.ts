import { AlipayReader, askAccountLog, downloadBill, readAccountLog } from '@qingfen/alipay';
import {
  buildTransferRequest,
  sendTransfer,
  TransferRequestError,
  type StoredRequest,
} from '@qingfen/alipay-transfers';
import type { StoredSettle } from '@qingfen/alipay-royalty';
import { realGapsMs } from '@qingfen/core-payout';
import { batchCalls } from './alipay-batches.js';
import { AlipaySplits, makeSplit, splitNumberIn } from './alipay-splits.js';
import type { Credentials } from './credential.store.js';
import type { Merchant, SingleFacts } from './merchant.js';

/** Where Alipay is, for every shop, and when it may be called. */
export interface AlipayPlace {
  readonly gateway: string;
  readonly timeoutMs: number;
  /** Waits for a turn of an application's for one call more than was planned; false where none comes. */
  readonly turnComes: (appId: string) => Promise<boolean>;
}

/**
 * A shop's application, ready to sign.
 *
 * @throws AlipayCredentialError when its keys cannot work.
 */
export function makeMerchant({ given, mode }: Credentials, place: AlipayPlace): Merchant {
  const reader = new AlipayReader({ ...given, gateway: place.gateway, timeoutMs: place.timeoutMs });
  const splits = new AlipaySplits(reader.connection, () => place.turnComes(given.appId));
  return {
    appId: given.appId,
    batchMode: given.batchDirect === true ? 'direct' : 'confirmed',
    splitMode: given.royaltyAsync === true ? 'async' : 'sync',
    ...batchCalls(reader.connection),
    royaltyCap: () => splits.cap(),
    frozenMinor: (tradeNo) => splits.frozen(tradeNo),
    finishTrade: (text) => splits.finish(text),
    send: (text) => {
      const request = readRequest(text);
      return 'tradeNo' in request ? splits.send(request) : sendTransfer(request, reader.connection);
    },
    ask: async ({ outBizNo, asked, tradeNo }) => {
      if (tradeNo !== null) return splits.ask({ outRequestNo: outBizNo, tradeNo });
      const answer = await reader.askTransfer(outBizNo);
      if (answer.kind !== 'unclear' || answer.isKnown || asked < realGapsMs.length) return answer;
      const logged = await askAccountLog(reader.connection, outBizNo);
      return logged.kind === 'success' ? { ...logged, witness: 'account-log' } : answer;
    },
    balanceMinor: async () => {
      const balance = await reader.queryBalance();
      return balance.kind === 'found' ? balance.availableMinor : null;
    },
    bill: (wanted) => downloadBill(reader.connection, wanted),
    accountLog: (wanted) => readAccountLog(reader.connection, wanted),
    prove: (form) => {
      const told = reader.verifyNotification(form);
      if (told.kind !== 'genuine') return { refused: told.why };
      return { ...told, outBizNo: told.outBizNo ?? splitNumberIn(told.outRequestNo) };
    },
    test: async () => ({ ...(await reader.testConnection()), mode }),
  };
}

/** The bytes of a first request, or why Alipay would refuse them for their form. */
export function makeRequest(
  facts: SingleFacts,
  appId: string,
): { readonly text: string } | { readonly problem: string } {
  const { payout, account, shopName } = facts;
  const { outBizNo, amountMinor, currency, kind, remark, payVia } = payout;
  if (payVia === 'royalty') return makeSplit(facts, appId);
  const { identityType, identity, name } = account;
  try {
    const request = buildTransferRequest({
      appId,
      outBizNo,
      amountMinor,
      currency,
      kind,
      payee: { identityType, identity, name },
      remark: remark === '' ? shopName : remark,
    });
    return { text: JSON.stringify(request) };
  } catch (error) {
    if (error instanceof TransferRequestError) return { problem: error.message };
    throw error;
  }
}

function readRequest(text: string): StoredRequest | StoredSettle {
  // Written by this service alone, encrypted and under its own context; the library checks the rest.
  const request: StoredRequest | StoredSettle = JSON.parse(text);
  return request;
}
