import type { Database, Tx } from '@qingfen/database';
import type { Message } from 'kafkajs';
import { messageOfError } from './kafka-errors.js';
import { headersFromJson } from './message-headers.js';
import type { RelayProducer } from './relay-producer.js';
import type { StateLog } from './state-log.js';

const rowsMax = 1000;
const bytesMax = 4 * 1024 * 1024;

/** What a lane is made from. */
export interface LaneParts {
  readonly database: Database;
  readonly producer: RelayProducer;
  readonly shards: readonly number[];
  readonly log: StateLog;
}

interface Row {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: string;
  readonly bytes: number;
}

interface Turn {
  readonly sent: number;
  readonly isFull: boolean;
}

/**
 * Takes the first rows of the given shards. Rows are cut off by count within each shard and by
 * bytes along their ids, so what is left of a shard is always behind what was taken.
 */
const takeSql = `
  WITH first AS (
    SELECT o.shard, o.id, o.size
      FROM unnest($1::smallint[]) AS s (shard)
      CROSS JOIN LATERAL (
        SELECT outbox.shard, outbox.id, coalesce(octet_length(outbox.value), 0) AS size
          FROM outbox WHERE outbox.shard = s.shard ORDER BY outbox.id LIMIT $2
      ) AS o
  ), fitting AS (
    SELECT shard, id FROM (
      SELECT shard, id, sum(size) OVER (ORDER BY id) AS total,
             row_number() OVER (ORDER BY id) AS place FROM first
    ) AS counted WHERE total <= $3 OR place = 1
  ), taken AS (
    DELETE FROM outbox USING fitting
     WHERE outbox.shard = fitting.shard AND outbox.id = fitting.id
    RETURNING outbox.id, topic, key, value, headers, coalesce(octet_length(value), 0) AS bytes
  )
  SELECT topic, key, value, headers, bytes FROM taken ORDER BY id`;

/** The locks of two relays on one outbox, by schema: each shard is drained by one at a time. */
const lockSql = `
  SELECT s.shard FROM unnest($1::smallint[]) AS s (shard)
   WHERE pg_try_advisory_xact_lock(hashtextextended($2 || ':' || s.shard, 0))`;

/** Drains some of the outbox's shards, a transaction and a send at a time. */
export class RelayLane {
  constructor(private readonly parts: LaneParts) {}

  /**
   * Sends what the filled ones of its shards hold, until there is no more. After a failure each
   * shard goes by itself, so that one message that no topic takes holds up its shard alone.
   * Resolves to whether all went well.
   */
  async drain(
    filled: ReadonlySet<number>,
    { signal, onSent }: { readonly signal: AbortSignal; readonly onSent: (sent: number) => void },
  ): Promise<boolean> {
    const shards = this.parts.shards.filter((shard) => filled.has(shard));
    const { log } = this.parts;
    try {
      await this.drainShards(shards, signal, onSent);
      log.well('messages go out again');
      return true;
    } catch (error) {
      log.failed(`messages wait in the outbox: ${messageOfError(error)}`, error);
      if (shards.length < 2) return false;
    }
    for (const shard of shards) {
      try {
        await this.drainShards([shard], signal, onSent);
      } catch (error) {
        log.failed(`messages wait in the outbox: ${messageOfError(error)}`, error);
      }
    }
    return false;
  }

  private async drainShards(
    shards: readonly number[],
    signal: AbortSignal,
    onSent: (sent: number) => void,
  ): Promise<void> {
    if (shards.length === 0) return;
    while (!signal.aborted) {
      const turn = await this.parts.database.transaction((tx) => this.turn(tx, shards));
      if (turn.sent > 0) onSent(turn.sent);
      if (!turn.isFull) return;
    }
  }

  /**
   * Deletes and sends in one transaction: a send that fails brings the rows back, a commit that
   * fails after a send makes duplicates, which inboxes know.
   */
  private async turn(tx: Tx, shards: readonly number[]): Promise<Turn> {
    const { database, producer } = this.parts;
    const lock = `qingfen:outbox:${database.schema}`;
    const locked = await tx.prepared<{ shard: number }>('relay_lock', lockSql, [shards, lock]);
    if (locked.length === 0) return { sent: 0, isFull: false };
    const perShard = Math.floor(rowsMax / locked.length);
    const held = locked.map(({ shard }) => shard);
    const rows = await tx.prepared<Row>('relay_take', takeSql, [held, perShard, bytesMax]);
    if (rows.length === 0) return { sent: 0, isFull: false };
    const byTopic = new Map<string, Message[]>();
    let bytes = 0;
    for (const { topic, key, value, headers, bytes: size } of rows) {
      const messages = byTopic.get(topic) ?? [];
      byTopic.set(topic, messages);
      messages.push({ key, value, headers: headersFromJson(headers) });
      bytes += size;
    }
    await producer.send(byTopic, bytes);
    return { sent: rows.length, isFull: true };
  }
}
