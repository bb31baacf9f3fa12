import type { Database, Tx } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import type { Message } from 'kafkajs';
import { messageOfError } from './kafka-errors.js';
import { headersFromJson } from './message-headers.js';
import type { RelayProducer } from './relay-producer.js';
import type { StateLog } from './state-log.js';

const rowsMax = 1000;
const bytesMax = 4 * 1024 * 1024;
const turnsMax = 8;

/** What a lane is made from. */
export interface LaneParts {
  readonly database: Database;
  readonly producer: RelayProducer;
  readonly shards: readonly number[];
  readonly log: StateLog;
}

interface Row {
  readonly shard: number;
  readonly topic: string;
  readonly key: Buffer | null;
  readonly key_text: string | null;
  readonly value: Buffer | null;
  readonly value_text: string | null;
  readonly headers: string;
}

/** What one transaction sent, and the shards that may hold more. */
interface Turn {
  readonly sent: number;
  readonly unfinished: readonly number[];
}

/**
 * Locks those of the given shards that no other relay drains, and takes their first rows. Rows are
 * cut off by count within each shard and by bytes along their ids, so what is left of a shard is
 * always behind what was taken. A row that another relay took before the lock was had is gone
 * when it is deleted here, and does not come back.
 */
const takeSql = `
  WITH held AS MATERIALIZED (
    SELECT s.shard FROM unnest($1::smallint[]) AS s (shard)
     WHERE pg_try_advisory_xact_lock(hashtextextended($4 || ':' || s.shard, 0))
  ), head AS (
    SELECT o.shard, o.id, o.size
      FROM held
      CROSS JOIN LATERAL (
        SELECT outbox.shard, outbox.id,
               coalesce(octet_length(outbox.value), octet_length(outbox.value_text), 0) AS size
          FROM outbox WHERE outbox.shard = held.shard ORDER BY outbox.id LIMIT $2
      ) AS o
  ), fitting AS (
    SELECT shard, id FROM (
      SELECT shard, id, sum(size) OVER (ORDER BY id) AS total,
             row_number() OVER (ORDER BY id) AS place FROM head
    ) AS counted WHERE total <= $3 OR place = 1
  ), taken AS (
    DELETE FROM outbox USING fitting
     WHERE outbox.shard = fitting.shard AND outbox.id = fitting.id
    RETURNING outbox.id, outbox.shard, topic, key, key_text, value, value_text, headers
  )
  SELECT shard, topic, key, key_text, value, value_text, headers FROM taken ORDER BY id`;

/** Drains some of the outbox's shards, a transaction and a send at a time. */
export class RelayLane {
  constructor(private readonly parts: LaneParts) {}

  /**
   * Sends what the filled ones of its shards hold, for some turns. After a failure each shard goes
   * by itself, so that one message that no topic takes holds up its shard alone.
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
    let unfinished = shards;
    // Bounded, so that a shard with a long backlog does not keep the others waiting for its end.
    for (let turns = 0; turns < turnsMax && unfinished.length > 0; turns += 1) {
      if (signal.aborted) return;
      const open = unfinished;
      const turn = await this.parts.database.transaction((tx) => this.turn(tx, open));
      if (turn.sent > 0) {
        failpoint('rows-deleted');
        onSent(turn.sent);
      }
      unfinished = turn.unfinished;
    }
  }

  /**
   * Deletes and sends in one transaction: a send that fails brings the rows back, a commit that
   * fails after a send makes duplicates, which inboxes know.
   */
  private async turn(tx: Tx, shards: readonly number[]): Promise<Turn> {
    const { database, producer } = this.parts;
    const perShard = Math.floor(rowsMax / shards.length);
    const lock = `qingfen:outbox:${database.schema}`;
    const params = [shards, perShard, bytesMax, lock];
    const rows = await tx.prepared<Row>('relay_take', takeSql, params);
    if (rows.length === 0) return { sent: 0, unfinished: [] };
    failpoint('rows-claimed');
    const byTopic = new Map<string, Message[]>();
    const counts = new Map<number, number>();
    let bytes = 0;
    for (const row of rows) {
      const value = row.value_text ?? row.value;
      let messages = byTopic.get(row.topic);
      if (messages === undefined) byTopic.set(row.topic, (messages = []));
      messages.push({ key: row.key_text ?? row.key, value, headers: headersFromJson(row.headers) });
      counts.set(row.shard, (counts.get(row.shard) ?? 0) + 1);
      bytes += value?.length ?? 0;
    }
    await producer.send(byTopic, bytes);
    failpoint('batch-produced');
    // Fewer rows than asked for in all: either a shard is empty, or bytes cut the rest off.
    const isCut = bytes > bytesMax / 4;
    const unfinished = shards.filter((shard) => {
      return isCut || (counts.get(shard) ?? 0) >= perShard;
    });
    return { sent: rows.length, unfinished };
  }
}
