import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What we write ourselves is text, and as text it travels at half the size and without decoding;
 * `key` and `value` stay for dead letters, whose bytes may be anything.
 */
export class OutboxText1763700000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox ADD COLUMN key_text text, ADD COLUMN value_text text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox DROP COLUMN key_text, DROP COLUMN value_text');
  }
}
