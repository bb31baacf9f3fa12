import { launchSystem, type LaunchedSystem } from '@qingfen/local';
import {
  GatewayClient,
  later,
  midnight,
  orderMessage,
  payeeMessage,
  SandboxClient,
  span,
  Upstream,
} from '@qingfen/testing';
import { orderOf, payeeOf } from '../paid-payees.js';
import { processorMsOf } from './processor-time.js';

const shopId = 'bench';
const appId = 'app-bench';
const start = '2026-03-02T10:00:00+08:00';
/** Commissions are paid at this time of every day. */
const runAtMs = span.hours(2);

/** One shop in a whole local system that pays the same payees every night. */
export class PayingShop {
  private orders = 0;

  private constructor(
    private readonly system: LaunchedSystem,
    private readonly gateway: GatewayClient,
    private readonly sandbox: SandboxClient,
    private readonly upstream: Upstream,
    private readonly payees: readonly string[],
    private today: string,
  ) {}

  static async open(dataDir: string, payeeCount: number): Promise<PayingShop> {
    const system = await launchSystem({ dataDir, env: { QINGFEN_CLOCK: `virtual:${start}` } });
    const { ready } = system;
    const gateway = new GatewayClient(ready.gateway);
    await gateway.login(ready.admin.username, ready.admin.password);
    const sandbox = new SandboxClient(ready.alipaySandbox ?? '');
    const upstream = await Upstream.connect(ready.kafka);
    const notifyUrl = `${ready.gateway}/alipay/notifications/${shopId}`;
    const { alipay } = await sandbox.putMerchant(appId, { balance: '100000000.00', notifyUrl });
    await gateway.putShop(shopId, { name: shopId, alipay });
    const commission = { levels: [{ rate: '0.30' }] };
    await gateway.publishPlan(shopId, { plan: { returnWindowDays: 0, commission, supplier: {} } });
    const payees = Array.from({ length: payeeCount }, (_, index) => `d-${index}`);
    await upstream.publish(payees.map((payeeId) => payeeMessage(payeeOf(shopId, payeeId), start)));
    await gateway.waitForIdle();
    const shop = [system, gateway, sandbox, upstream, payees, start] as const;
    return new PayingShop(...shop);
  }

  /** What the whole system has used up to now, all its processes together, in milliseconds. */
  processorMs(): number {
    return processorMsOf(this.system.pid);
  }

  /** An order for each payee, settled; then a quiet clock just before tonight's run. */
  async sell(): Promise<void> {
    // A session is shorter than a bench may be.
    const { username, password } = this.system.ready.admin;
    await this.gateway.login(username, password);
    const events = this.payees.map((payeeId) => orderMessage(this.orderTo(payeeId)));
    await this.upstream.publish(events);
    await this.gateway.waitForIdle();
    await this.gateway.moveClock(later(this.tonight, -span.minutes(30)));
  }

  /** Real milliseconds of a move to an instant at which nothing is due. */
  async moveEmpty(minutes: number): Promise<number> {
    return this.timed(later(this.tonight, -span.minutes(minutes)));
  }

  /**
   * Real milliseconds of a move to the instant of tonight's run.
   * @throws Error when it did not pay every payee once
   */
  async moveToRun(): Promise<number> {
    const before = await this.paidCount();
    const tookMs = await this.timed(this.tonight);
    const paid = (await this.paidCount()) - before;
    if (paid !== this.payees.length) throw new Error(`a night paid ${paid} of its payees`);
    this.today = later(this.tonight, span.hours(8));
    return tookMs;
  }

  async close(): Promise<void> {
    await this.upstream.close();
    await this.system.stop();
  }

  private get tonight(): string {
    return later(midnight(this.today, 1), runAtMs);
  }

  private async timed(to: string): Promise<number> {
    const startedMs = performance.now();
    await this.gateway.moveClock(to);
    return performance.now() - startedMs;
  }

  private async paidCount(): Promise<number> {
    return (await this.sandbox.transfers(appId)).length;
  }

  private orderTo(payeeId: string): Parameters<typeof orderMessage>[0] {
    this.orders += 1;
    return orderOf(shopId, { orderId: `o-${this.orders}`, at: this.today, payeeId });
  }
}
