import type { AlipayCredentials } from '@qingfen/contracts';
import { launchSystem, type LaunchedSystem } from '@qingfen/local';
import {
  GatewayClient,
  later,
  midnight,
  orderMessage,
  payeeMessage,
  SandboxClient,
  span,
  until,
  Upstream,
} from '@qingfen/testing';
import { orderOf, payeeOf } from '../paid-payees.js';
import { paceOf, slowDown, transferMethod, type Pace } from './pace.js';

const shopId = 'bench';
const appId = 'app-bench';
const start = '2026-03-02T10:00:00+08:00';
const runAtMs = span.hours(2);
const payMsMax = 600_000;

/** How fast a shop may be paid out. */
export interface PayingTerms {
  /** Payouts of one round, each to a payee of its own. */
  readonly payouts: number;
  /** What the gateway allows a second; the product is told the same. */
  readonly perSecond: number;
  readonly concurrency: number;
  readonly seed: number;
}

/** A whole local system of which one shop pays so many payouts at a time. */
export class PayingShop {
  private orders = 0;
  private today = start;

  private constructor(
    private readonly terms: PayingTerms,
    private readonly system: LaunchedSystem,
    private readonly gateway: GatewayClient,
    private readonly upstream: Upstream,
    readonly sandbox: SandboxClient,
    readonly alipay: AlipayCredentials,
  ) {}

  static async open(dataDir: string, terms: PayingTerms): Promise<PayingShop> {
    const env = {
      QINGFEN_CLOCK: `virtual:${start}`,
      ALIPAY_TRANSFERS_PER_SECOND: String(terms.perSecond),
      PAYOUT_CONCURRENCY: String(terms.concurrency),
    };
    const system = await launchSystem({ dataDir, env });
    const { ready } = system;
    const gateway = new GatewayClient(ready.gateway);
    await gateway.login(ready.admin.username, ready.admin.password);
    const sandbox = new SandboxClient(ready.alipaySandbox ?? '');
    const upstream = await Upstream.connect(ready.kafka);
    const { alipay } = await sandbox.putMerchant(appId, { balance: '100000000.00' });
    await gateway.putShop(shopId, { name: shopId, alipay });
    const commission = { levels: [{ rate: '0.30' }] };
    await gateway.publishPlan(shopId, { plan: { returnWindowDays: 0, commission } });
    const shop = new PayingShop(terms, system, gateway, upstream, sandbox, alipay);
    await upstream.publish(
      shop.payees.map((payeeId) => payeeMessage(payeeOf(shopId, payeeId), start)),
    );
    await gateway.waitForIdle();
    await slowDown(sandbox, appId, terms.seed);
    await sandbox.putLimits({ perSecond: terms.perSecond });
    return shop;
  }

  get gatewayUrl(): string {
    return `${this.system.ready.alipaySandbox ?? ''}/gateway.do`;
  }

  /** Has a night's payouts wait behind the emergency stop, lifts it, and reads their pace. */
  async payOnce(): Promise<Pace> {
    const { gateway, sandbox } = this;
    // A session is shorter than a bench may be.
    const { username, password } = this.system.ready.admin;
    await gateway.login(username, password);
    await gateway.stopPayouts(shopId, true);
    await this.upstream.publish(this.payees.map((payeeId) => orderMessage(this.orderTo(payeeId))));
    await gateway.waitForIdle();
    const tonight = later(midnight(this.today, 1), runAtMs);
    await gateway.moveClock(tonight);
    this.today = later(tonight, span.hours(8));
    const before = (await sandbox.requestsOf(appId, transferMethod)).length;
    await gateway.stopPayouts(shopId, false);
    await until('every payout of the night to be paid', () => gateway.status(), {
      deadlineMs: payMsMax,
      holds: ({ idle }) => idle,
    });
    const requests = (await sandbox.requestsOf(appId, transferMethod)).slice(before);
    return this.checked(paceOf(requests, () => true));
  }

  async close(): Promise<void> {
    await this.upstream.close();
    await this.system.stop();
  }

  /** @throws Error when any was not paid, or not by one call */
  private checked(pace: Pace): Pace {
    const { payouts } = this.terms;
    if (pace.calls - pace.refused !== payouts) {
      throw new Error(`${payouts} payouts took ${pace.calls} calls, ${pace.refused} refused`);
    }
    return pace;
  }

  private get payees(): string[] {
    return Array.from({ length: this.terms.payouts }, (_, index) => `d-${index}`);
  }

  private orderTo(payeeId: string): Parameters<typeof orderMessage>[0] {
    this.orders += 1;
    return orderOf(shopId, { orderId: `o-${this.orders}`, at: this.today, payeeId });
  }
}
