import type { AlipayIdentityType, PayeeRole } from '@qingfen/contracts';
import { insertRows, type Tx } from '@qingfen/database';
import type { BlindIndex, FieldCipher } from '@qingfen/security';
import { keyText, type PayoutKey, type Reader } from './payout.store.js';

/** Where a payee is paid. */
export interface PayeeAccount {
  readonly identityType: AlipayIdentityType;
  readonly identity: string;
  /** The account's real name, which Alipay compares. */
  readonly name: string;
  readonly accountType: string | null;
}

/** The whole payee, as last told. */
export interface Payee {
  readonly shopId: string;
  readonly payeeId: string;
  readonly name: string;
  readonly roles: readonly PayeeRole[];
  readonly teamId: string | null;
  readonly tasks: readonly string[];
  readonly level: string | null;
  readonly account: PayeeAccount | null;
  readonly toldAt: Date;
}

/** A payee as it is told, and by whom if by hand. */
export type ToldPayee = Payee & {
  readonly by: string | null;
  /** When it reached us: an account cools off from then, whatever time its telling claims. */
  readonly heardAt: Date;
};

interface PayeeRow {
  readonly shopId: string;
  readonly payeeId: string;
  readonly name: string;
  readonly roles: readonly PayeeRole[];
  readonly teamId: string | null;
  readonly tasks: readonly string[];
  readonly level: string | null;
  readonly identityType: AlipayIdentityType | null;
  readonly identity: string | null;
  readonly accountName: string | null;
  readonly accountType: string | null;
  readonly toldAt: Date;
}

const columns = `
  p.shop_id AS "shopId", p.payee_id AS "payeeId", p.name, p.roles, p.team_id AS "teamId", p.tasks,
  p.level, p.identity_type AS "identityType", p.identity, p.account_name AS "accountName",
  p.account_type AS "accountType", p.told_at AS "toldAt"`;

/** Payees with their accounts, which stand encrypted in the table and are found by a blind index. */
export class PayeeStore {
  constructor(
    private readonly cipher: FieldCipher,
    private readonly index: BlindIndex,
  ) {}

  /** The payees of these keys that are known, under {@link keyText} of shop and payee. */
  async load(
    reader: Reader,
    keys: readonly { readonly shopId: string; readonly payeeId: string }[],
  ): Promise<Map<string, Payee>> {
    if (keys.length === 0) return new Map();
    const rows = await reader.query<PayeeRow>(
      `SELECT ${columns} FROM payee p
       JOIN unnest($1::text[], $2::text[]) AS k(shop_id, payee_id) USING (shop_id, payee_id)`,
      [keys.map(({ shopId }) => shopId), keys.map(({ payeeId }) => payeeId)],
    );
    return new Map(rows.map((row) => [payeeKey(row), this.payeeFrom(row)]));
  }

  /** Payees of a shop behind `after`, by id. */
  async list(reader: Reader, shopId: string, after: string, limit: number): Promise<Payee[]> {
    const rows = await reader.query<PayeeRow>(
      `SELECT ${columns} FROM payee p WHERE p.shop_id = $1 AND p.payee_id > $2
       ORDER BY p.payee_id LIMIT $3`,
      [shopId, after, limit],
    );
    return rows.map((row) => this.payeeFrom(row));
  }

  /**
   * Takes what was told of payees, in the order of the topic: the latest time wins, of equal ones
   * the one that stands later. Answers the keys of those whose telling was taken.
   */
  async upsert(tx: Tx, told: readonly ToldPayee[]): Promise<Set<string>> {
    const latest = new Map<string, ToldPayee>();
    for (const payee of told) {
      const known = latest.get(payeeKey(payee));
      if (known === undefined || known.toldAt <= payee.toldAt) latest.set(payeeKey(payee), payee);
    }
    const rows = await insertRows<{ shopId: string; payeeId: string }>(tx, {
      table: 'payee',
      columns: upsertColumns,
      rows: [...latest]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, payee]) => this.valuesOf(payee)),
      onConflict: upsertConflict,
      returning: 'shop_id AS "shopId", payee_id AS "payeeId"',
    });
    return new Set(rows.map(payeeKey));
  }

  /** Who changed accounts last, by hand; payees whose accounts upstream told are not named. */
  async changersOf(
    reader: Reader,
    keys: readonly { readonly shopId: string; readonly payeeId: string }[],
  ): Promise<ReadonlyMap<string, string>> {
    const rows = await reader.query<{ shopId: string; payeeId: string; by: string }>(
      `SELECT p.shop_id AS "shopId", p.payee_id AS "payeeId", p.account_changed_by AS by
       FROM payee p
       JOIN unnest($1::text[], $2::text[]) AS k(shop_id, payee_id) USING (shop_id, payee_id)
       WHERE p.account_changed_by IS NOT NULL`,
      [keys.map(({ shopId }) => shopId), keys.map(({ payeeId }) => payeeId)],
    );
    return new Map(rows.map((row) => [payeeKey(row), row.by]));
  }

  private payeeFrom(row: PayeeRow): Payee {
    const { identityType, identity, accountName, accountType, ...rest } = row;
    if (identityType === null || identity === null || accountName === null) {
      return { ...rest, account: null };
    }
    const context = payeeContext(row);
    const account = {
      identityType,
      identity: this.cipher.decrypt(identity, `${context}/identity`),
      name: this.cipher.decrypt(accountName, `${context}/name`),
      accountType,
    };
    return { ...rest, account };
  }

  private valuesOf(payee: ToldPayee): unknown[] {
    const { account } = payee;
    const context = payeeContext(payee);
    const index =
      account === null ? null : this.index.of(`${account.identityType}|${account.identity}`);
    return [
      payee.shopId,
      payee.payeeId,
      payee.name,
      payee.roles,
      payee.teamId,
      payee.tasks,
      payee.level,
      account?.identityType ?? null,
      account === null ? null : this.cipher.encrypt(account.identity, `${context}/identity`),
      account === null ? null : this.cipher.encrypt(account.name, `${context}/name`),
      account?.accountType ?? null,
      index,
      payee.toldAt,
      payee.toldAt,
      payee.by,
      payee.heardAt,
      index,
    ];
  }
}

const upsertColumns = {
  shop_id: 'text',
  payee_id: 'text',
  name: 'text',
  roles: 'text[]',
  team_id: 'text',
  tasks: 'text[]',
  level: 'text',
  identity_type: 'text',
  identity: 'text',
  account_name: 'text',
  account_type: 'text',
  account_index: 'text',
  told_at: 'timestamptz',
  account_changed_at: 'timestamptz',
  account_changed_by: 'text',
  account_heard_at: 'timestamptz',
  last_account_index: 'text',
};

const upsertConflict = `(shop_id, payee_id) DO UPDATE SET
  name = excluded.name, roles = excluded.roles, team_id = excluded.team_id,
  tasks = excluded.tasks, level = excluded.level, identity_type = excluded.identity_type,
  identity = excluded.identity, account_name = excluded.account_name,
  account_type = excluded.account_type, account_index = excluded.account_index,
  told_at = excluded.told_at,
  account_changed_at = CASE WHEN payee.account_index IS DISTINCT FROM excluded.account_index
                            THEN excluded.account_changed_at ELSE payee.account_changed_at END,
  account_changed_by = CASE WHEN payee.account_index IS DISTINCT FROM excluded.account_index
                            THEN excluded.account_changed_by ELSE payee.account_changed_by END,
  account_heard_at = CASE WHEN payee.account_index IS DISTINCT FROM excluded.account_index
                          THEN excluded.account_heard_at ELSE payee.account_heard_at END,
  has_replaced = payee.has_replaced
    OR coalesce(payee.last_account_index <> excluded.last_account_index, false),
  last_account_index = coalesce(excluded.last_account_index, payee.last_account_index)
  WHERE payee.told_at <= excluded.told_at`;

/** Names a payee, for maps and sets. */
export function payeeKey({ shopId, payeeId }: { shopId: string; payeeId: string }): string {
  return keyText({ shopId, payoutId: payeeId } satisfies PayoutKey);
}

function payeeContext({ shopId, payeeId }: { shopId: string; payeeId: string }): string {
  return `${shopId}/payee/${payeeId}`;
}
