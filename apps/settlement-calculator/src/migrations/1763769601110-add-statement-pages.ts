interface Runner {
  query(sql: string): Promise<unknown>;
}

/**
 * What a statement lists, a hundred entries to a row (ADR 18): a row and two index entries for each of a
 * million entries cost a run more than all its arithmetic.
 */
export class AddStatementPages1763769601110 {
  readonly name = 'AddStatementPages1763769601110';

  async up(runner: Runner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const statements = [
  // One account's entries of one statement, ascending, at most a hundred: so a row stays in the table and
  // is not moved out of it. Its ends come from the list itself.
  `CREATE TABLE statement_page (
     shop_id        text     NOT NULL,
     account_no     bigint   NOT NULL,
     last_entry_id  bigint   GENERATED ALWAYS AS (entry_ids[cardinality(entry_ids)]) STORED,
     first_entry_id bigint   GENERATED ALWAYS AS (entry_ids[1]) STORED,
     statement_no   bigint   NOT NULL,
     entry_ids      bigint[] NOT NULL CHECK (cardinality(entry_ids) BETWEEN 1 AND 100),
     amounts        bigint[] NOT NULL,
     PRIMARY KEY (shop_id, account_no, last_entry_id, first_entry_id),
     CHECK (cardinality(amounts) = cardinality(entry_ids))
   )`,
  `INSERT INTO statement_page (shop_id, account_no, statement_no, entry_ids, amounts)
   SELECT shop_id, account_no, statement_no, array_agg(entry_id ORDER BY entry_id),
          array_agg(amount_minor ORDER BY entry_id)
     FROM (SELECT e.*, (row_number() OVER (PARTITION BY shop_id, account_no, statement_no
                                               ORDER BY entry_id) - 1) / 100 AS page
             FROM statement_entry e) e
    GROUP BY shop_id, account_no, statement_no, page
    ORDER BY shop_id, account_no, page`,
  `CREATE INDEX statement_page_of ON statement_page (shop_id, statement_no)`,
  `DROP TABLE statement_entry`,
  // An entry stands on one statement or on none. What two transactions list at the same time is kept apart
  // by `unstated`, where the entry is once and whoever lists it takes it off; what was listed before is
  // found here. OFFSET 0 has each list's neighbours looked up by the key: nearly always there are none.
  `CREATE FUNCTION refuse_listed_twice() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       twice bigint;
     BEGIN
       SELECT n.account_no INTO twice
         FROM (SELECT shop_id, account_no, statement_no, min(first_entry_id) AS first_entry_id,
                      max(last_entry_id) AS last_entry_id
                 FROM placed GROUP BY 1, 2, 3) l
        CROSS JOIN LATERAL (
          SELECT p.first_entry_id, p.last_entry_id, p.entry_ids FROM statement_page p
           WHERE p.shop_id = l.shop_id AND p.account_no = l.account_no
             AND p.last_entry_id >= l.first_entry_id AND p.first_entry_id <= l.last_entry_id
             AND p.statement_no <> l.statement_no OFFSET 0) p
         JOIN placed n ON n.shop_id = l.shop_id AND n.account_no = l.account_no
                      AND n.statement_no = l.statement_no AND n.entry_ids && p.entry_ids
        LIMIT 1;
       IF FOUND THEN
         RAISE EXCEPTION 'account % has an entry on two statements', twice
           USING ERRCODE = 'unique_violation';
       END IF;
       RETURN NULL;
     END $$`,
  `CREATE TRIGGER listed_once AFTER INSERT ON statement_page
     REFERENCING NEW TABLE AS placed
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_listed_twice()`,
  // Entry by entry, for what asks by statement or account. What asks for one entry has `stated_entry`.
  `CREATE VIEW statement_entry AS
   SELECT p.shop_id, p.account_no, l.entry_id, p.statement_no, l.amount_minor
     FROM statement_page p
    CROSS JOIN LATERAL unnest(p.entry_ids, p.amounts) AS l(entry_id, amount_minor)`,
  // Where an entry stands, if it is stated: on the first page behind it, nearly always. Pages of two runs
  // overlap where the first left something out.
  `CREATE FUNCTION stated_entry(of_shop text, of_account bigint, of_entry bigint)
     RETURNS TABLE (statement_no bigint, amount_minor bigint)
     LANGUAGE sql STABLE AS $$
     SELECT p.statement_no, p.amounts[array_position(p.entry_ids, of_entry)]
       FROM statement_page p
      WHERE p.shop_id = of_shop AND p.account_no = of_account AND p.last_entry_id >= of_entry
        AND p.first_entry_id <= of_entry AND of_entry = ANY (p.entry_ids)
      ORDER BY p.last_entry_id LIMIT 1
     $$`,
];
