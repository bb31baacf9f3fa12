import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '@qingfen/clock';
import { problem, type Page, type User, type UserBody } from '@qingfen/contracts';
import { advisoryLock, Database } from '@qingfen/database';
import { audit, ProblemError, ServiceEnv } from '@qingfen/hosting';
import { hashPassword, roleNames, serviceNames, type Caller, type Grant } from '@qingfen/security';
import { notValid } from '../refusals.js';
import { anybody, insertPerson, listPeople, type Person } from './person.store.js';

const firstAdmin = 'admin';
const nameShape = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** Who may log in. A name is for ever: the audit speaks of people by it. */
@Injectable()
export class PeopleService implements OnApplicationBootstrap {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
  ) {}

  /** The first admin, with every role on every shop, where there is nobody yet. */
  async onApplicationBootstrap(): Promise<void> {
    const passwordHash = await hashPassword(this.env.secrets.adminPassword);
    await this.database.transaction(async (tx) => {
      await advisoryLock(tx, 'gateway:first-admin', 'exclusive');
      if (await anybody(tx)) return;
      const caller: Caller = { issuer: 'gateway', subject: 'gateway', roles: [], requestId: '' };
      const roles: Grant[] = roleNames.map((role) => ({ role, shopId: '*' }));
      const createdAt = this.clock.now();
      const username = firstAdmin;
      await insertPerson(tx, { username, passwordHash, roles, createdBy: 'gateway', createdAt });
      await audit(tx, userAudit({ caller, username, roles, at: createdAt }));
    });
  }

  /** @throws ProblemError 422 for a name that cannot be one, 409 for one that is taken. */
  async create(body: UserBody, caller: Caller): Promise<User> {
    const username = body.username.toLowerCase();
    const isService = serviceNames.some((name) => name === username);
    if (!nameShape.test(username) || isService) throw badName();
    const passwordHash = await hashPassword(body.password);
    const roles = distinct(body.roles);
    await this.database.transaction(async (tx) => {
      const createdAt = this.clock.now();
      const createdBy = caller.subject;
      const made = await insertPerson(tx, { username, passwordHash, roles, createdBy, createdAt });
      if (!made) throw nameTaken(username);
      await audit(tx, userAudit({ caller, username, roles, at: createdAt }));
    });
    return { userId: username, username, roles };
  }

  /** A page of people, by name. */
  async list(query: {
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<User>> {
    const after = query.cursor ?? '';
    const people = await listPeople(this.database, { after, limit: query.limit + 1 });
    const items = people.slice(0, query.limit);
    const nextCursor = people.length > query.limit ? (items.at(-1)?.username ?? null) : null;
    return { items: items.map(toUser), nextCursor };
  }
}

function toUser(person: Person): User {
  return { userId: person.username, username: person.username, roles: [...person.roles] };
}

function distinct(roles: readonly Grant[]): Grant[] {
  const seen = new Map(roles.map((grant) => [`${grant.shopId} ${grant.role}`, grant]));
  return [...seen.values()];
}

function userAudit(made: {
  readonly caller: Caller;
  readonly username: string;
  readonly roles: readonly Grant[];
  readonly at: Date;
}): Parameters<typeof audit>[1] {
  return {
    caller: made.caller,
    action: 'user.create',
    subject: { type: 'user', id: made.username },
    shopId: null,
    before: null,
    after: { username: made.username, roles: made.roles },
    reason: null,
    at: made.at,
  };
}

function badName(): ProblemError {
  return notValid([
    {
      pointer: '/username',
      message: 'is not 1 to 64 letters, digits and . _ @ -, or is the name of a service',
      messageZh: '不是 1 到 64 个字母, 数字或 . _ @ -, 或与服务同名',
    },
  ]);
}

function nameTaken(username: string): ProblemError {
  return new ProblemError(
    problem('username-taken', 409, 'Name taken', `There is a user "${username}" already.`),
  );
}
