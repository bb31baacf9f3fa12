import { createPrivateKey, createPublicKey, randomUUID, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { PublicKeys, SigningKey } from './message-signature.js';
import { roleNames, type Caller, type Grant } from './roles.js';
import { serviceNames, type ServiceName } from './service-name.js';

const lifetimeSeconds = 60;
// Hosts' clocks differ by a little; a token made "in the future" within this is taken.
const toleranceSeconds = 5;
const tokenType = 'qf-service+jwt';

/** A token that does not count; the message says why without repeating the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** Real time: tokens live in it, whatever the business clock says. */
export type RealTime = () => Date;

const realTime: RealTime = () => new Date();

const claimsShape = z.object({
  iss: z.enum(serviceNames),
  sub: z.string().min(1),
  iat: z.number().int(),
  exp: z.number().int(),
  roles: z.array(z.object({ role: z.enum(roleNames), shopId: z.string().min(1) })),
  requestId: z.string(),
});

/** Makes the tokens with which one service calls another: Ed25519, 60 seconds, one audience. */
export class TokenIssuer {
  private readonly service: ServiceName;
  private readonly keyId: string;
  private readonly key: KeyObject;
  private readonly now: RealTime;

  constructor({
    service,
    keyId,
    privateKeyPem,
    now = realTime,
  }: Pick<SigningKey, 'keyId' | 'privateKeyPem'> & { service: ServiceName; now?: RealTime }) {
    this.service = service;
    this.keyId = keyId;
    this.key = createPrivateKey(privateKeyPem);
    this.now = now;
  }

  /** A token for calling `audience` on behalf of `subject` (a user id, or the service itself). */
  issue({
    audience,
    subject,
    roles,
    requestId,
  }: {
    readonly audience: ServiceName;
    readonly subject: string;
    readonly roles: readonly Grant[];
    readonly requestId: string;
  }): Promise<string> {
    const issuedAt = Math.floor(this.now().getTime() / 1000);
    return new SignJWT({ roles, requestId })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.keyId, typ: tokenType })
      .setIssuer(this.service)
      .setSubject(subject)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(this.key);
  }
}

/** Tokens remembered at most; services use theirs for half a minute. */
const rememberedMax = 500;

/** Checks the tokens of calls that arrive at one service. */
export class TokenVerifier {
  /** Tokens found good, by their whole text, with the second at which they end. */
  private readonly good = new Map<string, { readonly caller: Caller; readonly exp: number }>();
  private readonly service: ServiceName;
  private readonly keys: ReadonlyMap<string, { service: ServiceName; key: KeyObject }>;
  private readonly now: RealTime;

  constructor({
    service,
    publicKeys,
    now = realTime,
  }: {
    /** The audience: the service that is called. */
    readonly service: ServiceName;
    readonly publicKeys: PublicKeys;
    readonly now?: RealTime;
  }) {
    this.service = service;
    this.now = now;
    this.keys = new Map(
      Object.entries(publicKeys).map(([keyId, known]) => {
        return [keyId, { service: known.service, key: createPublicKey(known.publicKeyPem) }];
      }),
    );
  }

  /** @throws TokenRefused on anything but a live token for this service by the key of its issuer. */
  async verify(token: string): Promise<Caller> {
    const remembered = this.good.get(token);
    if (remembered !== undefined && this.isLive(remembered.exp)) return remembered.caller;
    this.good.delete(token);
    const { caller, exp } = await this.judge(token);
    this.remember(token, { caller, exp });
    return caller;
  }

  private isLive(exp: number): boolean {
    return exp > Math.floor(this.now().getTime() / 1000) - toleranceSeconds;
  }

  private remember(token: string, found: { caller: Caller; exp: number }): void {
    const [oldest] = this.good.keys();
    if (oldest !== undefined && this.good.size >= rememberedMax) this.good.delete(oldest);
    this.good.set(token, found);
  }

  private async judge(token: string): Promise<{ caller: Caller; exp: number }> {
    const known = this.keys.get(keyIdOfToken(token));
    if (known === undefined) throw new TokenRefused('token is signed by an unknown key');
    const claims = claimsShape.safeParse(await this.claimsOf(token, known.key));
    if (!claims.success) throw new TokenRefused('token lacks claims');
    const { iss, sub, iat, exp, roles, requestId } = claims.data;
    // A key speaks for its owner only: rules may not say that it is the gateway.
    if (iss !== known.service) throw new TokenRefused('token names another issuer than its key');
    if (exp - iat > lifetimeSeconds) throw new TokenRefused('token lives longer than allowed');
    return { caller: { issuer: iss, subject: sub, roles, requestId }, exp };
  }

  private async claimsOf(token: string, key: KeyObject): Promise<unknown> {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['EdDSA'],
        audience: this.service,
        typ: tokenType,
        currentDate: this.now(),
        clockTolerance: toleranceSeconds,
        maxTokenAge: lifetimeSeconds,
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new TokenRefused(error.message);
      throw error;
    }
  }
}

function keyIdOfToken(token: string): string {
  try {
    return decodeProtectedHeader(token).kid ?? '';
  } catch {
    throw new TokenRefused('not a token');
  }
}
