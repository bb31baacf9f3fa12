interface Runner {
  query(sql: string): Promise<unknown>;
}

/** Tax that shops withhold of what they pay: how, of which statements and payouts, and what was paid on. */
export class AddWithholding1763769601900 {
  readonly name = 'AddWithholding1763769601900';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  `ALTER TABLE shop ADD COLUMN withholding json`,
  // Null: nobody said what it is, or not since this column is here.
  `ALTER TABLE payee ADD COLUMN account_type text`,
  // What its lines come to is net + withheld. By which terms it was decided is hashed with it, so it is
  // text, byte for byte; null: the shop withheld nothing of such statements.
  `ALTER TABLE statement ADD COLUMN withheld_minor bigint NOT NULL DEFAULT 0
     CHECK (withheld_minor >= 0),
     ADD COLUMN withholding text,
     ADD CHECK (withheld_minor = 0 OR withholding IS NOT NULL)`,
  // Its part of the statement's tax, and what of that was given back with it.
  `ALTER TABLE payout ADD COLUMN withheld_minor bigint NOT NULL DEFAULT 0 CHECK (withheld_minor >= 0),
     ADD COLUMN withheld_back_minor bigint NOT NULL DEFAULT 0,
     ADD CHECK (withheld_back_minor BETWEEN 0 AND withheld_minor)`,
  `CREATE INDEX payout_withheld ON payout (shop_id, currency) WHERE withheld_minor > 0`,
  // Of what was withheld, what the shop's owner has paid the tax office; its reference is given once.
  `CREATE TABLE tax_payment (
     shop_id        text        NOT NULL,
     tax_payment_id bigint      GENERATED ALWAYS AS IDENTITY,
     currency       text        NOT NULL,
     amount_minor   bigint      NOT NULL CHECK (amount_minor > 0),
     paid_on        text        NOT NULL,
     reference      text        NOT NULL,
     made_by        text        NOT NULL,
     approved_by    text        CHECK (approved_by <> made_by),
     booked_at      timestamptz NOT NULL,
     PRIMARY KEY (shop_id, tax_payment_id),
     UNIQUE (shop_id, reference)
   )`,
  `ALTER TABLE approval DROP CONSTRAINT approval_wants_check`,
  `ALTER TABLE approval ADD CONSTRAINT approval_wants_check
     CHECK (wants IN ('adjustment', 'recovery', 'write-off', 'opening-balances', 'move', 'rollout',
                      'tax-payment'))`,
];
