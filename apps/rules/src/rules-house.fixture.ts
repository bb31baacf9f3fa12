import { generateKeyPairSync } from 'node:crypto';
import type { SecondPersonLimits } from '@qingfen/approvals';
import { VirtualClock } from '@qingfen/clock';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf, ServiceUnavailable } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { ppm } from '@qingfen/money';
import { MessageSigner, type Caller } from '@qingfen/security';
import { ApprovalController } from './approval.controller.js';
import { rulesService } from './index.js';
import { PlanService, type Publication } from './plan.service.js';
import type { PlanVersionRow } from './plan.store.js';
import { ShopService, type ShopChange } from './shop.service.js';

export const start = new Date('2026-01-05T02:00:00Z');

/** Someone who may do everything. */
export function userCalled(subject: string): Caller {
  const roles = (['admin', 'approver'] as const).map((role) => ({ role, shopId: '*' }));
  return { issuer: 'gateway', subject, roles, requestId: 'r-1' };
}

/** The rooms of rules over a real database, without brokers. */
export class RulesHouse {
  readonly database: Database;
  readonly shops: ShopService;
  readonly plans: PlanService;
  readonly approvals: ApprovalController;
  /** Whether the broker acknowledges in time. */
  isAcknowledged = true;
  /** What payout says a shop's limits are; null: it does not answer. */
  limits: SecondPersonLimits | null = { payoutRatioMaxPpm: ppm(250_000n), manualMaxMinor: null };

  private constructor(
    private readonly scratch: ScratchDatabase,
    readonly clock: VirtualClock,
  ) {
    const { database } = scratch;
    this.database = database;
    const { privateKey } = generateKeyPairSync('ed25519');
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const signer = new MessageSigner({ keyId: 'k-1', privateKeyPem });
    const units = new Units({ database, service: 'rules', signer, clock });
    const acknowledgement = { arrived: () => Promise.resolve(this.isAcknowledged) };
    const risk = {
      of: () =>
        this.limits === null
          ? Promise.reject(new ServiceUnavailable('payout', new Error('it is down')))
          : Promise.resolve(this.limits),
    };
    const env = { count: () => 3 };
    this.shops = new ShopService(database, units, acknowledgement);
    this.plans = new PlanService(database, units, acknowledgement, risk, env);
    this.approvals = new ApprovalController(database, units, clock, this.shops, acknowledgement);
  }

  static async build(): Promise<RulesHouse> {
    const scratch = await scratchDatabase({
      migrations: migrationsOf(rulesService),
      schema: 'rules',
    });
    return new RulesHouse(scratch, new VirtualClock(start));
  }

  drop(): Promise<void> {
    return this.scratch.drop();
  }

  /** Makes or changes a shop. */
  put(shopId: string, more: Partial<ShopChange> = {}): ReturnType<ShopService['put']> {
    const nothing = {
      timezone: undefined,
      noticePeriodDays: undefined,
      transferMaxMinor: undefined,
      withholding: undefined,
    };
    return this.shops.put({ shopId, name: 'Shop', ...nothing, ...more }, userCalled('admin'));
  }

  publish(
    shopId: string,
    plan: unknown,
    { effectiveFrom = null, by = 'admin' }: { effectiveFrom?: Date | null; by?: string } = {},
  ): Promise<Publication> {
    return this.plans.publish({ shopId, plan, effectiveFrom, caller: userCalled(by) });
  }

  /** The data of what was said of a shop, in order. */
  async said(topic: string, shopId: string): Promise<Record<string, unknown>[]> {
    const rows = await this.database.query<{ data: Record<string, unknown> }>(
      `SELECT value_text::json -> 'data' AS data FROM outbox
       WHERE topic = $1 AND value_text::json -> 'data' ->> 'shopId' = $2
       ORDER BY id`,
      [topic, shopId],
    );
    return rows.map(({ data }) => data);
  }
}

export function versionOf(publication: Publication): PlanVersionRow {
  if (publication.kind !== 'published') throw new Error(`it was ${publication.kind}`);
  return publication.version;
}
