interface Runner {
  query(sql: string): Promise<unknown>;
}

/** The keys that sign heads of the ledger, each but the first introduced by the one before it. */
export class AddLedgerKeys1763769601860 {
  readonly name = 'AddLedgerKeys1763769601860';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // Keys belong to no shop: one signs the heads of all.
  `CREATE TABLE ledger_key (
     key_no           integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     key_id           text        NOT NULL UNIQUE,
     public_key       text        NOT NULL,
     introduced_by    text        REFERENCES ledger_key (key_id),
     introduced_at    timestamptz,
     -- Null where the key before was lost: nobody introduces the new one then.
     signature        bytea       CHECK (length(signature) = 64),
     countersignature bytea       CHECK (length(countersignature) = 64),
     CHECK ((introduced_by IS NULL) = (introduced_at IS NULL)),
     CHECK ((introduced_by IS NULL) = (countersignature IS NULL)),
     CHECK (introduced_by IS NOT NULL OR signature IS NULL)
   )`,
  // A key is followed by one: two that claim the same past are a forgery, or two hands at once.
  'CREATE UNIQUE INDEX ledger_key_follows ON ledger_key (introduced_by)',
  `CREATE UNIQUE INDEX ledger_key_first ON ledger_key ((introduced_by IS NULL))
     WHERE introduced_by IS NULL`,
];
