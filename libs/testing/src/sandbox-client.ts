import { type AlipayCredentials, alipayCredentialsSchema } from '@qingfen/contracts';
import { z } from 'zod';

import { send, UnexpectedAnswer } from './http.js';

const merchantShape = z.object({
  appId: z.string(),
  balance: z.string(),
  notifyUrl: z.string().nullable(),
  alipay: z.unknown(),
});
const accountShape = z.object({
  identity: z.string(),
  balance: z.string(),
  movements: z.array(
    z.object({
      outBizNo: z.string().nullable(),
      appId: z.string().nullable(),
      amount: z.string(),
      balance: z.string(),
      at: z.string(),
      kind: z.string(),
    }),
  ),
});
const transferShape = z.object({
  appId: z.string(),
  way: z.string(),
  outBizNo: z.string(),
  identity: z.string(),
  identityType: z.string(),
  name: z.string().nullable(),
  amount: z.string(),
  status: z.enum(['SUCCESS', 'FAIL', 'DEALING', 'REFUND']),
  orderId: z.string(),
  title: z.string(),
  remark: z.string().nullable(),
  at: z.string(),
  attempts: z.number().int(),
  partOf: z.string().optional(),
  tradeNo: z.string().optional(),
});
const movementShape = z.object({ amount: z.string(), type: z.string(), at: z.string() });
const tradeShape = z.object({
  tradeNo: z.string(),
  outTradeNo: z.string(),
  amount: z.string(),
  status: z.enum(['TRADE_SUCCESS', 'TRADE_CLOSED', 'TRADE_FINISHED']),
  refunded: z.string(),
  split: z.string(),
  frozen: z.string(),
  finished: z.boolean(),
});
const batchShape = z.object({
  batchTransId: z.string(),
  outBatchNo: z.string(),
  status: z.string(),
  total: z.string(),
  details: z.array(
    z.object({
      outBizNo: z.string(),
      identity: z.string(),
      amount: z.string(),
      status: z.string(),
      errorCode: z.string().nullable(),
    }),
  ),
});
const requestShape = z.object({
  at: z.string(),
  realAt: z.string(),
  appId: z.string().nullable(),
  method: z.string().nullable(),
  outBizNo: z.string().nullable(),
  verified: z.boolean(),
  answer: z.unknown(),
  fault: z.string().nullable(),
  executed: z.boolean(),
});
const faultShape = z.object({
  id: z.string(),
  fault: z.string(),
  left: z.number().nullable(),
  hits: z.number().int(),
});

/** An app of the sandbox; `alipay` is what `PUT /shops/:shopId` takes. */
export interface SandboxMerchant {
  readonly appId: string;
  readonly balance: string;
  readonly alipay: AlipayCredentials;
}
/** An account of the sandbox and every movement on it. */
export type SandboxAccount = z.output<typeof accountShape>;
/** One number that the sandbox accepted: what really moved. */
export type SandboxTransfer = z.output<typeof transferShape>;
/** What has moved a merchant's balance. */
export type SandboxMovement = z.output<typeof movementShape>;
/** A buyer's payment and what has become of its money. */
export type SandboxTrade = z.output<typeof tradeShape>;
/** A batch of payments and what has become of each. */
export type SandboxBatch = z.output<typeof batchShape>;
/** One request that reached the sandbox. */
export type SandboxRequest = z.output<typeof requestShape>;
/** A fault that was asked for, and how often it has hit. */
export type SandboxFault = z.output<typeof faultShape>;

/** A fault to ask for; fields as in contracts.md 4. */
export interface FaultWish {
  readonly fault: string;
  readonly api?: string;
  readonly match?: {
    readonly outBizNo?: string;
    readonly identity?: string;
    readonly appId?: string;
  };
  readonly times?: number | null;
  readonly rate?: number;
  readonly seed?: string | number;
  readonly then?: 'succeeds' | 'fails';
  readonly afterQueries?: number;
  readonly delayMs?: number;
  readonly subCode?: string;
}

/** The side of the Alipay sandbox that tests drive (`/_sandbox`). */
export class SandboxClient {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin.replace(/\/+$/, '');
  }

  async putMerchant(
    appId: string,
    wish: {
      readonly publicKey?: string;
      readonly balance?: string;
      readonly notifyUrl?: string;
      readonly mode?: 'key' | 'certificate';
      readonly royaltyRatio?: number | null;
      readonly batchDirect?: boolean;
    },
  ): Promise<SandboxMerchant> {
    const merchant = merchantShape.parse(await this.#ask('PUT', `merchants/${appId}`, wish));
    const alipay = alipayCredentialsSchema.parse(merchant.alipay);
    return { appId: merchant.appId, balance: merchant.balance, alipay };
  }

  async balance(appId: string): Promise<string> {
    return merchantShape.parse(await this.#ask('GET', `merchants/${appId}`)).balance;
  }

  /** Everything that has moved the merchant's balance, in order of booking; `at` is business time. */
  async movements(appId: string): Promise<readonly SandboxMovement[]> {
    return z.array(movementShape).parse(await this.#ask('GET', `merchants/${appId}/movements`));
  }

  /** Money that is not ours comes to or leaves the merchant's account. */
  async move(
    appId: string,
    movement: {
      readonly amount: string;
      readonly type: 'top-up' | 'withdrawal' | 'fee' | 'payment';
      readonly at?: string;
      readonly tradeNo?: string;
      readonly memo?: string;
    },
  ): Promise<void> {
    await this.#ask('POST', `merchants/${appId}/movements`, movement);
  }

  /** A buyer pays the merchant. */
  async pay(
    appId: string,
    trade: {
      readonly amount: string;
      readonly tradeNo?: string;
      readonly outTradeNo?: string;
      readonly royaltyFreeze?: boolean;
      readonly fee?: string;
      readonly at?: string;
    },
  ): Promise<SandboxTrade> {
    return tradeShape.parse(await this.#ask('POST', `merchants/${appId}/trades`, trade));
  }

  /** The merchant gives a buyer money back. */
  async refund(
    appId: string,
    refund: {
      readonly tradeNo: string;
      readonly amount: string;
      readonly requestNo?: string;
      readonly at?: string;
    },
  ): Promise<SandboxTrade> {
    return tradeShape.parse(await this.#ask('POST', `merchants/${appId}/refunds`, refund));
  }

  async trades(appId: string): Promise<readonly SandboxTrade[]> {
    return z.array(tradeShape).parse(await this.#ask('GET', `merchants/${appId}/trades`));
  }

  async batches(appId: string): Promise<readonly SandboxBatch[]> {
    return z.array(batchShape).parse(await this.#ask('GET', `batches?appId=${appId}`));
  }

  /** The payer confirms a batch: each of its payments is made, or refused, by itself. */
  async confirmBatch(batchTransId: string): Promise<SandboxBatch> {
    return batchShape.parse(await this.#ask('POST', `batches/${batchTransId}/confirm`));
  }

  async putAccount(
    identity: string,
    wish: {
      readonly name?: string | null;
      readonly balance?: string;
      readonly status?: 'normal' | 'frozen' | 'missing' | 'unverified';
      readonly userId?: string;
    },
  ): Promise<SandboxAccount> {
    const path = `accounts/${encodeURIComponent(identity)}`;
    return accountShape.parse(await this.#ask('PUT', path, wish));
  }

  async account(identity: string): Promise<SandboxAccount> {
    return accountShape.parse(await this.#ask('GET', `accounts/${encodeURIComponent(identity)}`));
  }

  /** What really moved: one per number that was accepted, in order of acceptance. */
  async transfers(appId?: string): Promise<readonly SandboxTransfer[]> {
    const query = appId === undefined ? '' : `?appId=${appId}`;
    return z.array(transferShape).parse(await this.#ask('GET', `transfers${query}`));
  }

  async requests(outBizNo: string): Promise<readonly SandboxRequest[]> {
    const query = `?outBizNo=${encodeURIComponent(outBizNo)}`;
    return z.array(requestShape).parse(await this.#ask('GET', `requests${query}`));
  }

  /** Every request of an app for a method, in the order in which they came. */
  async requestsOf(appId: string, method: string): Promise<readonly SandboxRequest[]> {
    const query = new URLSearchParams({ appId, method }).toString();
    return z.array(requestShape).parse(await this.#ask('GET', `requests?${query}`));
  }

  /** @returns the fault's id. */
  async addFault(wish: FaultWish): Promise<string> {
    return z.object({ id: z.string() }).parse(await this.#ask('POST', 'faults', wish)).id;
  }

  async faults(): Promise<readonly SandboxFault[]> {
    return z.array(faultShape).parse(await this.#ask('GET', 'faults'));
  }

  async clearFaults(): Promise<void> {
    await this.#ask('DELETE', 'faults');
  }

  async putLimits(limits: {
    readonly single?: string | null;
    readonly payerDaily?: string | null;
    readonly payeeDaily?: string | null;
    readonly perSecond?: number | null;
    readonly settlePerSecond?: number | null;
  }): Promise<void> {
    await this.#ask('PUT', 'limits', limits);
  }

  async putNotifications(
    mode: 'normal' | 'duplicate' | 'never' | 'late' | 'forged',
  ): Promise<void> {
    await this.#ask('PUT', 'notifications', { mode });
  }

  async #ask(method: string, path: string, json?: unknown): Promise<unknown> {
    const url = `${this.#origin}/_sandbox/${path}`;
    const answer = await send({ method, url, ...(json === undefined ? {} : { json }) });
    if (answer.status < 200 || answer.status > 204) {
      throw new UnexpectedAnswer(`${method} ${path}`, answer, [200, 201, 204]);
    }
    return answer.body;
  }
}
