import { approvalTable } from '@qingfen/approvals';

interface Runner {
  query(sql: string): Promise<unknown>;
}

/** What people do by hand: adjustments, recoveries, what wants a second person, bindings. */
export class AddManualActs1763769600400 {
  readonly name = 'AddManualActs1763769600400';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  ...approvalTable(['adjustment', 'recovery', 'write-off', 'opening-balances', 'move', 'rollout']),
  `CREATE TABLE adjustment (
     shop_id       text        NOT NULL,
     adjustment_id bigint      NOT NULL,
     cause         text        NOT NULL CHECK (cause IN ('adjustment', 'opening')),
     entry_id      bigint      NOT NULL,
     payee_id      text        NOT NULL,
     kind          text        NOT NULL,
     currency      text        NOT NULL,
     amount_minor  bigint      NOT NULL CHECK (amount_minor <> 0),
     order_id      text,
     reason        text        NOT NULL,
     made_by       text        NOT NULL,
     approved_by   text CHECK (approved_by <> made_by),
     booked_at     timestamptz NOT NULL,
     PRIMARY KEY (shop_id, adjustment_id)
   )`,
  `CREATE SEQUENCE adjustment_id_seq AS bigint OWNED BY adjustment.adjustment_id`,
  // Opening balances are of one go-live: each payee, kind and currency opens once.
  `CREATE UNIQUE INDEX adjustment_opening ON adjustment (shop_id, payee_id, kind, currency)
     WHERE cause = 'opening'`,
  `CREATE TABLE recovery (
     shop_id      text        NOT NULL,
     recovery_id  bigint      NOT NULL,
     payee_id     text        NOT NULL,
     kind         text        NOT NULL,
     currency     text        NOT NULL,
     amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
     reason       text        NOT NULL,
     state        text        NOT NULL DEFAULT 'demanded'
       CHECK (state IN ('demanded', 'received', 'written-off', 'withdrawn')),
     made_by      text        NOT NULL,
     approved_by  text CHECK (approved_by <> made_by),
     demanded_at  timestamptz NOT NULL,
     ended_by     text,
     ended_at     timestamptz,
     PRIMARY KEY (shop_id, recovery_id),
     CHECK ((state = 'demanded') = (ended_by IS NULL)),
     CHECK ((ended_by IS NULL) = (ended_at IS NULL))
   )`,
  `CREATE SEQUENCE recovery_id_seq AS bigint OWNED BY recovery.recovery_id`,
  // An order that an operator bound needs no evidence, and no later version binds it anew.
  `ALTER TABLE completed_order ADD COLUMN bound_by text,
                               ADD COLUMN settled_outside boolean NOT NULL DEFAULT false`,
  // Entries that were paid elsewhere: closed as a statement closes others, and never paid.
  `CREATE TABLE settled_outside (
     shop_id      text        NOT NULL,
     account_no   bigint      NOT NULL,
     entry_id     bigint      NOT NULL,
     amount_minor bigint      NOT NULL,
     settled_at   timestamptz NOT NULL,
     batch_id     bigint      NOT NULL,
     PRIMARY KEY (shop_id, account_no, entry_id)
   )`,
  `CREATE UNIQUE INDEX single_entry_give_back ON single_entry (shop_id, cause_id)
     WHERE cause = 'give-back'`,
  // A hold of an order holds the give-backs of statements that list it, however often they were given back.
  `CREATE FUNCTION give_back_held(of_shop text, of_entry bigint) RETURNS boolean
     LANGUAGE sql STABLE AS $$
     WITH RECURSIVE origin (block, statement_no) AS (
       SELECT e.block, s.statement_no
         FROM single_entry e
         JOIN payout p ON p.shop_id = e.shop_id AND p.payout_id = e.cause_id
         JOIN statement s ON s.shop_id = p.shop_id AND s.statement_id = p.statement_id
        WHERE e.shop_id = of_shop AND e.block = of_entry / 16384 AND e.cause = 'give-back'
       UNION
       SELECT e.block, s.statement_no
         FROM origin o
         JOIN statement_entry l ON l.shop_id = of_shop AND l.statement_no = o.statement_no
         JOIN single_entry e ON e.shop_id = of_shop AND e.block = l.entry_id / 16384
                            AND e.cause = 'give-back'
         JOIN payout p ON p.shop_id = e.shop_id AND p.payout_id = e.cause_id
         JOIN statement s ON s.shop_id = p.shop_id AND s.statement_id = p.statement_id
     )
     SELECT EXISTS (
       SELECT 1 FROM origin o
         JOIN statement_entry l ON l.shop_id = of_shop AND l.statement_no = o.statement_no
         JOIN held_block h ON h.shop_id = of_shop AND h.subject_type = 'order'
                          AND h.block = l.entry_id / 16384)
     $$`,
];
