import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever writes into the outbox wakes its relays, with one NOTIFY a commit and no trip for it. */
export class OutboxWake1763700000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE FUNCTION wake_relays() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('qf_outbox_' || TG_TABLE_SCHEMA, '');
        RETURN NULL;
      END $$`);
    await runner.query(`CREATE TRIGGER wake_relays AFTER INSERT ON outbox
      FOR EACH STATEMENT EXECUTE FUNCTION wake_relays()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER wake_relays ON outbox');
    await runner.query('DROP FUNCTION wake_relays()');
  }
}
