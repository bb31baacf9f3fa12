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
  refundBody,
  tradeBody,
} from './control-bodies.js';
import { batchNamed, batchView, confirmBatch } from './control-batches.js';
import { refundOf, tradeOf, tradeView } from './control-trades.js';
import { accountView, faultView, requestView, transferView } from './control-views.js';
import { contradiction, countsQueries, defaultApi, defaultTimes } from './faults.js';
import { apiNamed } from './method-names.js';
import { merchantMovements, merchantView } from './merchants.js';
import type { MerchantDesk } from './merchants.js';
import type { Notifier } from './notifier.js';
import type { Merchant } from './money.js';
import { Problem } from './problem.js';
import type { BookRecord, FaultRecord } from './records.js';
import type { World } from './world.js';
import { yuan } from './yuan.js';

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
      case 'POST _sandbox/merchants/:id/trades':
        return this.#pay(id ?? '', read(tradeBody, body));
      case 'GET _sandbox/merchants/:id/trades':
        return ok(this.#trades(this.#merchant(id ?? '').terms.appId));
      case 'POST _sandbox/merchants/:id/refunds':
        return this.#refund(id ?? '', read(refundBody, body));
      case 'PUT _sandbox/accounts/:id':
        return ok(await this.#putAccount(id ?? '', read(accountBody, body)));
      case 'GET _sandbox/accounts/:id':
        return ok(accountView(this.world.state.money.accountOf(id ?? '')));
      case 'GET _sandbox/transfers':
        return ok(this.#transfers(query));
      case 'GET _sandbox/requests':
        return ok(this.#requests(query));
      case 'GET _sandbox/batches':
        return ok(this.#batches(query));
      case 'GET _sandbox/batches/:id':
        return ok(batchView(this.world, batchNamed(this.world, id ?? '')));
      case 'POST _sandbox/batches/:id/confirm':
        return ok(batchView(this.world, await confirmBatch(this.world, id ?? '')));
      default:
        return this.#serveSettings(route, body);
    }
  }

  async #serveSettings(route: string, body: unknown): Promise<ControlAnswer> {
    const state = this.world.state.settings;
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

  #merchant(appId: string): Merchant {
    const merchant = this.world.state.money.merchants.get(appId);
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
    const { amount, type, tradeNo, memo } = wish;
    const at = wish.at === undefined ? this.world.clock.nowMs() : (parseInstant(wish.at) ?? 0);
    const told = {
      ...(tradeNo === undefined ? {} : { tradeNo }),
      ...(memo === undefined ? {} : { memo }),
    };
    await this.world.commit([{ t: 'merchant-movement', appId, amount, type, at, ...told }]);
    return { status: 201, body: { appId, balance: yuan(merchant.balanceMinor) } };
  }

  async #pay(appId: string, wish: z.infer<typeof tradeBody>): Promise<ControlAnswer> {
    const { state, clock } = this.world;
    const { terms } = this.#merchant(appId);
    const record = tradeOf(state, terms.appId, wish, clock.nowMs());
    await this.world.commit([record]);
    return this.#tradeMade(record.tradeNo);
  }

  async #refund(appId: string, wish: z.infer<typeof refundBody>): Promise<ControlAnswer> {
    const { state, clock } = this.world;
    const { terms } = this.#merchant(appId);
    const record = refundOf(state, terms.appId, wish, clock.nowMs());
    await this.world.commit([record]);
    return this.#tradeMade(record.tradeNo);
  }

  #tradeMade(tradeNo: string): ControlAnswer {
    const trade = this.world.state.trades.byTradeNo(tradeNo);
    if (trade === undefined) throw new Error(`${tradeNo} was told of and is not there`);
    return { status: 201, body: tradeView(trade, this.world.clock.nowMs()) };
  }

  #trades(appId: string): unknown {
    const nowMs = this.world.clock.nowMs();
    const own = this.world.state.trades.all.filter(({ record }) => record.appId === appId);
    return own.map((trade) => tradeView(trade, nowMs));
  }

  #batches(query: Query): unknown {
    const { appId } = known(query, ['appId']);
    return this.world.state.batches.all
      .filter(({ record }) => (appId ?? record.appId) === record.appId)
      .map((batch) => batchView(this.world, batch));
  }

  async #putAccount(identity: string, wish: z.infer<typeof accountBody>): Promise<unknown> {
    const account = this.world.state.money.accountOf(identity);
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
    return accountView(this.world.state.money.accountOf(identity));
  }

  #transfers(query: Query): unknown {
    const { appId, since } = known(query, ['appId', 'since']);
    const sinceMs = since === undefined ? 0 : parseInstant(since);
    if (sinceMs === undefined) throw new Problem(400, 'invalid', 'since must be an instant');
    const { state } = this.world;
    return state.transfers.all
      .filter(({ record }) => record.at >= sinceMs && (appId ?? record.appId) === record.appId)
      .map((transfer) => transferView(transfer, state));
  }

  #requests(query: Query): unknown {
    const { outBizNo, appId, method } = known(query, ['outBizNo', 'appId', 'method']);
    const { state } = this.world;
    return (outBizNo === undefined ? state.requests.all : state.requests.of(outBizNo))
      .filter((request) => (appId ?? request.appId) === request.appId)
      .filter((request) => (method ?? request.method) === request.method)
      .map(requestView);
  }

  async #addFault(wish: z.infer<typeof faultBody>): Promise<ControlAnswer> {
    const { fault, match } = wish;
    const api = wish.api === undefined ? defaultApi(fault) : (apiNamed(wish.api) ?? '*');
    const record: FaultRecord = {
      t: 'fault',
      id: `f-${this.world.state.settings.faultCount + 1}`,
      api,
      match: {
        ...(match?.outBizNo === undefined ? {} : { outBizNo: match.outBizNo }),
        ...(match?.identity === undefined ? {} : { identity: match.identity }),
        ...(match?.appId === undefined ? {} : { appId: match.appId }),
      },
      fault,
      times: wish.times === undefined ? defaultTimes(fault, wish) : wish.times,
      rate: wish.rate ?? null,
      seed: String(wish.seed ?? 0),
      then: wish.then ?? null,
      afterQueries: countsQueries(fault) ? null : (wish.afterQueries ?? null),
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
