import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { makeSigningKey, TokenIssuer } from '@qingfen/security';
import { createServer, type RequestListener, type Server } from 'node:http';
import { ServiceClient, ServiceUnavailable, type ServiceRequest } from './service-client.js';

const get = { service: 'payout', method: 'GET', path: '/internal/x' } as const;
const post = { service: 'payout', method: 'POST', path: '/internal/x', body: {} } as const;
let servers: Server[] = [];
/** Nothing listens there any more. */
let refusing = '';

beforeAll(async () => {
  const gone = await answering();
  refusing = gone.url;
  await closeAll();
});

afterEach(() => closeAll());

async function closeAll(): Promise<void> {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers = [];
}

/** A replica: its URL, and how often it was asked. */
async function replica(
  listener: RequestListener,
): Promise<{ readonly url: string; asked: number }> {
  const server = createServer((request, response) => {
    known.asked += 1;
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const known = { url: `http://127.0.0.1:${port}`, asked: 0 };
  return known;
}

const answering = (status = 200): Promise<{ readonly url: string; asked: number }> =>
  replica((_request, response) => response.writeHead(status).end('{"by":"me"}'));
const breaking = (): Promise<{ readonly url: string; asked: number }> =>
  replica((request) => request.socket.destroy());

function clientOf(payout: readonly string[], own = 0): ServiceClient {
  const tokens = new TokenIssuer({ service: 'gateway', ...makeSigningKey('gateway-1') });
  return new ServiceClient({ service: 'gateway', services: { payout }, replica: own }, tokens);
}

describe('what a call carries', () => {
  it.each<[Partial<ServiceRequest>, string | undefined, string]>([
    [{ body: { a: 1 } }, 'application/json', '{"a":1}'],
    [{ file: { mediaType: 'text/csv', bytes: Buffer.from('a,单') } }, 'text/csv', 'a,单'],
    [{}, undefined, ''],
  ])('R-ARC-1 JSON, a file as it is, or nothing: %#', async (carried, mediaType, content) => {
    const told: unknown[] = [];
    const { url } = await replica((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        told.push([request.headers['content-type'], Buffer.concat(parts).toString()]);
        response.end('{}');
      });
    });
    const { service, method, path } = post;
    await clientOf([url]).request({ service, method, path, ...carried });
    expect(told).toEqual([[mediaType, content]]);
  });
});

describe('calls to a service that runs several times', () => {
  it.each<ServiceRequest>([get, post])(
    'R-ARC-1 pass over a replica that takes no connection: $method',
    async (call) => {
      const second = await answering(201);
      const client = clientOf([refusing, second.url]);
      expect((await client.request(call)).status).toBe(201);
      await client.request(call);
      expect(second.asked).toBe(2);
    },
  );

  it('R-ARC-1 read elsewhere what a replica broke off', async () => {
    const [first, second] = [await breaking(), await answering()];
    const answer = await clientOf([first.url, second.url]).request(get);
    expect(answer).toMatchObject({ status: 200, body: { by: 'me' } });
    expect([first.asked, second.asked]).toEqual([1, 1]);
  });

  it('R-ARC-1 never write twice: what broke off may have been done', async () => {
    const [first, second] = [await breaking(), await answering()];
    const calling = clientOf([first.url, second.url]).request(post);
    await expect(calling).rejects.toThrow(ServiceUnavailable);
    expect([first.asked, second.asked]).toEqual([1, 0]);
  });

  it('R-ARC-1 take an answer as it is: a refusal by one is a refusal', async () => {
    const [first, second] = [await answering(503), await answering()];
    expect((await clientOf([first.url, second.url]).request(get)).status).toBe(503);
    expect(second.asked).toBe(0);
  });

  it('R-ARC-1 begin with the replica of their own number', async () => {
    const [first, second] = [await answering(), await answering()];
    await clientOf([first.url, second.url], 1).request(get);
    expect([first.asked, second.asked]).toEqual([0, 1]);
  });

  it('ask the one that is named, and no other', async () => {
    const second = await answering();
    const client = clientOf([refusing, second.url]);
    await expect(client.request({ ...get, url: refusing })).rejects.toThrow(ServiceUnavailable);
    expect(second.asked).toBe(0);
  });

  it('say that a service is not there when none of its replicas is', async () => {
    await expect(clientOf([refusing, refusing]).request(get)).rejects.toThrow('payout does not');
    await expect(clientOf([]).request(post)).rejects.toThrow(ServiceUnavailable);
  });
});
