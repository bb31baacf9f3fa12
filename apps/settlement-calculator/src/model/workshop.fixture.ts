import { randomUUID } from 'node:crypto';
import type { VirtualClock } from '@qingfen/clock';
import {
  buildEvent,
  headerNames,
  mustBeSigned,
  writerOf,
  type EventData,
} from '@qingfen/contracts';
import { CommitCutter, type Database, type ScratchDatabase } from '@qingfen/database';
import type { Batch, RawMessage } from '@qingfen/messaging';
import { makeSigningKey, MessageSigner, MessageVerifier } from '@qingfen/security';
import { Books, heardTopicOf, scratchBooks, type HeardTopic } from '../books.fixture.js';
import { groups } from '../groups.js';
import { Desk } from '../manual.fixture.js';

/** Where the line to the database is cut: at a COMMIT, or at any message, behind so many others. */
export interface Cut {
  readonly at: 'commit' | 'message';
  readonly behind: number;
  /** Whether the server still gets the message at which the line is cut. */
  readonly isHeard: boolean;
}

/** All that a process has in memory: rooms, and what they remember. */
export interface Rooms {
  readonly books: Books;
  readonly desk: Desk;
}

/** Sequences in one database before its tables are emptied. */
const sequencesTogether = 20;

const writers = ['rules', 'order', 'payout'] as const;

/**
 * What the sequences of one process share: a database, the keys of those who write to the calculator,
 * and a second line to the database that can be cut.
 */
export class Workshop {
  private sequences = 0;
  private readonly offsets = new Map<string, bigint>();

  private constructor(
    private readonly scratch: ScratchDatabase,
    private readonly cutter: CommitCutter,
    private readonly shaky: Database,
    private readonly signers: ReadonlyMap<string, MessageSigner>,
    private readonly verifier: MessageVerifier,
  ) {}

  static async open(): Promise<Workshop> {
    const scratch = await scratchBooks();
    const cutter = new CommitCutter(new URL(scratch.url));
    const url = (await cutter.listen()).href;
    const keys = writers.map((service) => ({ service, ...makeSigningKey(`${service}-1`) }));
    const known = keys.map(({ service, keyId, publicKeyPem }) => {
      return [keyId, { service, publicKeyPem }] as const;
    });
    return new Workshop(
      scratch,
      cutter,
      await scratch.open({ url }),
      new Map(keys.map((key) => [key.service, new MessageSigner(key)])),
      new MessageVerifier(Object.fromEntries(known)),
    );
  }

  get database(): Database {
    return this.scratch.database;
  }

  async close(): Promise<void> {
    await this.cutter.close();
    await this.scratch.drop();
  }

  /** Names for the shops of a sequence that nobody has had before. */
  async newShops(count: number): Promise<string[]> {
    this.sequences += 1;
    if (this.sequences % sequencesTogether === 0) await this.emptyTables();
    return Array.from({ length: count }, (_, index) => `m-${this.sequences}-${index + 1}`);
  }

  /** What a process has that has just started. */
  rooms(clock: VirtualClock, database = this.scratch.database): Rooms {
    const books = Books.over(this.scratch, clock, { database, verifier: this.verifier });
    return { books, desk: new Desk(books) };
  }

  /** Has rooms at the end of the line that is cut do something. @returns whether they got it done */
  async cutDuring(
    cut: Cut,
    clock: VirtualClock,
    work: (rooms: Rooms) => Promise<void>,
  ): Promise<boolean> {
    const { cutter } = this;
    const before = cutter.cuts;
    if (cut.at === 'message') cutter.armBehind(cut.behind, cut);
    else cutter.arm(cut.isHeard ? 'after-commit' : 'before-commit', cut.behind);
    try {
      await work(this.rooms(clock, this.shaky));
      return true;
    } catch (error) {
      if (cutter.cuts === before) throw error;
      return false;
    } finally {
      cutter.disarm();
    }
  }

  /** How often a line was cut. */
  get cuts(): number {
    return this.cutter.cuts;
  }

  /** Facts as the messages of one partition, each under an id of its own. */
  batch<T extends HeardTopic>(topic: T, facts: readonly EventData[T][], now: Date): Batch {
    const messages = facts.map((data) => this.message(topic, data, now));
    return this.batchOf(topic, messages);
  }

  batchOf(topic: HeardTopic, messages: readonly RawMessage[]): Batch {
    const isOfOrders = topic.startsWith('order-');
    const group = isOfOrders ? groups.orders : groups.rest;
    return { group, topic, partition: 0, messages, heartbeat: () => Promise.resolve() };
  }

  /** The same message at the end of its partition. */
  again(message: RawMessage): RawMessage {
    return { ...message, offset: this.nextOffset(message.topic) };
  }

  /** What a message says, said anew under another id, at the instant at which it was said. */
  anew(message: RawMessage): RawMessage {
    const event: { id: string } = JSON.parse(message.value?.toString() ?? '');
    const value = Buffer.from(JSON.stringify({ ...event, id: randomUUID() }));
    return { ...this.again(message), value, headers: this.headersOf(message.topic, value) };
  }

  /** Has the runs of shops whose sequence is over come due no more. */
  async retire(shopIds: readonly string[]): Promise<void> {
    await this.database.query('DELETE FROM schedule WHERE shop_id = ANY ($1)', [shopIds]);
  }

  private message<T extends HeardTopic>(topic: T, data: EventData[T], now: Date): RawMessage {
    const event = buildEvent(topic, data, {
      id: randomUUID(),
      source: '/model',
      time: now.toISOString(),
    });
    const value = Buffer.from(JSON.stringify(event));
    return {
      topic,
      partition: 0,
      offset: this.nextOffset(topic),
      key: null,
      value,
      headers: this.headersOf(topic, value),
      timestamp: now,
    };
  }

  private nextOffset(topic: string): bigint {
    const offset = this.offsets.get(topic) ?? 0n;
    this.offsets.set(topic, offset + 1n);
    return offset;
  }

  private headersOf(topic: string, value: Buffer): Record<string, string> {
    const known = heardTopicOf(topic);
    if (!mustBeSigned(known)) return {};
    const signer = this.signers.get(writerOf(known));
    if (signer === undefined) throw new Error(`nobody signs ${topic}`);
    return { [headerNames.signature]: signer.sign({ topic, key: null, value }) };
  }

  private async emptyTables(): Promise<void> {
    const tables = await this.database.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables
        WHERE schemaname = $1 AND tablename <> 'migration'`,
      [this.scratch.schema],
    );
    await this.database.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`);
  }
}
