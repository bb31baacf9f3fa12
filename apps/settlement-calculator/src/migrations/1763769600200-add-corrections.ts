interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Refunds, disputes, and the rows that correct entries: an entry's amount is the sum of its rows. */
export class AddCorrections1763769600200 {
  readonly name = 'AddCorrections1763769600200';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `CREATE TABLE refund (
     shop_id        text        NOT NULL,
     order_id       text        NOT NULL,
     refund_id      text        NOT NULL,
     refunded_at    timestamptz NOT NULL,
     items          json        NOT NULL,
     state          text        NOT NULL
       CHECK (state IN ('waiting', 'applied', 'refused', 'reversed')),
     sequence       bigint      GENERATED ALWAYS AS IDENTITY,
     correlation_id text        NOT NULL,
     heard_at       timestamptz NOT NULL,
     message        json,
     applied_batch  bigint,
     reversed_batch bigint,
     reversed_at    timestamptz,
     missed         boolean     NOT NULL DEFAULT false,
     PRIMARY KEY (shop_id, order_id, refund_id)
   )`,
  `CREATE INDEX refund_waiting ON refund (shop_id, order_id) WHERE state = 'waiting'`,
  `CREATE INDEX refund_waiting_since ON refund (heard_at) WHERE state = 'waiting' AND NOT missed`,
  `CREATE TABLE refund_reversal (
     shop_id   text        NOT NULL,
     order_id  text        NOT NULL,
     refund_id text        NOT NULL,
     at        timestamptz NOT NULL,
     PRIMARY KEY (shop_id, order_id, refund_id)
   )`,
  `CREATE TABLE dispute (
     shop_id     text        NOT NULL,
     order_id    text        NOT NULL,
     dispute_id  text        NOT NULL,
     opened_at   timestamptz,
     reason      text,
     resolved_at timestamptz,
     PRIMARY KEY (shop_id, order_id, dispute_id),
     CHECK (opened_at IS NOT NULL OR resolved_at IS NOT NULL)
   )`,
  `CREATE TABLE entry_adjustment (
     shop_id       text        NOT NULL,
     entry_id      bigint      NOT NULL,
     adjustment_id bigint      GENERATED ALWAYS AS IDENTITY,
     amount_minor  bigint      NOT NULL CHECK (amount_minor <> 0),
     cause         text        NOT NULL,
     cause_id      text        NOT NULL,
     booked_at     timestamptz NOT NULL,
     batch_id      bigint      NOT NULL,
     PRIMARY KEY (shop_id, entry_id, adjustment_id)
   )`,
  `CREATE TABLE debt_streak (
     shop_id  text    NOT NULL,
     kind     text    NOT NULL,
     currency text    NOT NULL,
     payee_id text    NOT NULL,
     runs     integer NOT NULL CHECK (runs > 0),
     PRIMARY KEY (shop_id, kind, currency, payee_id)
   )`,
  `CREATE INDEX hold_open ON hold (shop_id, subject_type, subject_id) WHERE released_at IS NULL`,
];
