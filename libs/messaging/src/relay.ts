import type { Client } from 'pg';
import type { Database } from '@qingfen/database';
import type { Logger, Metrics } from '@qingfen/telemetry';
import { Backoff, pause } from './backoff.js';
import { shardCount } from './identity.js';
import { messageOfError } from './kafka-errors.js';
import { wakeChannel } from './outbox.js';
import { RelayLane } from './relay-lane.js';
import { RelayProducer } from './relay-producer.js';
import { StateLog } from './state-log.js';

/** What a relay is made from. */
export interface RelayOptions {
  readonly database: Database;
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How often it looks without having been woken (200 ms); a fifth as often while commits are heard. */
  readonly pollMs?: number;
  /** Shards drained at the same time, each on a connection of the pool (2). */
  readonly lanes?: number;
}

const countEveryMs = 5000;
const heardPollFactor = 5;

/** Not everything was acknowledged in time. */
export class RelayBehind extends Error {
  override readonly name = 'RelayBehind';
}

/**
 * Brings the outbox to Kafka: at least once, each key in its order, and nothing that was not
 * committed. Any number of relays may run on one outbox. A broker that is away is waited for.
 */
export class Relay {
  private readonly lanes: readonly RelayLane[];
  private readonly producer: RelayProducer;
  private readonly log: StateLog;
  private readonly pendingGauge;
  private readonly sentCounter;
  private sent = 0;
  private countedAt = Number.NEGATIVE_INFINITY;
  private readonly waiters = new Set<() => void>();
  private stopping = new AbortController();
  private wakeUp = new AbortController();
  /** Whether PostgreSQL tells of commits; without it the poll is all there is. */
  private isHearing = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RelayOptions) {
    const { logger, lanes = 2, database } = options;
    this.producer = new RelayProducer(options);
    this.log = new StateLog(logger, { part: 'outbox' });
    this.lanes = Array.from({ length: lanes }, (_, lane) => {
      const all = Array.from({ length: shardCount }, (__, shard) => shard);
      const shards = all.filter((shard) => shard % lanes === lane);
      const laneLog = new StateLog(logger, { part: 'relay', lane });
      return new RelayLane({ database, producer: this.producer, shards, log: laneLog });
    });
    const { metrics } = options;
    const help = 'Messages committed and not yet on Kafka, counted up to 100,000';
    this.pendingGauge = metrics.gauge('outbox_pending', help);
    this.sentCounter = metrics.counter('outbox_sent_total', 'Messages acknowledged by Kafka');
  }

  start(): void {
    this.stopping = new AbortController();
    this.running = Promise.all([this.poll(), this.listen()]);
  }

  /** Ends after the send that is under way; what is left stays in the outbox. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
    await this.producer.close();
  }

  /** Looks at once; called after a commit of this process. */
  wake(): void {
    this.wakeUp.abort();
  }

  /** Messages committed and not yet acknowledged, at most 100,000. */
  async pending(): Promise<number> {
    const [row] = await this.options.database.query<{ pending: bigint }>(
      'SELECT count(*) AS pending FROM (SELECT 1 FROM outbox LIMIT 100000) AS first',
    );
    return Number(row?.pending ?? 0n);
  }

  /**
   * Resolves when everything that was committed to the outbox before the call is acknowledged by
   * the broker.
   * @throws RelayBehind when that takes longer than `timeoutMs` (without one it waits on)
   */
  async flushed(timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    const until = performance.now() + timeoutMs;
    const [bound] = await this.options.database.query<{ last: bigint | null }>(
      'SELECT max(id) AS last FROM outbox',
    );
    const last = bound?.last ?? null;
    if (last === null) return;
    for (;;) {
      this.wake();
      await this.sentSomething(Math.min(50, until - performance.now()));
      const left = await this.options.database.query(
        'SELECT 1 FROM outbox WHERE id <= $1 LIMIT 1',
        [last],
      );
      if (left.length === 0) return;
      if (performance.now() >= until) throw new RelayBehind('the outbox is not empty yet');
    }
  }

  private async sentSomething(mostMs: number): Promise<void> {
    const done = new AbortController();
    const notice = (): void => done.abort();
    this.waiters.add(notice);
    await pause(Math.max(0, mostMs), done.signal);
    this.waiters.delete(notice);
  }

  private async poll(): Promise<void> {
    const backoff = new Backoff(200, 2000);
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.wakeUp = new AbortController();
      const { signal: woken } = this.wakeUp;
      try {
        const found = await this.drain();
        await this.count();
        if (found === 'failed') await pause(backoff.next(), signal);
        else backoff.reset();
        if (found === 'nothing' || found === 'elsewhere') {
          await pause(this.restMs(found), AbortSignal.any([signal, woken]));
        }
        this.log.well('the outbox can be read again');
      } catch (error) {
        this.log.failed(`the outbox cannot be read: ${messageOfError(error)}`, error);
        await pause(backoff.next(), signal);
      }
    }
  }

  private restMs(found: 'nothing' | 'elsewhere'): number {
    const pollMs = this.options.pollMs ?? 200;
    return found === 'nothing' && this.isHearing ? pollMs * heardPollFactor : pollMs;
  }

  private async count(): Promise<void> {
    if (performance.now() - this.countedAt < countEveryMs) return;
    this.countedAt = performance.now();
    this.pendingGauge.set(await this.pending());
  }

  /** One cheap question, and where there is something, all lanes. */
  private async drain(): Promise<'nothing' | 'elsewhere' | 'sent' | 'failed'> {
    const rows = await this.options.database.query<{ shard: number }>(
      `SELECT s.shard FROM generate_series(0, ${shardCount - 1}) AS s (shard)
        WHERE EXISTS (SELECT 1 FROM outbox WHERE outbox.shard = s.shard)`,
    );
    if (rows.length === 0) return 'nothing';
    const filled = new Set(rows.map(({ shard }) => shard));
    const notify = (sent: number): void => {
      this.sent += sent;
      this.sentCounter.inc(sent);
      for (const waiter of this.waiters) waiter();
    };
    const before = this.sent;
    const { signal } = this.stopping;
    const outcomes = await Promise.all(
      this.lanes.map((lane) => lane.drain(filled, { signal, onSent: notify })),
    );
    if (!outcomes.every((isWell) => isWell)) return 'failed';
    // Filled shards of which nothing could be had are in another relay's hands.
    return this.sent > before ? 'sent' : 'elsewhere';
  }

  /** Hears commits of other processes; without it the poll still finds everything. */
  private async listen(): Promise<void> {
    const backoff = new Backoff(500, 10_000);
    const { signal } = this.stopping;
    while (!signal.aborted) {
      let client: Client | null = null;
      try {
        client = await this.options.database.listener();
        const listening = client;
        const ended = new Promise<void>((resolve) => {
          listening.on('end', () => resolve());
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        listening.on('notification', () => this.wake());
        await listening.query(`LISTEN ${wakeChannel(this.options.database.schema)}`);
        backoff.reset();
        this.isHearing = true;
        // What was committed before this moment was told to nobody.
        this.wake();
        await ended;
      } catch (error) {
        this.options.logger.debug({ err: error }, 'not listening');
      } finally {
        this.isHearing = false;
        await client?.end().catch(() => undefined);
      }
      await pause(backoff.next(), signal);
    }
  }
}
