import type { AlipayCredentials, EventData, Payout, PlanVersion } from '@qingfen/contracts';
import {
  type KnownPayee,
  orderMessage,
  payeeMessage,
  type PublishedOrder,
  type ReferencePlan,
  type ReferenceVersion,
  type SandboxTransfer,
  type UpstreamEvent,
} from '@qingfen/testing';

import { AlipaySdk } from 'alipay-sdk';

import type { Stage } from './stage.js';

type OrderData = EventData['order-completed'];
type PayeeData = EventData['payee-upserted'];

/** What a test says of a payee's account. */
interface GivenAccount {
  readonly identity?: string;
  readonly name?: string;
  readonly accountType?: string;
}

/** A shop of one test, and everything that was told about it: what a reference needs. */
export class TestShop {
  readonly shopId: string;
  readonly appId: string;
  readonly alipay: AlipayCredentials;
  readonly orders: PublishedOrder[] = [];
  readonly versions: ReferenceVersion[] = [];
  readonly payees: KnownPayee[] = [];
  readonly #stage: Stage;
  #orderCount = 0;
  #handCount = 0;

  constructor(
    stage: Stage,
    names: {
      readonly shopId: string;
      readonly appId: string;
      readonly alipay: AlipayCredentials;
    },
  ) {
    this.#stage = stage;
    this.shopId = names.shopId;
    this.appId = names.appId;
    this.alipay = names.alipay;
  }

  /** The account of a payee, which no other payee of any shop has. */
  identityOf(payeeId: string): string {
    return `${this.shopId}.${payeeId}@example.test`;
  }

  /** Pays somebody past Qingfen, as an owner does with Alipay's own pages. */
  async payByHand(amount: string): Promise<void> {
    const { privateKey, keyType = 'PKCS1', alipayPublicKey = '' } = this.alipay;
    const gateway = `${this.#stage.ready.alipaySandbox}/gateway.do`;
    const sdk = new AlipaySdk({ appId: this.appId, privateKey, keyType, alipayPublicKey, gateway });
    this.#handCount += 1;
    const answer = await sdk.exec('alipay.fund.trans.uni.transfer', {
      bizContent: {
        out_biz_no: `hand${this.#handCount}${this.appId}`,
        trans_amount: amount,
        product_code: 'TRANS_ACCOUNT_NO_PWD',
        biz_scene: 'DIRECT_TRANSFER',
        order_title: '奖金',
        payee_info: {
          identity: 'friend@example.test',
          identity_type: 'ALIPAY_LOGON_ID',
          name: '友',
        },
        transfer_scene_name: '业务结算',
        transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: 'x' }],
      },
    });
    if (answer.code !== '10000') throw new Error(`Alipay answered ${answer.code} ${answer.msg}`);
  }

  async publishPlan(plan: ReferencePlan): Promise<PlanVersion> {
    const published = await this.#stage.gateway.publishPlan(this.shopId, { plan });
    const { shopId, version, effectiveFrom } = published;
    this.versions.push({ shopId, version, effectiveFrom, plan });
    return published;
  }

  /** Tells payees by the gateway, each with an account of its own unless there is one given. */
  async putPayees(payeeIds: readonly string[], account: GivenAccount = {}): Promise<void> {
    const knownFrom = await this.#stage.gateway.now();
    for (const payeeId of payeeIds) {
      const { shopId: _shop, payeeId: _payee, ...body } = this.payeeData(payeeId, account);
      await this.#stage.gateway.putPayee(this.shopId, payeeId, body);
      this.#know(payeeId, account.identity, knownFrom);
    }
  }

  /** Tells payees by `payee-upserted`, as an upstream does. */
  async upsertPayees(
    payeeIds: readonly string[],
    account: GivenAccount & { readonly time?: string } = {},
  ): Promise<void> {
    const time = account.time ?? (await this.#stage.gateway.now());
    await this.#stage.upstream.publish(
      payeeIds.map((payeeId) => payeeMessage(this.payeeData(payeeId, account), time)),
    );
    for (const payeeId of payeeIds) this.#know(payeeId, account.identity, time);
  }

  /** What `payee-upserted` says of a payee: a supplier where the id begins with "sup". */
  payeeData(payeeId: string, account: GivenAccount = {}): PayeeData {
    const { identity = this.identityOf(payeeId), name = `收款方 ${payeeId}` } = account;
    const { accountType } = account;
    const type = accountType === undefined ? {} : { accountType };
    return {
      shopId: this.shopId,
      payeeId,
      name,
      roles: [payeeId.startsWith('sup') ? 'supplier' : 'distributor'],
      alipay: { identityType: 'ALIPAY_LOGON_ID', identity, name, ...type },
    };
  }

  /** `order-completed` of one line, paid and completed at `at` unless the rest says otherwise. */
  orderData(
    order: { readonly at: string; readonly amount: string } & Partial<OrderData>,
  ): OrderData {
    const { at, amount, ...rest } = order;
    this.#orderCount += 1;
    return {
      shopId: this.shopId,
      orderId: `${this.shopId}-o${this.#orderCount}`,
      currency: 'CNY',
      paidAt: at,
      completedAt: at,
      items: [{ itemId: 'i-1', supplierId: 'sup-1', amount }],
      distributors: ['d-1'],
      ...rest,
    };
  }

  /** Publishes orders and keeps them for the reference. */
  async publishOrders(orders: readonly OrderData[]): Promise<readonly UpstreamEvent[]> {
    const publishedAt = await this.#stage.gateway.now();
    const messages = orders.map((data) => orderMessage(data));
    await this.#stage.upstream.publish(messages);
    this.note(orders, publishedAt);
    return messages;
  }

  /** Keeps orders that were published in another way. */
  note(orders: readonly OrderData[], publishedAt: string): void {
    this.orders.push(...orders.map((data) => ({ data, publishedAt })));
  }

  /** What the sandbox's book says moved from this shop. */
  async moved(): Promise<readonly SandboxTransfer[]> {
    return this.#stage.sandbox.transfers(this.appId);
  }

  /** The only payout of a payee; throws if there are none or several. */
  async onlyPayout(payeeId: string): Promise<Payout> {
    const found = await this.#stage.gateway.payouts(this.shopId, `?payeeId=${payeeId}`);
    const [payout] = found;
    if (payout === undefined || found.length > 1) {
      throw new Error(`${payeeId} of ${this.shopId} has ${found.length} payouts, not one`);
    }
    return payout;
  }

  #know(payeeId: string, identity: string | undefined, knownFrom: string): void {
    const known = identity ?? this.identityOf(payeeId);
    this.payees.push({ shopId: this.shopId, payeeId, identity: known, knownFrom });
  }
}
