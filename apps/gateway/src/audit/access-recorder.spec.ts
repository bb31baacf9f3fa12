import { afterEach, describe, expect, it } from '@jest/globals';
import type { Caller } from '@qingfen/security';
import { createLogger } from '@qingfen/telemetry';
import express, { type Request } from 'express';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccessCall } from './access-call.js';
import { AccessRecorder } from './access-recorder.js';

const olga: Caller = { issuer: 'gateway', subject: 'olga', roles: [], requestId: 'r-1' };
const logger = createLogger({ service: 'gateway', level: 'silent' });

/** A log that takes its time, or cannot be written. */
class SlowLog {
  readonly noted: (readonly [string, number])[] = [];
  isBroken = false;
  private release: () => void = () => undefined;
  private readonly told = new Promise<void>((resolve) => {
    this.release = resolve;
  });
  private isHeld = false;
  private begin: () => void = () => undefined;
  readonly begun = new Promise<void>((resolve) => {
    this.begin = resolve;
  });

  hold(): void {
    this.isHeld = true;
  }

  letGo(): void {
    this.release();
  }

  async note(_: Caller, { call }: AccessCall, status: number): Promise<void> {
    this.begin();
    if (this.isHeld) await this.told;
    if (this.isBroken) throw new Error('the disk is full');
    this.noted.push([call, status]);
  }
}

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A gateway with two addresses: an answer, and one whose end never comes. */
async function gatewayWith(
  log: SlowLog,
  callerOf: (request: Request) => Caller | null,
): Promise<string> {
  const recorder = new AccessRecorder({ callerOf }, log, logger);
  const app = express();
  app.use((request, response, next) => recorder.use(request, response, next));
  app.get('/api/v1/shops/s1/payees/d-1', (_, response) => {
    response.status(200).json({ name: '张三' });
  });
  app.get('/api/v1/shops/s1/payees/d-2', (_, response) => {
    response.write('[');
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/api/v1/shops/s1/payees`;
}

describe('R-OPS-3 R-SEC-3 nobody is answered who is not written down', () => {
  it('R-OPS-3 an answer goes out when it is written down, and not before', async () => {
    const log = new SlowLog();
    log.hold();
    const url = await gatewayWith(log, ({ query }) => ('nobody' in query ? null : olga));
    let isAnswered = false;
    const answer = fetch(`${url}/d-1`).then((response) => {
      isAnswered = true;
      return response.json();
    });
    await log.begun;
    // Whoever asks later is answered meanwhile.
    for (let round = 0; round < 3; round += 1) {
      expect((await fetch(`${url}/d-1?nobody`)).status).toBe(200);
    }
    expect([isAnswered, log.noted]).toEqual([false, []]);
    log.letGo();
    expect(await answer).toEqual({ name: '张三' });
    expect(log.noted).toEqual([['readPayee', 200]]);
  });

  it('R-OPS-3 what cannot be written down is not answered', async () => {
    const log = new SlowLog();
    log.isBroken = true;
    const response = await fetch(`${await gatewayWith(log, () => olga)}/d-1`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('etag')).toBeNull();
    expect(await response.json()).toMatchObject({ code: 'unavailable' });
  });

  it('R-OPS-3 who is not known is answered, and is nobody to write down', async () => {
    const log = new SlowLog();
    const response = await fetch(`${await gatewayWith(log, () => null)}/d-1`);
    expect([response.status, log.noted]).toEqual([200, []]);
  });

  it('R-OPS-3 who goes away half-way has had that half', async () => {
    const log = new SlowLog();
    const url = await gatewayWith(log, () => olga);
    await new Promise<void>((resolve) => {
      get(`${url}/d-2`, (response) => {
        response.once('data', () => {
          response.destroy();
          resolve();
        });
      });
    });
    await log.begun;
    expect(log.noted).toEqual([['readPayee', 499]]);
  });
});
