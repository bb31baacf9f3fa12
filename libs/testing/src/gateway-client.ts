import {
  type AlipayTest,
  alipayTestSchema,
  type Alert,
  alertSchema,
  type Balance,
  balanceSchema,
  clockMovedSchema,
  clockStateSchema,
  type DeadLetter,
  deadLetterSchema,
  type EmergencyStop,
  emergencyStopSchema,
  type EntryExplained,
  entryExplainedSchema,
  type Order,
  type OrderExplained,
  orderExplainedSchema,
  orderSchema,
  pageOf,
  type Payee,
  type PayeeBody,
  payeeSchema,
  type Payout,
  type PayoutExplained,
  payoutExplainedSchema,
  payoutSchema,
  type PlanVersion,
  planVersionSchema,
  type Problem,
  problemDocumentSchema,
  problemMediaType,
  type ReplayPage,
  replayPageSchema,
  type Shop,
  type ShopBody,
  shopSchema,
  type Statement,
  type StatementExplained,
  statementExplainedSchema,
  statementSchema,
  type SystemStatus,
  systemStatusSchema,
  tokensSchema,
  type TrialBalance,
  trialBalanceSchema,
  type UserBody,
  userSchema,
  type WhyUnpaid,
  whyUnpaidSchema,
} from '@qingfen/contracts';
import type { z } from 'zod';

import {
  type Answer,
  download,
  type Download,
  type HttpCall,
  send,
  UnexpectedAnswer,
  wasRefused,
} from './http.js';
import { until } from './probe.js';

/** What a call may carry besides its path. */
export interface CallOptions {
  readonly json?: unknown;
  readonly raw?: HttpCall['raw'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Leave the access token out, or send another one. */
  readonly token?: string | null;
}

/** What parses a body; a contract's schema. */
interface Schema<T> {
  parse(body: unknown): T;
}

const moveSecondsMax = 300;
const idleMsMax = 120_000;

/**
 * The gateway's REST API as an operator uses it. Typed calls parse the answer by the contract's
 * schemas, so an answer of another shape fails; `call` gives any answer as it came.
 */
export class GatewayClient {
  /** The one that answered last comes first. */
  #origins: readonly string[];
  #token: string | undefined;

  /** Of several gateways it speaks with one, and with another when that one has gone. */
  constructor(origin: string | readonly string[]) {
    this.#origins = [origin].flat().map((each) => each.replace(/\/+$/, ''));
  }

  /** Logs in; later calls carry the token. */
  async login(username: string, password: string): Promise<void> {
    const json = { username, password };
    const answer = await this.call('POST', '/auth/login', { json, token: null });
    this.#token = this.#read(answer, 'POST /auth/login', [200], tokensSchema).accessToken;
  }

  /** One call of `/api/v1`; whatever comes back is the answer. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { token = this.#token ?? null, headers = {}, ...rest } = options;
    const bearer: Record<string, string> =
      token === null ? {} : { authorization: `Bearer ${token}` };
    const url = `/api/v1${path}`;
    return this.#send({ method, url, headers: { ...bearer, ...headers }, ...rest });
  }

  /** A file of `/api/v1`, piece by piece; whatever else comes back is the answer. */
  download(path: string): Promise<Download | Answer> {
    const [origin = ''] = this.#origins;
    return download(`${origin}/api/v1${path}`, { authorization: `Bearer ${this.#token ?? ''}` });
  }

  /** A gateway that refuses the connection is passed over; one that breaks off, by reads alone. */
  async #send(call: HttpCall): Promise<Answer> {
    let trouble: unknown;
    for (const origin of this.#origins) {
      try {
        const answer = await send({ ...call, url: origin + call.url });
        this.#origins = [origin, ...this.#origins.filter((other) => other !== origin)];
        return answer;
      } catch (error) {
        trouble = error;
        if (call.method !== 'GET' && !wasRefused(error)) break;
      }
    }
    throw trouble;
  }

  /** A call that is to be refused; its problem document. Any other status or shape throws. */
  async refusal(
    status: number,
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Problem> {
    const answer = await this.call(method, path, options);
    const problem = this.#read(answer, `${method} ${path}`, [status], problemDocumentSchema);
    const mediaType = answer.headers['content-type'] ?? '';
    if (!mediaType.startsWith(problemMediaType)) {
      throw new Error(`${method} ${path} answered a problem as ${mediaType}`);
    }
    return problem;
  }

  async putShop(shopId: string, body: ShopBody): Promise<Shop> {
    return this.#ask('PUT', `/shops/${shopId}`, shopSchema, body);
  }

  async shop(shopId: string): Promise<Shop> {
    return this.#ask('GET', `/shops/${shopId}`, shopSchema);
  }

  async testAlipay(shopId: string): Promise<AlipayTest> {
    return this.#ask('POST', `/shops/${shopId}/alipay/test`, alipayTestSchema, {});
  }

  async publishPlan(
    shopId: string,
    body: { readonly plan: object; readonly effectiveFrom?: string },
  ): Promise<PlanVersion> {
    return this.#ask('POST', `/shops/${shopId}/plans`, planVersionSchema, body);
  }

  async plans(shopId: string): Promise<readonly PlanVersion[]> {
    return this.#list(`/shops/${shopId}/plans`, planVersionSchema);
  }

  async putPayee(shopId: string, payeeId: string, body: PayeeBody): Promise<Payee> {
    return this.#ask('PUT', `/shops/${shopId}/payees/${payeeId}`, payeeSchema, body);
  }

  async payee(shopId: string, payeeId: string): Promise<Payee> {
    return this.#ask('GET', `/shops/${shopId}/payees/${payeeId}`, payeeSchema);
  }

  async order(shopId: string, orderId: string): Promise<Order> {
    return this.#ask('GET', `/shops/${shopId}/orders/${orderId}`, orderSchema);
  }

  async statements(shopId: string, query = ''): Promise<readonly Statement[]> {
    return this.#list(`/shops/${shopId}/statements${query}`, statementSchema);
  }

  async statement(shopId: string, statementId: string): Promise<Statement> {
    return this.#ask('GET', `/shops/${shopId}/statements/${statementId}`, statementSchema);
  }

  async payouts(shopId: string, query = ''): Promise<readonly Payout[]> {
    return this.#list(`/shops/${shopId}/payouts${query}`, payoutSchema);
  }

  async payout(shopId: string, payoutId: string): Promise<Payout> {
    return this.#ask('GET', `/shops/${shopId}/payouts/${payoutId}`, payoutSchema);
  }

  /** Closes the batch that a payout is one of. */
  async closeBatch(shopId: string, payoutId: string, reason: string): Promise<Payout> {
    const path = `/shops/${shopId}/payouts/${payoutId}/close-batch`;
    return this.#ask('POST', path, payoutSchema, { reason });
  }

  async balances(shopId: string, query = ''): Promise<readonly Balance[]> {
    return this.#list(`/shops/${shopId}/balances${query}`, balanceSchema);
  }

  async trialBalance(shopId: string): Promise<TrialBalance> {
    return this.#ask('GET', `/shops/${shopId}/ledger/trial-balance`, trialBalanceSchema);
  }

  async entryExplained(shopId: string, entryId: string): Promise<EntryExplained> {
    return this.#ask(
      'GET',
      `/shops/${shopId}/explanations/entries/${entryId}`,
      entryExplainedSchema,
    );
  }

  async orderExplained(shopId: string, orderId: string): Promise<OrderExplained> {
    return this.#ask(
      'GET',
      `/shops/${shopId}/explanations/orders/${orderId}`,
      orderExplainedSchema,
    );
  }

  async statementExplained(shopId: string, statementId: string): Promise<StatementExplained> {
    const path = `/shops/${shopId}/explanations/statements/${statementId}`;
    return this.#ask('GET', path, statementExplainedSchema);
  }

  async payoutExplained(shopId: string, payoutId: string): Promise<PayoutExplained> {
    const path = `/shops/${shopId}/explanations/payouts/${payoutId}`;
    return this.#ask('GET', path, payoutExplainedSchema);
  }

  async whyUnpaid(shopId: string, payeeId: string): Promise<WhyUnpaid> {
    return this.#ask('GET', `/shops/${shopId}/payees/${payeeId}/why-unpaid`, whyUnpaidSchema);
  }

  /** All pages of a replay of the shop's books. */
  async replay(shopId: string): Promise<readonly ReplayPage[]> {
    return this.#pages(`/shops/${shopId}/explanations/replay`, replayPageSchema);
  }

  async alerts(shopId: string, query = ''): Promise<readonly Alert[]> {
    return this.#list(`/shops/${shopId}/alerts${query}`, alertSchema);
  }

  async deadLetters(topic: string): Promise<readonly DeadLetter[]> {
    return this.#list(`/dead-letters?topic=${topic}`, deadLetterSchema);
  }

  /** Stops or lets go of all sending: of one shop, or of all where `shopId` is null. */
  async stopPayouts(shopId: string | null, stopped: boolean): Promise<EmergencyStop> {
    const path = shopId === null ? '/emergency-stop' : `/shops/${shopId}/emergency-stop`;
    return this.#ask('PUT', path, emergencyStopSchema, { stopped, reason: 'a test says so' });
  }

  /** Makes a user and logs in as that user. */
  async userWith(body: UserBody): Promise<GatewayClient> {
    const answer = await this.call('POST', '/users', { json: body });
    this.#read(answer, 'POST /users', [201], userSchema);
    const other = new GatewayClient(this.#origins);
    await other.login(body.username, body.password);
    return other;
  }

  async status(): Promise<SystemStatus> {
    return this.#ask('GET', '/system/status', systemStatusSchema);
  }

  /** Waits until nothing is under way that anyone waits for. */
  async waitForIdle(deadlineMs = idleMsMax): Promise<SystemStatus> {
    return until('the system to be idle', () => this.status(), {
      deadlineMs,
      holds: ({ idle }) => idle,
    });
  }

  /** The business clock's instant. */
  async now(): Promise<string> {
    return (await this.#ask('GET', '/system/clock', clockStateSchema)).now;
  }

  /** Moves the clock and waits for the end of the move and of everything due by then. */
  async moveClock(to: string): Promise<void> {
    const json = { now: to, waitSeconds: moveSecondsMax };
    const timeoutMs = (moveSecondsMax + 30) * 1_000;
    const answer = await this.call('PUT', '/system/clock', { json, timeoutMs });
    if (answer.status === 200) {
      this.#read(answer, 'PUT /system/clock', [200], clockMovedSchema);
      return;
    }
    const status = await this.call('GET', '/system/status').catch(() => undefined);
    const call = `PUT /system/clock ${to} (status: ${JSON.stringify(status?.body)})`;
    throw new UnexpectedAnswer(call, answer, [200]);
  }

  /** Asks for a move until it is begun, through whatever restarts meanwhile. */
  async beginMove(to: string, deadlineMs = idleMsMax): Promise<void> {
    const json = { now: to, waitSeconds: 0 };
    await until(`a move to ${to} to begin`, () => this.call('PUT', '/system/clock', { json }), {
      deadlineMs,
      holds: ({ status }) => status === 200 || status === 202,
    });
  }

  /** Waits for the end of a move that was begun, through whatever restarts meanwhile. */
  async arriveAt(to: string, deadlineMs: number): Promise<SystemStatus> {
    return until(`the clock to arrive at ${to}`, () => this.status(), {
      deadlineMs,
      holds: ({ idle, now, clock }) =>
        idle && clock.target === null && Date.parse(now) >= Date.parse(to),
    });
  }

  async #ask<T>(method: string, path: string, schema: Schema<T>, json?: unknown): Promise<T> {
    const answer = await this.call(method, path, json === undefined ? {} : { json });
    return this.#read(answer, `${method} ${path}`, [200, 201], schema);
  }

  /** All pages of a list. */
  async #list<T>(path: string, item: z.ZodType<T>): Promise<readonly T[]> {
    const pages = await this.#pages(path, pageOf(item));
    return pages.flatMap(({ items }) => items);
  }

  async #pages<T extends { readonly nextCursor: string | null }>(
    path: string,
    schema: Schema<T>,
  ): Promise<readonly T[]> {
    const pages: T[] = [];
    let cursor: string | null = null;
    do {
      const joint = path.includes('?') ? '&' : '?';
      const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const read: T = await this.#ask('GET', `${path}${joint}limit=500${next}`, schema);
      pages.push(read);
      cursor = read.nextCursor;
    } while (cursor !== null);
    return pages;
  }

  #read<T>(answer: Answer, call: string, expected: readonly number[], schema: Schema<T>): T {
    if (!expected.includes(answer.status)) throw new UnexpectedAnswer(call, answer, expected);
    return schema.parse(answer.body);
  }
}
