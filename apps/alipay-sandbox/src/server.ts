import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { BILL_FILE_PATH } from './bill-address.js';
import { BillDownloads } from './bill-downloads.js';
import { Control } from './control.js';
import type { SandboxConfig } from './config.js';
import { Gateway } from './gateway.js';
import { MerchantDesk } from './merchants.js';
import { PAY_PAGE } from './method-names.js';
import { Notifier } from './notifier.js';
import { Problem } from './problem.js';
import type { Reply } from './wire.js';
import { World } from './world.js';

const GATEWAY_PATH = '/gateway.do';
const BODY_BYTES_MAX = 1 << 20;
const LOOPBACK_HOST = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?$/;
const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;

export interface Sandbox {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Ends all connections and closes the book. */
  close(): Promise<void>;
}

/**
 * Starts Alipay on this machine: `/gateway.do` for the SDK, `/_sandbox` and `/internal` for tests
 * and
 * the clock's owner, `/healthz` for everybody.
 *
 * `report` hears of errors that are the sandbox's own; after a fatal one (the book cannot be
 * written)
 * nothing more is answered, and the process should end.
 *
 * @throws BookError when the book cannot be read, Error when the port is taken.
 */
export async function startSandbox(
  config: SandboxConfig,
  report: (error: unknown, fatal: boolean) => void = () => undefined,
): Promise<Sandbox> {
  const world = await World.open(config.directory, config.clock);
  const notifier = new Notifier(world);
  const gateway = new Gateway(world);
  const bills = new BillDownloads(world);
  const control = new Control(world, new MerchantDesk(world), notifier);
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    serve(request, response, { gateway, bills, control }, stopping.signal).catch(
      (error: unknown) => {
        response.destroy();
        if (request.destroyed && !request.complete) return; // the caller left in mid-request
        world.book.settled().then(
          () => report(error, false),
          () => report(error, true),
        );
      },
    );
  });
  server.keepAliveTimeout = 65_000;
  try {
    await listen(server, config.port);
  } catch (error) {
    notifier.stop();
    await world.book.close();
    throw error;
  }
  notifier.pump();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const close = async (): Promise<void> => {
    notifier.stop();
    stopping.abort();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await world.book.close();
  };
  return { url: `http://127.0.0.1:${port}`, port, close };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

interface Sides {
  readonly gateway: Gateway;
  readonly bills: BillDownloads;
  readonly control: Control;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  sides: Sides,
  stopping: AbortSignal,
): Promise<void> {
  const url = urlOf(request.url ?? '/');
  const path = url?.pathname ?? '/';
  if (url === undefined) return sendJson(response, 400, problem(400, 'invalid', 'not an address'));
  if (path === '/healthz') return sendJson(response, 200, { status: 'ok' });
  if (path === GATEWAY_PATH || path === BILL_FILE_PATH || path.startsWith('/v3/')) {
    return serveGateway(request, response, url, sides, stopping);
  }
  if (path.startsWith('/_sandbox/') || path.startsWith('/internal/')) {
    return serveControl(request, response, url, sides.control);
  }
  return sendJson(response, 404, problem(404, 'not-found', `there is no ${path}`));
}

function urlOf(target: string): URL | undefined {
  try {
    return new URL(target, 'http://sandbox');
  } catch {
    return undefined;
  }
}

async function serveGateway(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  sides: Sides,
  stopping: AbortSignal,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  return sendReply(request, response, await answerOf(request, url, body, sides), stopping);
}

/** Both protocols, and the bill files whose addresses they give. */
function answerOf(
  request: IncomingMessage,
  url: URL,
  body: string,
  { gateway, bills }: Sides,
): Promise<Reply> {
  const { method: verb = '', url: target = '', headers } = request;
  const origin = `http://${headers.host ?? 'sandbox'}`;
  if (url.pathname === BILL_FILE_PATH) return bills.serve(url.searchParams);
  if (url.pathname !== GATEWAY_PATH)
    return gateway.serveV3({ verb, target, headers, body }, origin);
  const merged = new Map([...url.searchParams, ...new URLSearchParams(body)]);
  const params = Object.fromEntries(merged);
  if (params['method'] === PAY_PAGE) return gateway.servePage(params);
  return gateway.serve(params, origin);
}

async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  stopping: AbortSignal,
): Promise<void> {
  switch (reply.kind) {
    case 'body': {
      const { status, headers, body } = reply;
      const length = { 'content-length': Buffer.byteLength(body) };
      response.writeHead(status, { ...headers, ...length }).end(body);
      return;
    }
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'hang':
      await hang(response, reply.forMs, stopping);
      return;
  }
}

/** Says nothing until the caller leaves, the time is over or the sandbox stops. */
async function hang(response: ServerResponse, forMs: number, stopping: AbortSignal): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  await sleep(forMs, undefined, { signal: AbortSignal.any([left.signal, stopping]) }).catch(
    () => undefined,
  );
  response.destroy();
}

async function serveControl(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  control: Control,
): Promise<void> {
  const { headers, socket } = request;
  const fromHere =
    LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') && LOOPBACK_HOST.test(headers.host ?? '');
  if (!fromHere || headers.origin !== undefined) {
    return sendJson(response, 403, problem(403, 'forbidden', 'for programs on this machine only'));
  }
  try {
    const text = await readBody(request);
    if (text === undefined) throw new Problem(413, 'too-large', 'at most 1 MiB');
    const segments = url.pathname.slice(1).split('/').map(decoded);
    const query = Object.fromEntries(url.searchParams);
    const answer = await control.serve(request.method ?? '', segments, query, parseJson(text));
    sendJson(response, answer.status, answer.body);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    sendJson(response, error.status, problem(error.status, error.code, error.message));
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, 'invalid', 'the address is not encoded as it should be');
  }
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'not-json', 'the body is not JSON');
  }
}

/** The body as text; undefined when it is longer than anybody needs. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function problem(status: number, code: string, detail: string): unknown {
  return { type: `urn:qingfen:problem:${code}`, code, title: code, status, detail };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(text);
}
