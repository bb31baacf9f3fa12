import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { VirtualClock } from '@qingfen/clock';
import {
  buildEvent,
  headerNames,
  type EventData,
  type Payout,
  type Topic,
} from '@qingfen/contracts';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import { Intake, Units, type RawMessage } from '@qingfen/messaging';
import {
  BlindIndex,
  FieldCipher,
  makeSecrets,
  MessageSigner,
  MessageVerifier,
  type Caller,
  type ServiceName,
} from '@qingfen/security';
import { createLogger, Metrics, WorkCounter } from '@qingfen/telemetry';
import { makeMerchant } from './alipay-merchant.js';
import { BatchDesk } from './batch.desk.js';
import { BatchStore } from './batch.store.js';
import { CredentialController } from './credential.controller.js';
import { CredentialStore } from './credential.store.js';
import { EmergencyStopController } from './emergency-stop.controller.js';
import { payoutMigrations } from './migrations/index.js';
import { Merchants } from './merchants.js';
import { NotificationController } from './notification.controller.js';
import { OtherServices } from './other-services.fixture.js';
import { NotificationDesk } from './notification.desk.js';
import { PayeeService } from './payee.service.js';
import { PayeeStore } from './payee.store.js';
import { PayoutIntake } from './payout-intake.js';
import { PayoutController } from './payout.controller.js';
import { PayoutService } from './payout.service.js';
import { loadPayouts, loadTransitions, type PayoutKey } from './payout.store.js';
import { PayoutWorker } from './payout.worker.js';
import { RiskBook } from './risk-book.js';
import { SandboxSide, startSandbox, until } from './sandbox.fixture.js';
import { RequestStore } from './send.store.js';
import { Wake } from './wake.js';

/** Real milliseconds after which an answer of Alipay is not waited for. */
const usualTimeoutMs = 1_000;
const deadlineMs = 20_000;
const minuteMs = 60_000;
const secrets = makeSecrets('spec-password');

/** A user with every role. */
export function userCalled(subject: string): Caller {
  const roles = (['operator', 'approver', 'admin'] as const).map((role) => {
    return { role, shopId: '*' };
  });
  return { issuer: 'gateway', subject, roles, requestId: 'r-1' };
}

/** What one test has for itself. */
export interface Scene {
  readonly shopId: string;
  readonly appId: string;
  /** Of the payee d-1. */
  readonly identity: string;
  readonly key: (name?: string) => PayoutKey;
}

/** The rooms of payout over a real database and the real sandbox, without brokers. */
export class PayoutHouse {
  readonly database: Database;
  readonly clock = new VirtualClock(new Date('2026-01-05T02:00:00+08:00'));
  readonly units: Units;
  readonly wake = new Wake();
  readonly cipher = new FieldCipher(secrets.fieldKeys);
  readonly payees: PayeeService;
  readonly payouts: PayoutService;
  readonly credentials: CredentialController;
  readonly stops: EmergencyStopController;
  readonly notifications: NotificationController;
  readonly batches: BatchDesk;
  readonly workers: PayoutWorker[] = [];
  readonly others = new OtherServices();
  /** Whether a turn comes for calls that no sender planned, the next one last; then always. */
  readonly turns: boolean[] = [];
  private readonly intake: Intake;
  private readonly room = new PayoutIntake();
  private readonly merchants: Merchants;
  private readonly store: PayeeStore;
  private readonly requests: RequestStore;
  private offset = 0n;
  private scenes = 0;

  private constructor(
    private readonly scratch: ScratchDatabase,
    readonly sandbox: SandboxSide,
    readonly sandboxUrl: string,
    private readonly child: ChildProcess,
    private readonly timeoutMs: number,
  ) {
    const { database } = scratch;
    this.database = database;
    const service = 'payout';
    const { units: signer, verifier } = signing();
    const logger = createLogger({ service, level: 'fatal' });
    const common = { database, service, signer, clock: this.clock } as const;
    this.units = new Units(common);
    this.intake = new Intake({
      ...common,
      logger,
      metrics: new Metrics(),
      work: new WorkCounter(),
      verifier,
    });
    this.store = new PayeeStore(this.cipher, new BlindIndex(secrets.blindIndexKey));
    this.requests = new RequestStore(this.cipher);
    const keys = new CredentialStore(this.cipher);
    const gateway = `${sandboxUrl}/gateway.do`;
    const turnComes = (): Promise<boolean> => Promise.resolve(this.turns.pop() ?? true);
    const place = { gateway, timeoutMs, turnComes };
    this.merchants = new Merchants(database, keys, (given) => makeMerchant(given, place));
    this.payees = new PayeeService(this.units, this.store);
    this.payouts = new PayoutService(
      database,
      this.units,
      this.merchants,
      this.others,
      this.wake,
      this.store,
      { count: (_, standard) => standard },
    );
    this.credentials = new CredentialController(
      { alipayGateway: place.gateway, alipayTimeoutMs: timeoutMs },
      database,
      this.units,
      keys,
      this.merchants,
      this.wake,
    );
    this.batches = new BatchDesk(database, this.units, this.merchants, this.wake, logger);
    this.stops = new EmergencyStopController(database, this.units, this.wake);
    const desk = new NotificationDesk(this.units, this.cipher, this.wake);
    this.notifications = new NotificationController(this.merchants, desk, logger);
  }

  static async open({ timeoutMs = usualTimeoutMs } = {}): Promise<PayoutHouse> {
    const migrations = migrationsOf({ migrations: payoutMigrations });
    const scratch = await scratchDatabase({ migrations, schema: 'payout', poolMax: 12 });
    const { child, sandboxUrl } = await startSandbox();
    return new PayoutHouse(scratch, new SandboxSide(sandboxUrl), sandboxUrl, child, timeoutMs);
  }

  async close(): Promise<void> {
    for (const worker of this.workers) await worker.beforeApplicationShutdown();
    this.child.kill('SIGTERM');
    await this.scratch.drop();
  }

  /** Ends the sandbox: nothing listens at the gateway's address any more. */
  async stopSandbox(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }

  /** One more sender, as another replica would be one. */
  async startWorker(
    concurrency = 16,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<PayoutWorker> {
    const worker = new PayoutWorker(
      {
        alipayGateway: `${this.sandboxUrl}/gateway.do`,
        alipayTimeoutMs: this.timeoutMs,
        environment: 'local-sandbox',
        count: (name, otherwise) =>
          name === 'PAYOUT_CONCURRENCY' ? concurrency : Number(settings[name] ?? otherwise),
        setting: (name, otherwise) => settings[name] ?? otherwise,
      },
      this.database,
      this.units,
      this.clock,
      new WorkCounter(),
      this.wake,
      this.store,
      this.requests,
      new BatchStore(this.cipher),
      this.merchants,
      new RiskBook({ environment: 'local-sandbox' }),
      this.others,
      new Metrics(),
      createLogger({ service: 'payout', level: 'fatal' }),
    );
    this.workers.push(worker);
    await worker.onApplicationBootstrap();
    return worker;
  }

  /** A shop of its own for each test, with one payee and names for instructions to pay them. */
  async scene(balance?: string, batchDirect = false): Promise<Scene> {
    this.scenes += 1;
    const shopId = `shop-${this.scenes}`;
    const appId = await this.shop(shopId, balance, batchDirect);
    const identity = await this.payee(shopId, 'd-1');
    return { shopId, appId, identity, key: (name = 'a') => ({ shopId, payoutId: `po_${name}` }) };
  }

  /** A shop with a merchant of its own and money on its account. */
  async shop(shopId: string, balance = '100000.00', batchDirect = false): Promise<string> {
    const appId = `app-${shopId}`;
    const { alipay } = await this.sandbox.putMerchant(appId, { balance, batchDirect });
    await this.credentials.put(shopId, { ...alipay, batchDirect }, userCalled('admin'));
    return appId;
  }

  /** A payee whose account is normal. */
  async payee(shopId: string, payeeId: string, name = '张三', by = 'admin'): Promise<string> {
    const identity = `${payeeId}.${shopId}@example.com`;
    await this.sandbox.putAccount(identity, { name });
    const alipay = { identityType: 'ALIPAY_LOGON_ID' as const, identity, name };
    const body = { name: payeeId, roles: ['distributor' as const], alipay };
    await this.payees.put({ shopId, payeeId }, body, userCalled(by));
    return identity;
  }

  /** An instruction to pay, as settlement-calculator writes one. */
  instruction(
    key: PayoutKey,
    change: Partial<EventData['payout-requested']> = {},
  ): EventData['payout-requested'] {
    return {
      ...key,
      statementId: `st_${key.payoutId}`,
      part: 1,
      parts: 1,
      payeeId: 'd-1',
      kind: 'commission',
      amount: '12.30',
      currency: 'CNY',
      payVia: 'transfer',
      requestedAt: this.clock.now().toISOString(),
      remark: '佣金',
      ...change,
    };
  }

  /** Messages of one topic, signed by a service (or by nobody), through the real intake. */
  async told<T extends 'payout-requested' | 'payee-upserted' | 'shop-upserted' | 'order-refunded'>(
    topic: T,
    facts: readonly EventData[T][],
    by: ServiceName | null,
    ids: readonly string[] = facts.map(() => randomUUID()),
  ): Promise<void> {
    const messages = facts.map((data, index) => this.message(topic, data, by, ids[index] ?? ''));
    const heartbeat = (): Promise<void> => Promise.resolve();
    const batch = { group: 'qf-payout-main', topic, partition: 0, messages, heartbeat };
    if (topic === 'payout-requested') {
      await this.intake.take<'payout-requested'>(batch, (unit, events) =>
        this.room.take(unit, events),
      );
    } else if (topic === 'order-refunded') {
      await this.intake.take<'order-refunded'>(batch, (unit, events) =>
        this.room.hearRefunds(unit, events),
      );
    } else if (topic === 'payee-upserted') {
      await this.intake.take<'payee-upserted'>(batch, (unit, events) =>
        this.payees.applyTold(unit, events),
      );
    } else {
      await this.intake.take<'shop-upserted'>(batch, (unit, events) =>
        this.room.takeShops(unit, events),
      );
    }
    this.wake.now();
  }

  async request(...facts: EventData['payout-requested'][]): Promise<void> {
    await this.told('payout-requested', facts, 'settlement-calculator');
  }

  /** `state` or `state:reason`. */
  async stateOf(key: PayoutKey): Promise<string> {
    const [held] = await loadPayouts(this.database, [key]);
    if (held === undefined) return 'none';
    const { state, reason } = held.payout;
    return state === 'waiting' ? `${state}:${reason ?? ''}` : state;
  }

  async reaches(key: PayoutKey, state: string): Promise<void> {
    await until(`${key.payoutId} is ${state}`, () => this.stateOf(key), {
      deadlineMs,
      holds: (seen) => seen === state,
    });
  }

  /** A payout as admins see it. */
  shown({ shopId, payoutId }: PayoutKey): Promise<Payout> {
    const { database, payouts, store, batches } = this;
    return new PayoutController(database, payouts, store, batches).read(shopId, payoutId);
  }

  /** Who may not approve a payout, as it is shown. */
  async shownMakers(key: PayoutKey): Promise<string[]> {
    return (await this.shown(key)).makers;
  }

  /** The moves of a payout, as `from → to`. */
  async movesOf(key: PayoutKey): Promise<string[]> {
    const rows = await loadTransitions(this.database, [key]);
    return rows.map(({ from, to }) => `${from} → ${to}`);
  }

  later(minutes: number): Date {
    return new Date(this.clock.now().getTime() + minutes * minuteMs);
  }

  /** A stop of the virtual clock. */
  move(at: Date): void {
    this.clock.take(at);
    this.clock.begin();
  }

  /** What was said on a topic and not relayed yet (nothing is, here), oldest first. */
  async saidOn(topic: Topic): Promise<Record<string, unknown>[]> {
    const rows = await this.database.query<{ value: string }>(
      `SELECT coalesce(value_text, convert_from(value, 'UTF8')) AS value
       FROM outbox WHERE topic = $1 ORDER BY id`,
      [topic],
    );
    return rows.map(({ value }) => JSON.parse(value).data);
  }

  /** Runs SQL past the rooms, as an insider or a crash would. */
  async sql<T>(text: string, params: readonly unknown[] = []): Promise<T[]> {
    return this.database.query<T>(text, params);
  }

  private message<T extends Topic>(
    topic: T,
    data: EventData[T],
    by: ServiceName | null,
    id: string,
  ): RawMessage {
    const time = this.clock.now().toISOString();
    const value = Buffer.from(
      JSON.stringify(buildEvent(topic, data, { id, source: '/spec', time })),
    );
    const key = Buffer.from('key');
    const headers: Record<string, string> = {};
    if (by !== null) {
      const signer = new MessageSigner(secrets.services[by].signingKey);
      headers[headerNames.signature] = signer.sign({ topic, key, value });
    }
    this.offset += 1n;
    const timestamp = this.clock.now();
    return { topic, partition: 0, offset: this.offset, key, value, headers, timestamp };
  }
}

function signing(): { units: MessageSigner; verifier: MessageVerifier } {
  const known = Object.entries(secrets.services).map(([name, { signingKey }]) => [
    signingKey.keyId,
    { service: name as ServiceName, publicKeyPem: signingKey.publicKeyPem },
  ]);
  return {
    units: new MessageSigner(secrets.services.payout.signingKey),
    verifier: new MessageVerifier(Object.fromEntries(known)),
  };
}
