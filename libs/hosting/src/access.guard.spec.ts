import 'reflect-metadata';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { TokenIssuer, TokenVerifier } from '@qingfen/security';
import { createLogger } from '@qingfen/telemetry';
import { AccessGuard, Permit, PermitService } from './access.guard.js';
import { LOGGER } from './definition.js';
import { ActIs, PostAct, type ManualAct } from './manual-act.js';
import { ProblemFilter } from './problem.filter.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const keys = { 'gateway-1': { service: 'gateway', publicKeyPem } } as const;

@Controller()
class InternalProbe {
  @Get('internal/status')
  @PermitService('gateway')
  status(): string {
    return 'status';
  }

  @Get('internal/shops/:shopId/orders')
  @Permit('viewer')
  orders(): string {
    return 'orders';
  }

  @Get('internal/forgotten')
  forgotten(): string {
    return 'nobody permits this';
  }

  @PostAct('internal/shops/:shopId/orders/:orderId/hold')
  @Permit('operator')
  hold(@Param('orderId') orderId: string, @ActIs() act: ManualAct): object {
    const { shopId, caller, reason } = act;
    return { shopId, orderId, by: caller.subject, reason };
  }

  @Get('healthz')
  health(): string {
    return 'open';
  }
}

@Module({
  controllers: [InternalProbe],
  providers: [
    { provide: TokenVerifier, useValue: new TokenVerifier({ service: 'order', publicKeys: keys }) },
    { provide: LOGGER, useValue: createLogger({ service: 'order', level: 'silent' }) },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
class ProbeModule {}

let app: NestExpressApplication;
let base = '';
const issuer = new TokenIssuer({ service: 'gateway', keyId: 'gateway-1', privateKeyPem });

beforeAll(async () => {
  app = await NestFactory.create<NestExpressApplication>(ProbeModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
});
afterAll(async () => {
  await app.close();
});

async function status(path: string, token?: string): Promise<number> {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  return (await fetch(base + path, { headers })).status;
}

const own = (audience: 'order' | 'payout'): Promise<string> =>
  issuer.issue({ audience, subject: 'gateway', roles: [], requestId: 'r' });

describe('R-SEC-4 internal calls', () => {
  it.each(['/internal/status', '/INTERNAL/status', '/Internal/Status', '/internal/status/'])(
    'R-SEC-4 %s without a token is refused, however it is spelt',
    async (path) => {
      expect(await status(path)).toBe(401);
    },
  );

  it('R-SEC-4 what is open stays open, and a known service may call what permits it', async () => {
    expect(await status('/healthz')).toBe(200);
    expect(await status('/internal/status', await own('order'))).toBe(200);
  });

  it('R-SEC-4 a token for another service, and a route that permits nobody, are refused', async () => {
    expect(await status('/internal/status', await own('payout'))).toBe(401);
    expect(await status('/internal/forgotten', await own('order'))).toBe(403);
  });

  it('R-SEC-4 a role counts for its own shop alone', async () => {
    const viewer = await issuer.issue({
      audience: 'order',
      subject: 'u-1',
      roles: [{ role: 'viewer', shopId: 'shop-1' }],
      requestId: 'r',
    });
    expect(await status('/internal/shops/shop-1/orders', viewer)).toBe(200);
    expect(await status('/internal/shops/shop-2/orders', viewer)).toBe(403);
    expect(await status('/internal/status', viewer)).toBe(403);
  });

  it('R-SEC-4 R-OPS-2 an act by hand is told who does it, where and why, and wants a reason', async () => {
    const operator = await issuer.issue({
      audience: 'order',
      subject: 'u-2',
      roles: [{ role: 'operator', shopId: 'shop-1' }],
      requestId: 'r',
    });
    const hold = (body: object): Promise<Response> =>
      fetch(`${base}/internal/shops/shop-1/orders/o-1/hold`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const held = await hold({ reason: 'looks odd' });
    expect(held.status).toBe(200);
    const act = { shopId: 'shop-1', orderId: 'o-1', by: 'u-2', reason: 'looks odd' };
    expect(await held.json()).toEqual(act);
    for (const body of [{}, { reason: '' }, { reason: 'x', more: 1 }]) {
      const refused = await hold(body);
      const { code }: { code: string } = JSON.parse(await refused.text());
      expect([refused.status, code]).toEqual([422, 'invalid']);
    }
  });
});
