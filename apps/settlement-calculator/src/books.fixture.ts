import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { VirtualClock } from '@qingfen/clock';
import { buildEvent, type EventData, type Topic } from '@qingfen/contracts';
import { scratchDatabase, type Database, type ScratchDatabase } from '@qingfen/database';
import { migrationsOf } from '@qingfen/hosting';
import { Intake, Units, type Batch, type RawMessage } from '@qingfen/messaging';
import { BlindIndex, MessageSigner, MessageVerifier } from '@qingfen/security';
import { createLogger, Metrics, WorkCounter } from '@qingfen/telemetry';
import { Accounts } from './account.store.js';
import { AccrualService } from './accrual.service.js';
import { ClosingService } from './closing.service.js';
import { CopiesService } from './copies.service.js';
import { CorrectionService } from './correction.service.js';
import { EntryBook } from './entry-book.js';
import { groups } from './groups.js';
import { HoldService } from './hold.service.js';
import { settlementCalculatorService } from './index.js';
import { PlanShelf } from './plan-shelf.js';
import { RebindingService } from './rebinding.service.js';
import { RateFactService } from './rate-fact.service.js';
import { ResultService } from './result.service.js';
import { RolloutService } from './rollout.service.js';
import { RoyaltyService } from './royalty.service.js';
import { RunService } from './run.service.js';
import { unfinishedRuns } from './run.store.js';
import { TeamService } from './team.service.js';
import { planDueRuns } from './schedule.store.js';

const heardTopics = settlementCalculatorService.groups.flatMap(({ topics }) => topics);

type UpstreamTopic =
  | 'order-completed'
  | 'order-refunded'
  | 'order-refund-reversed'
  | 'order-disputed'
  | 'order-dispute-resolved';

/** What the calculator hears. */
export type HeardTopic =
  | UpstreamTopic
  | 'settlement-plan-published'
  | 'shop-upserted'
  | 'payee-upserted'
  | 'return-window-closed'
  | 'payout-result';

/** The topic of a message, which is one that the calculator hears. @throws TypeError */
export function heardTopicOf(name: string): HeardTopic {
  if (isHeard(name)) return name;
  throw new TypeError(`${name} is not heard here`);
}

function isHeard(name: string): name is HeardTopic {
  return heardTopics.some((heard) => heard === name);
}

/** A database of its own for the calculator, empty. */
export function scratchBooks(): Promise<ScratchDatabase> {
  return scratchDatabase({
    migrations: migrationsOf(settlementCalculatorService),
    schema: 'settlement_calculator',
    poolMax: 24,
  });
}

/** The rooms of the calculator over a real database of their own, without brokers. */
export class Books {
  private readonly offsets = new Map<string, bigint>();

  private constructor(
    private readonly scratch: ScratchDatabase,
    readonly database: Database,
    readonly clock: VirtualClock,
    readonly units: Units,
    readonly intake: Intake,
    readonly accrual: AccrualService,
    readonly corrections: CorrectionService,
    readonly holds: HoldService,
    readonly copies: CopiesService,
    readonly runs: RunService,
    readonly results: ResultService,
    readonly book: EntryBook,
    readonly rebinding: RebindingService,
    readonly plans: PlanShelf,
    readonly rollouts: RolloutService,
    readonly closing: ClosingService,
  ) {}

  static async open(start: Date): Promise<Books> {
    return Books.over(await scratchBooks(), new VirtualClock(start));
  }

  /** Rooms of their own over books that are there: what a process has that has just started. */
  static over(
    scratch: ScratchDatabase,
    clock: VirtualClock,
    { database = scratch.database, verifier = new MessageVerifier({}) } = {},
  ): Books {
    const logger = createLogger({ service: 'settlement-calculator', level: 'error' });
    const { privateKey } = generateKeyPairSync('ed25519');
    const signer = new MessageSigner({
      keyId: 'all-1',
      privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    });
    const service = 'settlement-calculator';
    const common = { database, service, signer, clock } as const;
    const intake = new Intake({
      ...common,
      logger,
      metrics: new Metrics(),
      work: new WorkCounter(),
      verifier,
    });
    const plans = new PlanShelf();
    const book = new EntryBook(new Accounts());
    const facts = new RateFactService(plans);
    const rollouts = new RolloutService({ environment: 'local-sandbox' });
    const corrections = new CorrectionService(plans, book, facts);
    return new Books(
      scratch,
      database,
      clock,
      new Units(common),
      intake,
      new AccrualService(plans, corrections, book, facts),
      corrections,
      new HoldService(),
      new CopiesService(plans, new BlindIndex(Buffer.alloc(32, 7).toString('base64')), facts),
      new RunService(plans, new TeamService(plans, book), book, rollouts, royalty(plans), logger),
      new ResultService(book, logger),
      book,
      new RebindingService(plans, book, facts),
      plans,
      rollouts,
      new ClosingService(book),
    );
  }

  close(): Promise<void> {
    return this.scratch.drop();
  }

  /** Order events as they come from upstream: whatever the batch of a partition holds, in one call. */
  async heard<T extends UpstreamTopic>(
    topic: T,
    facts: readonly EventData[T][],
    partition = 0,
  ): Promise<void> {
    const messages = facts.map((data) => this.message(topic, data, partition));
    const heartbeat = (): Promise<void> => Promise.resolve();
    const batch: Batch = { group: groups.orders, topic, partition, messages, heartbeat };
    await this.take(batch);
  }

  completed(orders: readonly EventData['order-completed'][]): Promise<void> {
    return this.heard('order-completed', orders);
  }

  /** A batch as the consumer of its topic takes it. */
  async take(batch: Batch): Promise<void> {
    await this.consumers[heardTopicOf(batch.topic)](batch);
  }

  private get consumers(): Readonly<Record<HeardTopic, (batch: Batch) => Promise<void>>> {
    const { intake, accrual, corrections, holds, copies, results } = this;
    return {
      'order-completed': (batch) =>
        intake.take<'order-completed'>(batch, (unit, events) => accrual.complete(unit, events)),
      'order-refunded': (batch) =>
        intake.take<'order-refunded'>(batch, (unit, events) => corrections.refund(unit, events)),
      'order-refund-reversed': (batch) =>
        intake.take<'order-refund-reversed'>(batch, (unit, events) =>
          corrections.reverse(unit, events),
        ),
      'order-disputed': (batch) =>
        intake.take<'order-disputed'>(batch, (unit, events) => holds.open(unit, events)),
      'order-dispute-resolved': (batch) =>
        intake.take<'order-dispute-resolved'>(batch, (unit, events) => holds.resolve(unit, events)),
      'settlement-plan-published': (batch) =>
        intake.take<'settlement-plan-published'>(batch, (unit, events) =>
          copies.keepPlans(unit, events),
        ),
      'shop-upserted': (batch) =>
        intake.take<'shop-upserted'>(batch, (unit, events) => copies.keepShops(unit, events)),
      'payee-upserted': (batch) =>
        intake.take<'payee-upserted'>(batch, (unit, events) => copies.keepPayees(unit, events)),
      'return-window-closed': (batch) =>
        intake.take<'return-window-closed'>(batch, (unit, events) =>
          copies.keepEvidence(unit, events),
        ),
      'payout-result': (batch) =>
        intake.take<'payout-result'>(batch, (unit, events) => results.note(unit, events)),
    };
  }

  /** A copy that another service's event would leave; judged as if it had been signed. */
  async told<T extends Topic>(
    data: readonly EventData[T][],
    topic: T,
    keep: (unit: Parameters<Parameters<Units['run']>[0]>[0], events: never) => Promise<void>,
  ): Promise<void> {
    const events = data.map((one, index) => ({
      topic,
      partition: 0,
      offset: BigInt(index),
      event: {
        specversion: '1.0',
        id: randomUUID(),
        source: 's',
        type: topic,
        data: one,
        time: this.clock.now().toISOString(),
      },
      data: one,
      correlationId: 'spec',
      signedBy: null,
      raw: this.message(topic, one),
    }));
    await this.units.run((unit) => keep(unit, events as never));
  }

  /** Plans and executes everything due up to the clock's now; answers how many runs it finished. */
  runDue(): Promise<number> {
    return this.executeDue(this.runs, this.plans);
  }

  /** As so many processes do it at once, each with rooms and connections of its own. */
  async runDueBy(replicas: number): Promise<void> {
    const logger = createLogger({ service: 'settlement-calculator', level: 'error' });
    const executing = Array.from({ length: replicas }, () => {
      const plans = new PlanShelf();
      const book = new EntryBook(new Accounts());
      return this.executeDue(
        new RunService(
          plans,
          new TeamService(plans, book),
          book,
          this.rollouts,
          royalty(plans),
          logger,
        ),
        plans,
      );
    });
    await Promise.all(executing);
  }

  /** Notes the runs that are due up to the clock's now, and executes none. */
  async planDue(plans = this.plans): Promise<void> {
    const until = this.clock.now();
    while ((await this.units.run((unit) => planDueRuns(unit.tx, plans, until, '{}'))) > 0);
  }

  private async executeDue(runs: RunService, plans: PlanShelf): Promise<number> {
    await this.planDue(plans);
    while (await this.units.run((unit) => this.closing.chunk(unit)));
    let finished = 0;
    for (;;) {
      const [run] = await unfinishedRuns(this.database, 1);
      if (run === undefined) return finished;
      // Where another process is at it, the chunk says so and the next look finds what is left.
      await this.units.run((unit) => runs.begin(unit, run, false));
      while ((await this.units.run((unit) => runs.chunk(unit, run))) === 'stated');
      finished += 1;
    }
  }

  private message<T extends Topic>(topic: T, data: EventData[T], partition = 0): RawMessage {
    const place = `${topic}/${partition}`;
    const offset = this.offsets.get(place) ?? 0n;
    this.offsets.set(place, offset + 1n);
    const event = buildEvent(topic, data, {
      id: randomUUID(),
      source: '/spec',
      time: this.clock.now().toISOString(),
    });
    return {
      topic,
      partition,
      offset,
      key: null,
      value: Buffer.from(JSON.stringify(event)),
      headers: {},
      timestamp: this.clock.now(),
    };
  }
}

/** Splits as nobody has asked Alipay about them: the usual cap holds. */
export function royalty(plans: PlanShelf): RoyaltyService {
  const client = { request: () => Promise.reject(new Error('no other service is there')) };
  const env = { count: (_: string, otherwise: number) => otherwise };
  const logger = createLogger({ service: 'settlement-calculator', level: 'fatal' });
  return new RoyaltyService(plans, client, env, logger);
}
