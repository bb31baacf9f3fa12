import type { Database, Tx } from '@qingfen/database';
import type { Grant } from '@qingfen/security';

/** Somebody who may log in. */
export interface Person {
  readonly username: string;
  readonly isDisabled: boolean;
  readonly roles: readonly Grant[];
  readonly createdAt: Date;
}

interface PersonRow {
  readonly username: string;
  readonly is_disabled: boolean;
  readonly created_at: Date;
  readonly roles: readonly Grant[];
}

const rolesColumn = `coalesce((
  SELECT json_agg(json_build_object('role', g.role, 'shopId', g.shop_id)
                  ORDER BY g.shop_id, g.role)
    FROM person_grant g WHERE g.username = p.username), '[]'::json) AS roles`;

/** The hash to check a password against; null for somebody unknown or disabled. */
export async function passwordHashOf(database: Database, username: string): Promise<string | null> {
  const [row] = await database.query<{ password_hash: string }>(
    'SELECT password_hash FROM person WHERE username = $1 AND NOT is_disabled',
    [username],
  );
  return row?.password_hash ?? null;
}

/** Whether there is anybody at all. */
export async function anybody(tx: Tx): Promise<boolean> {
  return (await tx.query('SELECT 1 FROM person LIMIT 1')).length > 0;
}

/** False when the name is taken. */
export async function insertPerson(
  tx: Tx,
  person: {
    readonly username: string;
    readonly passwordHash: string;
    readonly roles: readonly Grant[];
    readonly createdBy: string;
    readonly createdAt: Date;
  },
): Promise<boolean> {
  const made = await tx.query(
    `INSERT INTO person (username, password_hash, created_by, created_at)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING username`,
    [person.username, person.passwordHash, person.createdBy, person.createdAt],
  );
  if (made.length === 0) return false;
  await tx.query(
    `INSERT INTO person_grant (shop_id, username, role)
     SELECT shop_id, $1, role FROM unnest($2::text[], $3::text[]) AS given (shop_id, role)
     ON CONFLICT DO NOTHING`,
    [person.username, person.roles.map((g) => g.shopId), person.roles.map((g) => g.role)],
  );
  return true;
}

/** A page of people by name. */
export async function listPeople(
  database: Database,
  page: { readonly after: string; readonly limit: number },
): Promise<Person[]> {
  const rows = await database.query<PersonRow>(
    `SELECT p.username, p.is_disabled, p.created_at, ${rolesColumn}
       FROM person p WHERE p.username > $1 ORDER BY p.username LIMIT $2`,
    [page.after, page.limit],
  );
  return rows.map(toPerson);
}

/** Who acts in a log-in that goes on; null when it has ended or the person is disabled. */
export async function personOfSession(
  database: Database,
  session: { readonly sessionId: string; readonly username: string },
): Promise<Person | null> {
  const [row] = await database.query<PersonRow>(
    `SELECT p.username, p.is_disabled, p.created_at, ${rolesColumn}
       FROM login_session s JOIN person p USING (username)
      WHERE s.session_id = $1 AND s.username = $2 AND NOT p.is_disabled
        AND s.ended_at IS NULL AND s.ends_at > clock_timestamp()`,
    [session.sessionId, session.username],
  );
  return row === undefined ? null : toPerson(row);
}

function toPerson(row: PersonRow): Person {
  return {
    username: row.username,
    isDisabled: row.is_disabled,
    roles: row.roles,
    createdAt: row.created_at,
  };
}
