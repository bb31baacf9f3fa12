import { type PlanVersion, planVersionSchema } from '@qingfen/contracts';
import { dayMs, type ReferencePlan, UnexpectedAnswer } from '@qingfen/testing';

import type { RunningSystem } from './running-system.js';
import type { OwnerAct, StoryShop } from './story.js';
import type { ReferenceWorld } from './world.js';

/** What each merchant begins with: its first bill tells of it. */
export const merchantBalance = '100000000.00';

type Publication = Omit<Extract<OwnerAct, { readonly what: 'publish' }>, 'what'>;

/** What shops' owners do at the gateway; a reference is told of it. */
export class Owners {
  readonly #system: RunningSystem;
  readonly #world: ReferenceWorld;
  readonly #names = new Map<string, string>();
  readonly #noticeDays = new Map<string, number>();
  readonly #plans = new Map<string, ReferencePlan>();

  constructor(system: RunningSystem, world: ReferenceWorld) {
    this.#system = system;
    this.#world = world;
  }

  /** A merchant at Alipay, a shop, and its first plan. */
  async open({ shopId, name, timezone, transferMax, plan }: StoryShop): Promise<void> {
    const { gateway, sandbox, gatewayUrl } = this.#system;
    const notifyUrl = `${gatewayUrl}/alipay/notifications/${shopId}`;
    const { alipay } = await sandbox.putMerchant(appOf(shopId), {
      balance: merchantBalance,
      notifyUrl,
    });
    this.#names.set(shopId, name);
    await gateway.putShop(shopId, { name, timezone, transferMax, alipay });
    await this.#publish({ shopId, plan });
  }

  /** @returns how many orders are bound anew by it, as the reference has it */
  async do(act: OwnerAct): Promise<number> {
    switch (act.what) {
      case 'notice': {
        const { shopId, days: noticePeriodDays } = act;
        const name = this.#names.get(shopId) ?? shopId;
        await this.#system.gateway.putShop(shopId, { name, noticePeriodDays });
        this.#noticeDays.set(shopId, noticePeriodDays);
        return 0;
      }
      case 'publish':
        return this.#publish(act);
      case 'withdraw':
        return this.#withdraw(act.shopId, act.version);
      default: {
        const never: never = act;
        return never;
      }
    }
  }

  /** A version takes effect when it is said to or, where nothing is said, after the shop's notice. */
  async #publish({ shopId, plan, effectiveFrom }: Publication): Promise<number> {
    const body = effectiveFrom === undefined ? { plan } : { plan, effectiveFrom };
    const published = await this.#system.gateway.publishPlan(shopId, body);
    const noticeMs = (this.#noticeDays.get(shopId) ?? 0) * dayMs;
    const dueMs = Date.parse(effectiveFrom ?? published.publishedAt);
    const expectedMs = effectiveFrom === undefined ? dueMs + noticeMs : dueMs;
    if (Date.parse(published.effectiveFrom) !== expectedMs) {
      const expected = new Date(expectedMs).toISOString();
      const version = `version ${published.version} of ${shopId}`;
      throw new Error(`${version} takes effect ${published.effectiveFrom}, not ${expected}`);
    }
    this.#plans.set(`${shopId} ${published.version}`, plan);
    return this.#tell(published);
  }

  async #withdraw(shopId: string, version: number): Promise<number> {
    const path = `/shops/${shopId}/plans/${version}/withdraw`;
    const json = { reason: 'the owner thinks otherwise' };
    const answer = await this.#system.gateway.call('POST', path, { json });
    if (answer.status !== 200) throw new UnexpectedAnswer(`POST ${path}`, answer, [200]);
    return this.#tell(planVersionSchema.parse(answer.body));
  }

  /** The plan as it was handed in: what the product made of it is its own business. */
  #tell({ shopId, version, effectiveFrom, publishedAt, withdrawnAt }: PlanVersion): number {
    const plan = this.#plans.get(`${shopId} ${version}`);
    if (plan === undefined) throw new Error(`${shopId} published no version ${version}`);
    const dates = { effectiveFrom, publishedAt, isWithdrawn: withdrawnAt !== undefined };
    return this.#world.hearVersion({ shopId, version, plan, ...dates });
  }
}

/** The app that a shop has at the sandbox. */
export function appOf(shopId: string): string {
  return `app-${shopId}`;
}
