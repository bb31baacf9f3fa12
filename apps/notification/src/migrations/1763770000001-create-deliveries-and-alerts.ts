interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Display names, the alert list, and one row for each delivery to a payee. */
export class CreateDeliveriesAndAlerts1763770000001 {
  readonly name = 'CreateDeliveriesAndAlerts1763770000001';

  async up(runner: Runner): Promise<void> {
    await runner.query(`
      CREATE TABLE shop (
        shop_id    text        PRIMARY KEY,
        name       text        NOT NULL,
        timezone   text        NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE payee (
        shop_id     text        NOT NULL,
        payee_id    text        NOT NULL,
        name_cipher text        NOT NULL,
        told_at     timestamptz NOT NULL,
        PRIMARY KEY (shop_id, payee_id)
      )`);
    // What belongs to no shop stands under '*', which is no shop's id.
    await runner.query(`
      CREATE TABLE alert_state (
        shop_id      text        NOT NULL,
        alert_id     text        NOT NULL,
        state        text        NOT NULL CHECK (state IN ('raised', 'resolved')),
        class        text        NOT NULL,
        severity     text        NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
        subject_type text        NOT NULL,
        subject_id   text        NOT NULL,
        message      text        NOT NULL,
        message_zh   text        NOT NULL,
        raised_at    timestamptz NOT NULL,
        resolved_at  timestamptz,
        CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
        PRIMARY KEY (shop_id, alert_id)
      )`);
    await runner.query(
      'CREATE INDEX alert_state_by_age ON alert_state (shop_id, raised_at, alert_id)',
    );
    await createDeliveries(runner);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

async function createDeliveries(runner: Runner): Promise<void> {
  await runner.query(`
    CREATE TABLE payout_told (
      shop_id   text   NOT NULL,
      payout_id text   NOT NULL,
      seq       bigint NOT NULL,
      PRIMARY KEY (shop_id, payout_id)
    )`);
  await runner.query(`
    CREATE TABLE delivery (
      shop_id          text        NOT NULL,
      delivery_id      text        NOT NULL,
      payee_id         text        NOT NULL,
      channel          text        NOT NULL CHECK (channel = 'mail'),
      template         text        NOT NULL,
      template_version integer     NOT NULL CHECK (template_version > 0),
      subject_type     text        NOT NULL,
      subject_id       text        NOT NULL,
      facts            jsonb       NOT NULL,
      state            text        NOT NULL DEFAULT 'waiting'
                       CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
      attempts         integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      -- Real time: when it may be tried, or, while it is being sent, when its sender is given up.
      next_try_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
      error            text,
      message_id       text        NOT NULL,
      created_at       timestamptz NOT NULL,
      ended_at         timestamptz,
      PRIMARY KEY (shop_id, delivery_id),
      CHECK ((state IN ('sent', 'failed')) = (ended_at IS NOT NULL))
    )`);
  await runner.query(`
    CREATE INDEX delivery_due ON delivery (next_try_at) WHERE state IN ('waiting', 'sending')`);
  await runner.query('CREATE INDEX delivery_by_age ON delivery (shop_id, created_at, delivery_id)');
}
