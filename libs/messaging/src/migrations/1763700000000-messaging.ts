import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  // Keyed by digests of (source, id) and of what the event says: 32 bytes an event, for ever.
  `CREATE TABLE inbox (
     event_key uuid PRIMARY KEY,
     fact uuid NOT NULL,
     seen_at timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE TABLE consumer_offset (
     group_id text NOT NULL,
     topic text NOT NULL,
     partition integer NOT NULL,
     next_offset bigint NOT NULL CHECK (next_offset >= 0),
     changed_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (group_id, topic, partition)
   ) WITH (fillfactor = 50)`,
  `CREATE TABLE outbox (
     shard smallint NOT NULL CHECK (shard BETWEEN 0 AND 7),
     id bigint GENERATED ALWAYS AS IDENTITY,
     topic text NOT NULL,
     key bytea,
     value bytea,
     headers text NOT NULL,
     PRIMARY KEY (shard, id)
   ) WITH (
     autovacuum_vacuum_scale_factor = 0,
     autovacuum_vacuum_threshold = 5000,
     autovacuum_vacuum_insert_scale_factor = 0,
     autovacuum_vacuum_insert_threshold = 20000,
     autovacuum_vacuum_cost_delay = 0
   )`,
  // The digest tells the same offset of a topic that was made anew from a replay.
  `CREATE TABLE dead_letter (
     topic text NOT NULL,
     partition integer NOT NULL,
     message_offset bigint NOT NULL,
     content uuid NOT NULL,
     code text NOT NULL,
     reason text NOT NULL,
     failed_at timestamptz NOT NULL,
     PRIMARY KEY (topic, partition, message_offset, content)
   )`,
  `CREATE TABLE alert (
     shop_id text NOT NULL,
     alert_id uuid NOT NULL,
     class text NOT NULL,
     severity text NOT NULL,
     subject_type text NOT NULL,
     subject_id text NOT NULL,
     message text NOT NULL,
     message_zh text NOT NULL,
     state text NOT NULL CHECK (state IN ('raised', 'resolved')),
     times integer NOT NULL DEFAULT 1,
     changed_at timestamptz NOT NULL,
     PRIMARY KEY (shop_id, alert_id)
   )`,
  `CREATE INDEX alert_by_subject ON alert (class, subject_id) WHERE state = 'raised'`,
];

/** What hearing and saying need: inbox, offsets, outbox, dead letters, alerts. */
export class Messaging1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE alert, dead_letter, outbox, consumer_offset, inbox');
  }
}
