import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { connectAlipay } from '@qingfen/alipay';
import type { AlipayConnection, AlipayCredentials, PayeeAccount } from '@qingfen/alipay';
import { startSandbox } from '@qingfen/alipay-sandbox';
import type { Sandbox } from '@qingfen/alipay-sandbox';
import { minor } from '@qingfen/money';

import { buildRefundRequest } from './refund.js';
import type { RefundOrder, StoredRefund } from './refund.js';
import { bindReceivers } from './relations.js';
import { buildSettleRequest } from './settle-request.js';
import type { SettleLeg, SettleOrder, StoredSettle } from './settle-request.js';

/** A merchant with a trade of 100.00 from yesterday and two receivers, who are bound. */
export interface RoyaltyShop {
  readonly connection: AlipayConnection;
  readonly impatient: AlipayConnection;
  readonly tradeNo: string;
  readonly a: PayeeAccount;
  readonly b: PayeeAccount;
}

/** A sandbox of its own, and what tests do at Alipay's side. */
export class RoyaltySide {
  private count = 0;

  private constructor(
    private readonly directory: string,
    private readonly sandbox: Sandbox,
  ) {}

  static async open(): Promise<RoyaltySide> {
    const directory = await mkdtemp(path.join(tmpdir(), 'qf-royalty-'));
    const clock = { mode: 'system' } as const;
    return new RoyaltySide(directory, await startSandbox({ port: 0, directory, clock }));
  }

  async close(): Promise<void> {
    await this.sandbox.close();
    await rm(this.directory, { recursive: true });
  }

  async control(method: string, where: string, body: object = {}): Promise<unknown> {
    const sent = { method, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${this.sandbox.url}/_sandbox/${where}`, sent);
    return response.status === 204 ? null : response.json();
  }

  async shop(more: object = {}, trade: object = {}): Promise<RoyaltyShop> {
    this.count += 1;
    const appId = `app${this.count}`;
    const put = await this.control('PUT', `merchants/${appId}`, { balance: '0.00', ...more });
    const { alipay } = put as { alipay: AlipayCredentials };
    const gateway = `${this.sandbox.url}/gateway.do`;
    const connect = (timeoutMs: number): AlipayConnection =>
      connectAlipay({ ...alipay, gateway, timeoutMs });
    const at = new Date(Date.now() - 86_400_000).toISOString();
    const wish = { amount: '100.00', at, ...trade };
    const paid = await this.control('POST', `merchants/${appId}/trades`, wish);
    const { tradeNo } = paid as { tradeNo: string };
    const connection = connect(10_000);
    const [a, b] = [this.payee('a'), this.payee('b')];
    const bound = await bindReceivers(connection, `bind${this.count}`, [a, b]);
    if (bound.kind !== 'done') throw new Error(`the receivers are not bound: ${bound.kind}`);
    return { connection, impatient: connect(400), tradeNo, a, b };
  }

  /** Somebody whose account is in order, of the newest shop. */
  payee(name: string): PayeeAccount {
    return { identityType: 'ALIPAY_LOGON_ID', identity: `${name}${this.count}@x.cn`, name: '张三' };
  }

  async accountBalance({ identity }: PayeeAccount): Promise<unknown> {
    const account = await this.control('GET', `accounts/${encodeURIComponent(identity)}`);
    return (account as { balance: string }).balance;
  }

  async putAccount({ identity }: PayeeAccount, wish: object): Promise<void> {
    await this.control('PUT', `accounts/${encodeURIComponent(identity)}`, wish);
  }
}

export function leg(account: PayeeAccount, amountMinor: bigint): SettleLeg {
  return { payee: account, amountMinor: minor(amountMinor) };
}

export function split(
  { connection, tradeNo }: RoyaltyShop,
  legs: readonly SettleLeg[],
  more: Partial<SettleOrder> = {},
): StoredSettle {
  return buildSettleRequest({
    appId: connection.appId,
    outRequestNo: `QF${connection.appId}`,
    tradeNo,
    currency: 'CNY',
    mode: 'sync',
    legs,
    finish: false,
    remark: '8月佣金 100% a/b 😀',
    ...more,
  });
}

export function refund(
  { connection, tradeNo }: RoyaltyShop,
  more: Partial<RefundOrder> = {},
): StoredRefund {
  return buildRefundRequest({
    appId: connection.appId,
    tradeNo,
    outRequestNo: `R${connection.appId}`,
    currency: 'CNY',
    amountMinor: minor(4000n),
    reason: '七天无理由',
    shares: [],
    ...more,
  });
}
