import type { z } from 'zod';

import { isoInstant, parseInstant } from './clock.js';
import {
  accountBody,
  clockBody,
  faultBody,
  limitsBody,
  merchantBody,
  movementBody,
  notificationsBody,
} from './control-bodies.js';
import { apiNamed, contradiction, defaultApi } from './faults.js';
import { merchantMovements, merchantView } from './merchants.js';
import type { MerchantDesk } from './merchants.js';
import type { Notifier } from './notifier.js';
import type { BookRecord, FaultRecord, RequestRecord } from './records.js';
import type { Account, Fault, SandboxState, Transfer } from './state.js';
import { TRANSFER } from './checks.js';
import type { World } from './world.js';
import { yuan } from './yuan.js';

/** A refusal of the control side, told as a problem document. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

type Query = Readonly<Record<string, string>>;

/**
 * The side that tests drive: `/_sandbox/*` of contracts.md 4, and `/internal/*` for the clock's
 * owner.
 */
export class Control {
  constructor(
    private readonly world: World,
    private readonly desk: MerchantDesk,
    private readonly notifier: Notifier,
  ) {}

  /** @throws Problem for what cannot be done. */
  async serve(
    method: string,
    segments: readonly string[],
    query: Query,
    body: unknown,
  ): Promise<ControlAnswer> {
    const [area = '', room = '', id, part] = segments;
    const route = `${method} ${[area, room, id === undefined ? '' : ':id', part ?? '']
      .filter((segment) => segment !== '')
      .join('/')}`;
    switch (route) {
      case 'PUT _sandbox/merchants/:id':
        return ok(await this.#putMerchant(id ?? '', read(merchantBody, body)));
      case 'GET _sandbox/merchants/:id':
        return ok(merchantView(this.#merchant(id ?? '')));
      case 'POST _sandbox/merchants/:id/movements':
        return this.#move(id ?? '', read(movementBody, body));
      case 'GET _sandbox/merchants/:id/movements':
        return ok(merchantMovements(this.#merchant(id ?? '')));
      case 'PUT _sandbox/accounts/:id':
        return ok(await this.#putAccount(id ?? '', read(accountBody, body)));
      case 'GET _sandbox/accounts/:id':
        return ok(accountView(this.world.state.accountOf(id ?? '')));
      case 'GET _sandbox/transfers':
        return ok(this.#transfers(query));
      case 'GET _sandbox/requests':
        return ok(this.#requests(query));
      default:
        return this.#serveSettings(route, body);
    }
  }

  async #serveSettings(route: string, body: unknown): Promise<ControlAnswer> {
    const { state } = this.world;
    switch (route) {
      case 'POST _sandbox/faults':
        return this.#addFault(read(faultBody, body));
      case 'GET _sandbox/faults':
        return ok(state.faults.map(faultView));
      case 'DELETE _sandbox/faults':
        await this.world.commit([{ t: 'faults-cleared' }]);
        return { status: 204, body: undefined };
      case 'PUT _sandbox/limits':
        await this.world.commit([
          { t: 'limits', limits: given(state.limits, read(limitsBody, body)) },
        ]);
        return ok(state.limits);
      case 'GET _sandbox/limits':
        return ok(state.limits);
      case 'PUT _sandbox/notifications': {
        const { mode } = read(notificationsBody, body);
        await this.world.commit([{ t: 'notification-mode', mode }]);
        return ok({ mode });
      }
      case 'GET _sandbox/notifications':
        return ok({ mode: state.notificationMode });
      case 'GET internal/clock':
        return ok(this.#clock());
      case 'PUT internal/clock':
        return ok(await this.#moveClock(read(clockBody, body)));
      case 'GET internal/status':
        return ok(this.#status());
      default:
        throw new Problem(404, 'not-found', `there is no ${route}`);
    }
  }

  #merchant(appId: string): NonNullable<ReturnType<SandboxState['merchants']['get']>> {
    const merchant = this.world.state.merchants.get(appId);
    if (merchant === undefined) throw new Problem(404, 'not-found', `app ${appId} was never put`);
    return merchant;
  }

  async #putMerchant(appId: string, wish: z.infer<typeof merchantBody>): Promise<unknown> {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(appId)) {
      throw new Problem(422, 'invalid', 'an app id has 1 to 32 letters, digits, - or _');
    }
    try {
      return merchantView(await this.desk.put(appId, wish));
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('publicKey ')) {
        throw new Problem(422, 'invalid', error.message);
      }
      throw error;
    }
  }

  async #move(appId: string, wish: z.infer<typeof movementBody>): Promise<ControlAnswer> {
    const merchant = this.#merchant(appId);
    const { amount, type } = wish;
    const at = wish.at === undefined ? this.world.clock.nowMs() : (parseInstant(wish.at) ?? 0);
    await this.world.commit([{ t: 'merchant-movement', appId, amount, type, at }]);
    return { status: 201, body: { appId, balance: yuan(merchant.balanceMinor) } };
  }

  async #putAccount(identity: string, wish: z.infer<typeof accountBody>): Promise<unknown> {
    const account = this.world.state.accountOf(identity);
    const records: BookRecord[] = [
      {
        t: 'account',
        identity: account.identity,
        name: wish.name === undefined ? account.name : wish.name,
        status: wish.status ?? account.status,
        userId: wish.userId ?? account.userId,
      },
    ];
    if (wish.balance !== undefined) {
      const at = this.world.clock.nowMs();
      const { balance } = wish;
      records.push({ t: 'account-balance', identity: account.identity, balance, at });
    }
    await this.world.commit(records);
    return accountView(this.world.state.accountOf(identity));
  }

  #transfers(query: Query): unknown {
    const { appId, since } = known(query, ['appId', 'since']);
    const sinceMs = since === undefined ? 0 : parseInstant(since);
    if (sinceMs === undefined) throw new Problem(400, 'invalid', 'since must be an instant');
    const { state } = this.world;
    return state.transfers
      .filter(({ record }) => record.at >= sinceMs && (appId ?? record.appId) === record.appId)
      .map((transfer) => transferView(transfer, state));
  }

  #requests(query: Query): unknown {
    const { outBizNo, appId, method } = known(query, ['outBizNo', 'appId', 'method']);
    const { state } = this.world;
    return (outBizNo === undefined ? state.requests : state.requestsOf(outBizNo))
      .filter((request) => (appId ?? request.appId) === request.appId)
      .filter((request) => (method ?? request.method) === request.method)
      .map(requestView);
  }

  async #addFault(wish: z.infer<typeof faultBody>): Promise<ControlAnswer> {
    const { fault, match } = wish;
    const afterQueries = fault === 'query-not-found-first' ? null : (wish.afterQueries ?? null);
    const many = fault === 'query-not-found-first' ? wish.afterQueries : undefined;
    const api = wish.api === undefined ? defaultApi(fault) : (apiNamed(wish.api) ?? '*');
    const record: FaultRecord = {
      t: 'fault',
      id: `f-${this.world.state.faultCount + 1}`,
      api,
      match: {
        ...(match?.outBizNo === undefined ? {} : { outBizNo: match.outBizNo }),
        ...(match?.identity === undefined ? {} : { identity: match.identity }),
        ...(match?.appId === undefined ? {} : { appId: match.appId }),
      },
      fault,
      times: wish.times ?? many ?? (wish.times === null || wish.rate !== undefined ? null : 1),
      rate: wish.rate ?? null,
      seed: String(wish.seed ?? 0),
      then: wish.then ?? null,
      afterQueries,
      delayMs: wish.delayMs ?? null,
      subCode: wish.subCode ?? null,
    };
    const wrong = contradiction(record);
    if (wrong !== undefined) throw new Problem(422, 'invalid', wrong);
    await this.world.commit([record]);
    return { status: 201, body: { id: record.id } };
  }

  #clock(): unknown {
    return { mode: this.world.clock.mode, now: isoInstant(this.world.clock.nowMs()) };
  }

  async #moveClock(wish: z.infer<typeof clockBody>): Promise<unknown> {
    const { clock } = this.world;
    if (clock.mode === 'system') {
      throw new Problem(409, 'clock-not-virtual', 'the clock follows the machine');
    }
    const now = parseInstant(wish.now) ?? 0;
    // An owner whose database was restored may be behind the book. Alipay's time does not go back:
    // the order is confirmed, and the later instant stays.
    if (now > clock.nowMs()) await this.world.commit([{ t: 'clock', now }]);
    clock.move(now, wish.begin);
    if (wish.begin) this.notifier.pump();
    return this.#clock();
  }

  #status(): unknown {
    const nextMs = this.notifier.nextDueAtMs();
    return {
      name: 'alipay-sandbox',
      ready: true,
      startedAt: isoInstant(this.world.startedAtMs),
      now: isoInstant(this.world.clock.nowMs()),
      work: this.world.work,
      positions: [],
      outboxPending: 0,
      runsDue: 0,
      nextDueAt: nextMs === null ? null : isoInstant(nextMs),
      holdingUp: [],
    };
  }
}

function ok(body: unknown): ControlAnswer {
  return { status: 200, body };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('/') ?? '';
  throw new Problem(422, 'invalid', `/${where}: ${issue?.message ?? 'not valid'}`);
}

/** The settings before, with what was given instead. */
function given<T extends object>(before: T, wish: { [K in keyof T]?: T[K] | undefined }): T {
  const set = Object.entries(wish).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(set) };
}

function known<Name extends string>(
  query: Query,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const unknown = Object.keys(query).find((name) => !(names as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Problem(400, 'invalid', `unknown query ${unknown}`);
  const picked: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = query[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function accountView(account: Account): unknown {
  const { identity, name, status, userId } = account;
  const movements = account.movements.map(({ amountMinor, balanceMinor, at, ...movement }) => ({
    ...movement,
    amount: yuan(amountMinor),
    balance: yuan(balanceMinor),
    at: isoInstant(at),
  }));
  return { identity, name, balance: yuan(account.balanceMinor), status, userId, movements };
}

function transferView(transfer: Transfer, state: SandboxState): unknown {
  const { record, status } = transfer;
  const { appId, outBizNo, identity, identityType, name, amount, orderId, title, remark } = record;
  const attempts = state
    .requestsOf(outBizNo)
    .filter(
      (request) => request.appId === appId && request.method === TRANSFER && request.verified,
    );
  return {
    appId,
    way: 'transfer',
    outBizNo,
    identity,
    identityType,
    name,
    amount,
    status,
    orderId,
    title,
    remark,
    at: isoInstant(record.at),
    attempts: attempts.length,
  };
}

function requestView(request: RequestRecord): unknown {
  const { t: _kind, at, realAt, ...rest } = request;
  return { at: isoInstant(at), realAt: isoInstant(realAt), ...rest };
}

function faultView({ record, left, hits }: Fault): unknown {
  const { t: _kind, id, fault, ...rest } = record;
  return { id, fault, left, hits, ...rest };
}
