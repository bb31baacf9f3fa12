import { TokenIssuer, type Caller, type ServiceName } from '@qingfen/security';
import { currentCorrelation } from '@qingfen/telemetry';
import type { ServiceEnv } from './config.js';

export interface ServiceRequest {
  readonly service: ServiceName;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** With its query, e.g. `/internal/shops/shop-1/payouts?limit=10`. */
  readonly path: string;
  readonly body?: unknown;
  /** The user on whose behalf the call is made; without one the service speaks for itself. */
  readonly caller?: Caller;
  readonly timeoutMs?: number;
}

export interface ServiceAnswer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/** The other side could not be reached or did not answer in time: nothing is known of the call. */
export class ServiceUnavailable extends Error {
  constructor(
    readonly service: ServiceName,
    cause: unknown,
  ) {
    super(`${service} does not answer`, { cause });
    this.name = 'ServiceUnavailable';
  }
}

const tokenReuseMs = 30_000;

/** Calls between services: a 60-second token, a time-out, and an answer or `ServiceUnavailable`. */
export class ServiceClient {
  private readonly ownTokens = new Map<ServiceName, { token: string; until: number }>();

  constructor(
    private readonly env: ServiceEnv,
    private readonly tokens: TokenIssuer,
  ) {}

  /** @throws ServiceUnavailable when no whole answer came within the time-out (3 s by default). */
  async request<T>(call: ServiceRequest): Promise<ServiceAnswer<T>> {
    const base = this.env.services[call.service];
    if (base === undefined) {
      throw new ServiceUnavailable(call.service, new Error('QINGFEN_SERVICES does not name it'));
    }
    const headers: Record<string, string> = {
      authorization: `Bearer ${await this.tokenFor(call)}`,
      'x-request-id': currentCorrelation()?.requestId ?? '',
    };
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    try {
      const response = await fetch(base + call.path, {
        method: call.method,
        headers,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: AbortSignal.timeout(call.timeoutMs ?? 3_000),
        redirect: 'error',
      });
      const text = await response.text();
      const body: T = text === '' ? null : JSON.parse(text);
      return { status: response.status, body, headers: response.headers };
    } catch (error) {
      throw new ServiceUnavailable(call.service, error);
    }
  }

  private async tokenFor({ service, caller }: ServiceRequest): Promise<string> {
    const requestId = currentCorrelation()?.requestId ?? '';
    if (caller !== undefined) {
      const { subject, roles } = caller;
      return this.tokens.issue({ audience: service, subject, roles, requestId });
    }
    const known = this.ownTokens.get(service);
    // Tokens live by real time: a virtual business clock must not keep a door open.
    const nowMs = performance.now();
    if (known !== undefined && known.until > nowMs) return known.token;
    const subject = this.env.service;
    const token = await this.tokens.issue({ audience: service, subject, roles: [], requestId });
    this.ownTokens.set(service, { token, until: nowMs + tokenReuseMs });
    return token;
  }
}
