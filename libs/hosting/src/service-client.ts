import { TokenIssuer, type Caller, type ServiceName } from '@qingfen/security';
import { currentCorrelation } from '@qingfen/telemetry';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request as undiciRequest, type Dispatcher } from 'undici';
import type { ServiceEnv } from './config.js';
import { ReplicaChoice, wasRefused } from './replica-choice.js';

/** How a call is made; redirects are answers like any other, and nobody follows them. */
interface CallInit {
  readonly method: ServiceRequest['method'];
  readonly headers: Record<string, string>;
  readonly body?: string | Buffer;
  readonly signal: AbortSignal;
  readonly dispatcher: Dispatcher;
}

export interface ServiceRequest {
  readonly service: ServiceName;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** With its query, e.g. `/internal/shops/shop-1/payouts?limit=10`. */
  readonly path: string;
  readonly body?: unknown;
  /** A file instead of a JSON body. */
  readonly file?: { readonly mediaType: string; readonly bytes: Buffer };
  /** The user on whose behalf the call is made; without one the service speaks for itself. */
  readonly caller?: Caller;
  /** For the whole call, however many replicas are tried (3 s). */
  readonly timeoutMs?: number;
  /** This replica and no other; without it, one that answers. */
  readonly url?: string;
}

export interface ServiceAnswer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Pick<Headers, 'get'>;
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
const timeoutMsUsual = 3_000;

/**
 * Calls between services: a 60-second token, a time-out, and an answer or `ServiceUnavailable`.
 *
 * A replica that takes no connection is passed over, whatever the call: nothing was sent. One that
 * broke off is passed over by reads alone; a write may have been done, and only its caller knows
 * whether it may be sent again.
 */
export class ServiceClient {
  private readonly ownTokens = new Map<ServiceName, { token: string; until: number }>();
  private readonly choices = new Map<ServiceName, ReplicaChoice>();
  /**
   * This undici's own: the global one belongs to the older undici inside of Node, whose fetch takes
   * several times as long for a call.
   */
  private readonly dispatcher = new Agent();

  constructor(
    private readonly env: Pick<ServiceEnv, 'service' | 'services' | 'replica'>,
    private readonly tokens: TokenIssuer,
  ) {}

  /** @throws ServiceUnavailable when no whole answer came within the time-out. */
  request<T>(call: ServiceRequest): Promise<ServiceAnswer<T>> {
    return this.exchange(call, async ({ statusCode: status, headers, body }) => {
      const text = await body.text();
      const parsed: T = text === '' ? null : JSON.parse(text);
      return { status, body: parsed, headers: { get: (name) => headerOf(headers, name) } };
    });
  }

  /**
   * The same for a file: its bytes where the answer is 200, else the document that says why not.
   * @throws ServiceUnavailable as {@link request}
   */
  download<T>(call: ServiceRequest): Promise<ServiceAnswer<Buffer | T>> {
    return this.exchange(call, async ({ statusCode: status, headers, body }) => {
      const bytes = Buffer.from(await body.bytes());
      const isFile = status === 200;
      const said: T = isFile || bytes.length === 0 ? null : JSON.parse(bytes.toString('utf8'));
      const get = (name: string): string | null => headerOf(headers, name);
      return { status, body: isFile ? bytes : said, headers: { get } };
    });
  }

  private async exchange<A>(
    call: ServiceRequest,
    read: (data: Dispatcher.ResponseData) => Promise<A>,
  ): Promise<A> {
    const choice = this.choiceOf(call.service);
    const urls = call.url === undefined ? choice.order(performance.now()) : [call.url];
    const signal = AbortSignal.timeout(call.timeoutMs ?? timeoutMsUsual);
    const init = await this.initOf(call, signal);
    let trouble: unknown = new Error('QINGFEN_SERVICES does not name it');
    for (const url of urls) {
      try {
        const answer = await read(await undiciRequest(url + call.path, init));
        choice.noteAnswered(url);
        return answer;
      } catch (error) {
        trouble = error;
        choice.noteFailed(url, performance.now());
        if (signal.aborted || !(call.method === 'GET' || wasRefused(error))) break;
      }
    }
    throw new ServiceUnavailable(call.service, trouble);
  }

  private choiceOf(service: ServiceName): ReplicaChoice {
    const known = this.choices.get(service);
    if (known !== undefined) return known;
    // Replicas of one number speak with each other, so the calls of all are spread over all.
    const made = new ReplicaChoice(this.env.services[service] ?? [], this.env.replica);
    this.choices.set(service, made);
    return made;
  }

  private async initOf(call: ServiceRequest, signal: AbortSignal): Promise<CallInit> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${await this.tokenFor(call)}`,
      'x-request-id': currentCorrelation()?.requestId ?? '',
    };
    const { mediaType, content } = contentOf(call);
    if (mediaType !== null) headers['content-type'] = mediaType;
    const body = content === null ? {} : { body: content };
    return { method: call.method, headers, ...body, signal, dispatcher: this.dispatcher };
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

function contentOf({ body, file }: ServiceRequest): {
  readonly mediaType: string | null;
  readonly content: string | Buffer | null;
} {
  if (file !== undefined) return { mediaType: file.mediaType, content: file.bytes };
  if (body === undefined) return { mediaType: null, content: null };
  return { mediaType: 'application/json', content: JSON.stringify(body) };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
