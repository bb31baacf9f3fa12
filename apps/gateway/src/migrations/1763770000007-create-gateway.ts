/** People and their log-ins, answers kept for idempotency keys, and the virtual clock. */
export class CreateGateway1763770000007 {
  readonly name = 'CreateGateway1763770000007';

  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // People belong to no shop; what they may do on which one is a grant.
  `CREATE TABLE person (
    username      text        PRIMARY KEY CHECK (username = lower(username)),
    password_hash text        NOT NULL,
    is_disabled   boolean     NOT NULL DEFAULT false,
    created_by    text        NOT NULL,
    created_at    timestamptz NOT NULL
  )`,
  `CREATE TABLE person_grant (
    shop_id  text NOT NULL,
    username text NOT NULL REFERENCES person,
    role     text NOT NULL
             CHECK (role IN ('viewer', 'operator', 'approver', 'admin', 'auditor')),
    PRIMARY KEY (shop_id, username, role)
  )`,
  'CREATE INDEX person_grant_username ON person_grant (username)',
  // Log-ins live in real time, whatever the business clock says.
  `CREATE TABLE login_session (
    session_id uuid        PRIMARY KEY,
    username   text        NOT NULL REFERENCES person,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at    timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_why  text
  )`,
  'CREATE INDEX login_session_username ON login_session (username)',
  `CREATE TABLE refresh_token (
    token_hash text        PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES login_session ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
  )`,
  'CREATE INDEX refresh_token_session ON refresh_token (session_id)',
  `CREATE TABLE login_failure (
    subject       text        PRIMARY KEY,
    failures      integer     NOT NULL CHECK (failures > 0),
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
  )`,
  `CREATE TABLE kept_answer (
    username    text        NOT NULL,
    method      text        NOT NULL,
    path        text        NOT NULL,
    key         text        NOT NULL,
    body_hash   text        NOT NULL,
    holder      uuid        NOT NULL,
    held_until  timestamptz NOT NULL,
    status      integer,
    answer      text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (username, method, path, key),
    CHECK ((status IS NULL) = (answer IS NULL))
  )`,
  'CREATE INDEX kept_answer_created_at ON kept_answer (created_at)',
  `CREATE TABLE virtual_clock (
    is_only     boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
    now         timestamptz NOT NULL,
    target      timestamptz CHECK (target >= now),
    step        text        CHECK (step IN ('waiting', 'taking', 'beginning', 'settling')),
    move        bigint      NOT NULL DEFAULT 0,
    mover       text,
    mover_until timestamptz,
    CHECK ((target IS NULL) = (step IS NULL))
  )`,
  // How often a service was seen to start anew; the first sight is no restart.
  `CREATE TABLE service_start (
    service    text        NOT NULL,
    started_at timestamptz NOT NULL,
    pid        integer     NOT NULL,
    PRIMARY KEY (service, started_at, pid)
  )`,
];
