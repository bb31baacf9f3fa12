import { createPrivateKey, createPublicKey, randomUUID, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { SigningKey } from './message-signature.js';
import { TokenRefused, type RealTime } from './service-tokens.js';

const lifetimeSeconds = 900;
const tokenType = 'qf-user+jwt';
const audience = 'qingfen-admin';

const claimsShape = z.object({ sub: z.string().min(1), sid: z.string().min(1) });

/** Who logged in, and by which log-in; what the person may do is looked up at each request. */
export interface UserSession {
  readonly userId: string;
  readonly sessionId: string;
}

/**
 * The bearer tokens of people: Ed25519 under the gateway's key, 15 minutes of real time. Another
 * `typ` and `aud` than service tokens have keeps either from being taken for the other.
 */
export class UserTokens {
  /** How long an access token counts. */
  readonly lifetimeSeconds = lifetimeSeconds;
  private readonly keyId: string;
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private readonly now: RealTime;

  constructor(
    { keyId, privateKeyPem, publicKeyPem }: SigningKey,
    now: RealTime = () => new Date(),
  ) {
    this.keyId = keyId;
    this.privateKey = createPrivateKey(privateKeyPem);
    this.publicKey = createPublicKey(publicKeyPem);
    this.now = now;
  }

  issue({ userId, sessionId }: UserSession): Promise<string> {
    const issuedAt = Math.floor(this.now().getTime() / 1000);
    return new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid: this.keyId, typ: tokenType })
      .setIssuer('gateway')
      .setSubject(userId)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(this.privateKey);
  }

  /** @throws TokenRefused on anything but a live access token. */
  async verify(token: string): Promise<UserSession> {
    try {
      const { payload } = await jwtVerify(token, this.publicKey, {
        algorithms: ['EdDSA'],
        issuer: 'gateway',
        audience,
        typ: tokenType,
        currentDate: this.now(),
        maxTokenAge: lifetimeSeconds,
        // The verifier may be another replica than the issuer, a little behind.
        clockTolerance: 5,
      });
      const claims = claimsShape.safeParse(payload);
      if (!claims.success) throw new TokenRefused('token lacks claims');
      return { userId: claims.data.sub, sessionId: claims.data.sid };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new TokenRefused(error.message);
      throw error;
    }
  }
}
