import { describe, expect, it } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { mayAct, type Grant } from './roles.js';
import { makeSigningKey } from './secrets.js';
import { TokenIssuer, TokenRefused, TokenVerifier } from './service-tokens.js';
import { UserTokens } from './user-tokens.js';

const gateway = makeSigningKey('gateway-1');
const rules = makeSigningKey('rules-1');
const publicKeys = {
  'gateway-1': { service: 'gateway', publicKeyPem: gateway.publicKeyPem },
  'rules-1': { service: 'rules', publicKeyPem: rules.publicKeyPem },
} as const;
const start = new Date('2026-01-05T00:00:00Z');
const later = (seconds: number) => () => new Date(start.getTime() + seconds * 1000);
const roles: Grant[] = [{ role: 'operator', shopId: 's1' }];
const asked = { audience: 'payout', subject: 'u1', roles, requestId: 'r1' } as const;

function issuer(): TokenIssuer {
  return new TokenIssuer({ service: 'gateway', ...gateway, now: () => start });
}

function verifierAt(seconds: number, service: 'payout' | 'rules' = 'payout'): TokenVerifier {
  return new TokenVerifier({ service, publicKeys, now: later(seconds) });
}

describe('service tokens', () => {
  it('R-SEC-4 carry who is acting', async () => {
    const token = await issuer().issue(asked);
    expect(await verifierAt(0).verify(token)).toEqual({
      issuer: 'gateway',
      subject: 'u1',
      roles,
      requestId: 'r1',
    });
  });

  it('end after 60 seconds, hosts’ clocks differing by 5', async () => {
    const token = await issuer().issue(asked);
    await expect(verifierAt(59).verify(token)).resolves.toBeDefined();
    await expect(verifierAt(66).verify(token)).rejects.toThrow(TokenRefused);
    await expect(verifierAt(-3).verify(token)).resolves.toBeDefined();
    await expect(verifierAt(-30).verify(token)).rejects.toThrow(TokenRefused);
  });

  it('end for one that has seen them before, too, and are not mixed up', async () => {
    let seconds = 0;
    const now = (): Date => new Date(start.getTime() + seconds * 1000);
    const verifier = new TokenVerifier({ service: 'payout', publicKeys, now });
    const [first, second] = [
      await issuer().issue(asked),
      await issuer().issue({ ...asked, subject: 'u2' }),
    ];
    for (const token of [first, second, first, second]) {
      const subject = token === first ? 'u1' : 'u2';
      expect(await verifier.verify(token)).toMatchObject({ subject });
    }
    await expect(verifier.verify(`${first.slice(0, -4)}AAAA`)).rejects.toThrow(TokenRefused);
    seconds = 64;
    await expect(verifier.verify(first)).resolves.toBeDefined();
    seconds = 65;
    await expect(verifier.verify(first)).rejects.toThrow(TokenRefused);
  });

  it('count at their audience only', async () => {
    const token = await issuer().issue(asked);
    await expect(verifierAt(0, 'rules').verify(token)).rejects.toThrow(TokenRefused);
  });

  it('a key speaks for its owner only', async () => {
    const forged = new TokenIssuer({ service: 'gateway', ...rules, now: () => start });
    const token = await forged.issue(asked);
    await expect(verifierAt(0).verify(token)).rejects.toThrow('another issuer');
  });

  it('refuse unknown keys, other text, and a changed claim', async () => {
    const stranger = new TokenIssuer({ service: 'gateway', ...makeSigningKey('x-1') });
    await expect(verifierAt(0).verify(await stranger.issue(asked))).rejects.toThrow('unknown key');
    await expect(verifierAt(0).verify('a.b.c')).rejects.toThrow(TokenRefused);
    const [head, body, signature] = (await issuer().issue(asked)).split('.');
    const claims: unknown = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
    const more = { ...Object(claims), roles: [{ role: 'admin', shopId: '*' }] };
    const changed = Buffer.from(JSON.stringify(more)).toString('base64url');
    const forged = [head, changed, signature].join('.');
    await expect(verifierAt(0).verify(forged)).rejects.toThrow(TokenRefused);
  });

  it('refuse a longer life than 60 seconds, even by the right key', async () => {
    const issuedAt = start.getTime() / 1000;
    const token = await new SignJWT({ roles: [], requestId: 'r' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'gateway-1', typ: 'qf-service+jwt' })
      .setIssuer('gateway')
      .setSubject('gateway')
      .setAudience('payout')
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + 3600)
      .sign(createPrivateKey(gateway.privateKeyPem));
    await expect(verifierAt(0).verify(token)).rejects.toThrow('longer');
  });
});

describe('user tokens', () => {
  const at = (seconds: number) => new UserTokens(gateway, later(seconds));

  it('R-SEC-4 live 15 minutes', async () => {
    const token = await at(0).issue({ userId: 'u1', sessionId: 'x' });
    expect(await at(890).verify(token)).toEqual({ userId: 'u1', sessionId: 'x' });
    await expect(at(910).verify(token)).rejects.toThrow(TokenRefused);
  });

  it('and service tokens are never taken for each other', async () => {
    const user = await at(0).issue({ userId: 'u1', sessionId: 'x' });
    await expect(verifierAt(0).verify(user)).rejects.toThrow(TokenRefused);
    const service = await issuer().issue(asked);
    await expect(at(0).verify(service)).rejects.toThrow(TokenRefused);
  });
});

describe('mayAct', () => {
  it.each([
    [[{ role: 'viewer', shopId: 's1' }], ['viewer'], 's1', true],
    [[{ role: 'viewer', shopId: 's1' }], ['viewer'], 's2', false],
    [[{ role: 'viewer', shopId: '*' }], ['viewer'], 's2', true],
    [[{ role: 'viewer', shopId: '*' }], ['viewer'], null, true],
    [[{ role: 'viewer', shopId: 's1' }], ['viewer'], null, false],
    [[{ role: 'admin', shopId: '*' }], ['approver'], 's1', false],
    [[{ role: 'operator', shopId: 's1' }], ['admin', 'operator'], 's1', true],
    [[], ['viewer'], 's1', false],
  ] as const)('R-SEC-4 %j asked for %j on %j: %j', (held, wanted, shopId, answer) => {
    expect(mayAct({ roles: held }, { roles: [...wanted], shopId })).toBe(answer);
  });
});
