import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { AdminLink } from './admin-link.js';
import { Assignment } from './assignment.js';
import { Backoff, pause } from './backoff.js';
import { BatchRunner } from './batch-runner.js';
import type { ConsumerOptions, Deliver, GroupDefinition } from './consumer-options.js';
import { isRetriableKafkaError, messageOfError } from './kafka-errors.js';
import { Positions } from './positions.js';
import { StateLog } from './state-log.js';
import { Watchdog } from './watchdog.js';

const fatalAfter = 5;
const leaveMs = 10_000;
const lastHintMs = 1_000;

/** What a group's consumer is made from. */
export interface GroupConsumerParts {
  readonly kafka: Kafka;
  readonly admin: AdminLink;
  readonly group: GroupDefinition;
  readonly options: ConsumerOptions;
  readonly deliver: Deliver;
}

/**
 * One consumer group's member, kept alive: whatever ends the client's consumer (a broker gone, a
 * crash, silence), a new one takes its place, with bounded pauses. Errors that trying again cannot
 * mend are fatal after five in a row.
 */
export class GroupConsumer {
  private readonly closing = new AbortController();
  private readonly log: StateLog;
  private readonly positions: Positions;
  private assignment: Assignment | null = null;
  private consumer: Consumer | null = null;
  private running: Promise<void> = Promise.resolve();
  private failures = 0;

  constructor(private readonly parts: GroupConsumerParts) {
    const { group, options } = parts;
    this.log = new StateLog(options.logger, { group: group.name });
    this.positions = new Positions(group.name, options);
  }

  /** Whether it has joined its group and knows where it stands in every partition it was given. */
  get isReady(): boolean {
    return this.assignment !== null && !this.assignment.isLost && this.assignment.isPositioned;
  }

  start(): void {
    this.running = this.supervise();
  }

  /** Finishes what is under way, leaves the group. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async supervise(): Promise<void> {
    const backoff = new Backoff(200, 5000);
    while (!this.closing.signal.aborted) {
      const startedAt = performance.now();
      try {
        await this.live();
      } catch (error) {
        const lived = performance.now() - startedAt;
        if (lived > 30_000) backoff.reset();
        this.judgeEnd(error, lived);
      }
      await pause(backoff.next(), this.closing.signal);
    }
  }

  private judgeEnd(error: unknown, livedMs: number): void {
    this.log.failed(`the consumer ended and starts anew: ${messageOfError(error)}`, error);
    this.failures = isRetriableKafkaError(error) || livedMs > 60_000 ? 0 : this.failures + 1;
    if (this.failures < fatalAfter) return;
    const reason = `consumer ${this.parts.group.name}: ${messageOfError(error)}`;
    this.parts.options.onFatal(new Error(reason, { cause: error }));
    this.failures = 0;
  }

  /** One client consumer from its start to its end; throws why it ended. */
  private async live(): Promise<void> {
    const { group, options } = this.parts;
    const ended = new AbortController();
    const end = (reason: unknown): void => ended.abort(reason);
    const signal = AbortSignal.any([ended.signal, this.closing.signal]);
    const watchdog = new Watchdog({
      group: group.name,
      options,
      admin: this.parts.admin,
      current: () => this.assignment,
      end,
    });
    const consumer = this.makeConsumer();
    this.consumer = consumer;
    const runner = this.runnerFor(consumer, watchdog, signal);
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    try {
      this.listen(consumer, { watchdog, end, signal });
      watchdog.start();
      await Promise.race([this.begin(consumer, runner), over]);
      await over;
      if (ended.signal.aborted) throw ended.signal.reason;
    } finally {
      ended.abort();
      watchdog.stop();
      await within(lastHintMs, runner.flush());
      this.assignment = null;
      this.consumer = null;
      await this.leave(consumer);
    }
  }

  private makeConsumer(): Consumer {
    const { kafka, group, options } = this.parts;
    return kafka.consumer({
      groupId: group.name,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatIntervalMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      maxWaitTimeInMs: options.maxWaitTimeInMs ?? 100,
      maxBytesPerPartition: options.maxBytesPerPartition ?? 1024 * 1024,
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1000,
        retries: 5,
        // The client's own restart loses track of itself (kafkajs #1721); this class starts anew.
        restartOnFailure: () => Promise.resolve(false),
      },
    });
  }

  private runnerFor(consumer: Consumer, watchdog: Watchdog, signal: AbortSignal): BatchRunner {
    const { group, options, deliver } = this.parts;
    return new BatchRunner(
      {
        group: group.name,
        ending: signal,
        current: () => (this.consumer === consumer ? this.assignment : null),
        progress: () => watchdog.progress(),
        reposition: (assignment) => this.reassign(consumer, assignment, signal),
      },
      options,
      deliver,
    );
  }

  private async begin(consumer: Consumer, runner: BatchRunner): Promise<void> {
    const { group, options } = this.parts;
    await consumer.connect();
    await consumer.subscribe({ topics: [...group.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.concurrency ?? 2,
      eachBatch: (payload: EachBatchPayload) => runner.run(payload),
    });
  }

  private listen(
    consumer: Consumer,
    to: { watchdog: Watchdog; end: (reason: unknown) => void; signal: AbortSignal },
  ): void {
    const { CRASH, FETCH, GROUP_JOIN, HEARTBEAT } = consumer.events;
    consumer.on(CRASH, ({ payload }) => to.end(payload.error));
    consumer.on(FETCH, () => to.watchdog.alive());
    consumer.on(HEARTBEAT, () => to.watchdog.alive());
    consumer.on(GROUP_JOIN, ({ payload }) => {
      to.watchdog.alive();
      if (to.signal.aborted || this.consumer !== consumer) return;
      this.assign(consumer, new Assignment(payload.memberAssignment), to.signal);
    });
  }

  /** The same partitions as before, every one of them looked up anew. */
  private reassign(consumer: Consumer, old: Assignment, signal: AbortSignal): void {
    if (this.assignment !== old) return;
    const partitions: Record<string, number[]> = {};
    for (const { topic, partition } of old.all) (partitions[topic] ??= []).push(partition);
    this.assign(consumer, new Assignment(partitions), signal);
  }

  /**
   * Called while the client has not fetched anything yet: pausing now, before the first `await`,
   * keeps it from reading at Kafka's offsets until the stored ones are known.
   */
  private assign(consumer: Consumer, assignment: Assignment, signal: AbortSignal): void {
    this.assignment = assignment;
    const partitions = assignment.all;
    consumer.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
    void this.position(consumer, assignment, signal);
  }

  private async position(
    consumer: Consumer,
    assignment: Assignment,
    signal: AbortSignal,
  ): Promise<void> {
    const backoff = new Backoff(100, 2000);
    const holds = (): boolean => !signal.aborted && this.assignment === assignment;
    while (holds()) {
      try {
        const positions = await this.parts.admin.use((admin) => {
          return this.positions.find(admin, assignment.all);
        });
        if (!holds()) return;
        for (const { topic, partition, stored, seek } of positions) {
          const state = assignment.of(topic, partition);
          if (state === undefined) continue;
          consumer.seek({ topic, partition, offset: String(seek) });
          state.delivered = stored;
          consumer.resume([{ topic, partitions: [partition] }]);
        }
        this.log.well('the consumer has joined again');
        return;
      } catch (error) {
        this.log.failed(`offsets cannot be looked up: ${messageOfError(error)}`, error);
        await pause(backoff.next(), signal);
      }
    }
  }

  private async leave(consumer: Consumer): Promise<void> {
    await within(
      leaveMs,
      consumer.disconnect().catch(() => undefined),
    );
  }
}

/** Waits for work that never throws, but not for ever. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, pause(ms, timer.signal)]);
  timer.abort();
}
