import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { KnownKey, PublicKeys, SigningKey } from './message-signature.js';
import { serviceNames, type ServiceName } from './service-name.js';

const signingKeyShape = z.strictObject({
  keyId: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  privateKeyPem: z.string().min(1),
  publicKeyPem: z.string().min(1),
});

const serviceShape = z.strictObject({
  databasePassword: z.string().min(1),
  signingKey: signingKeyShape,
});

const ledgerKeyShape = z.strictObject({
  current: signingKeyShape,
  previous: signingKeyShape.optional(),
  isPreviousLost: z.literal(true).optional(),
});

const secretsShape = z.strictObject({
  adminPassword: z.string().min(1),
  fieldKeys: z.strictObject({
    current: z.string().min(1),
    keys: z.record(z.string(), z.string().min(1)),
  }),
  blindIndexKey: z.string().min(1),
  services: z.record(z.enum(serviceNames), serviceShape),
  ledgerKey: ledgerKeyShape.optional(),
});

/** The key that signs heads of the ledger, since it is not the first one any more. */
export interface LedgerKeySecrets {
  readonly current: SigningKey;
  /** Introduces the current one; not needed any more once that is done. */
  readonly previous?: SigningKey | undefined;
  /** Nobody introduces the current one: those who check have to be given it by another way. */
  readonly isPreviousLost?: true | undefined;
}

/** What one service alone knows. */
export interface ServiceSecrets {
  readonly databasePassword: string;
  readonly signingKey: SigningKey;
}

/** Everything secret of an installation, as kept in one file of mode 0600 or mounted. */
export interface Secrets {
  /** The first admin's password, used once, when there is no user yet. */
  readonly adminPassword: string;
  readonly fieldKeys: {
    readonly current: string;
    readonly keys: Readonly<Record<string, string>>;
  };
  readonly blindIndexKey: string;
  readonly services: Readonly<Record<ServiceName, ServiceSecrets>>;
  /** Absent: heads are signed with settlement-calculator's own key, the first one. */
  readonly ledgerKey?: LedgerKeySecrets | undefined;
}

/** @throws Error naming the file and the fields that are wrong, never their values. */
export function readSecrets(file: string): Secrets {
  return parseSecrets(readFileSync(file, 'utf8'), file);
}

/** @throws Error naming the source and the fields that are wrong, never their values. */
export function parseSecrets(text: string, source: string): Secrets {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which is secret.
    throw new Error(`${source} is not JSON`);
  }
  const parsed = secretsShape.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole');
  throw new Error(`${source} has wrong or missing fields: ${fields.join(', ')}`);
}

/** Fresh secrets for a new installation; the admin's password may be given. */
export function makeSecrets(adminPassword?: string): Secrets {
  const fieldKeyId = 'f1';
  const services = Object.fromEntries(
    serviceNames.map((service) => {
      return [
        service,
        {
          databasePassword: randomBytes(24).toString('base64url'),
          signingKey: makeSigningKey(`${service}-1`),
        },
      ];
    }),
  );
  const made = {
    adminPassword: adminPassword ?? randomBytes(15).toString('base64url'),
    fieldKeys: { current: fieldKeyId, keys: { [fieldKeyId]: randomBytes(32).toString('base64') } },
    blindIndexKey: randomBytes(32).toString('base64'),
    services,
  };
  return secretsShape.parse(made);
}

/** A fresh Ed25519 key pair under an id. */
export function makeSigningKey(keyId: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    keyId,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** Whose signatures count, by key id. @throws Error when two services share a key id. */
export function publicKeysOf(secrets: Pick<Secrets, 'services'>): PublicKeys {
  const known: Record<string, KnownKey> = {};
  for (const service of serviceNames) {
    const { keyId, publicKeyPem } = secrets.services[service].signingKey;
    if (known[keyId] !== undefined) throw new Error(`key id ${keyId} is used twice`);
    known[keyId] = { service, publicKeyPem };
  }
  return known;
}
