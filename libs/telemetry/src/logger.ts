import { pino, stdSerializers, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { currentCorrelation } from './correlation.js';

/** JSON lines, one object each, with `service`, `time` (ISO 8601, UTC) and the correlation. */
export type Logger = PinoLogger;

/** What a logger is made from. */
export interface LoggerOptions {
  readonly service: string;
  /** pino's level names; `info` unless given. */
  readonly level?: string;
  /** Standard output unless given. */
  readonly destination?: DestinationStream;
}

/** Keys whose values never reach a log, at the top of a line and two levels down. */
const secretKeys = [
  'password',
  'databasePassword',
  'adminPassword',
  'privateKey',
  'privateKeyPem',
  'alipayPublicKey',
  'certificates',
  'identity',
  'authorization',
  'accessToken',
  'refreshToken',
  'token',
  'totp',
  'secret',
  'secrets',
  'fieldKeys',
  'blindIndexKey',
];

const masked = '[redacted]';

/**
 * Takes passwords out of connection strings, and private keys out of texts, so that an error's
 * message that quotes its configuration can be logged.
 */
export function maskText(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+@/gi, `$1${masked}@`)
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*-----|$)/g, masked);
}

function maskError(error: Error): Record<string, unknown> {
  const plain: Record<string, unknown> = { ...stdSerializers.err(error) };
  for (const name of ['message', 'stack']) {
    const text = plain[name];
    if (typeof text === 'string') plain[name] = maskText(text);
  }
  // What a driver hangs on an error may quote rows, and with them payees' accounts.
  for (const name of ['detail', 'where', 'parameters', 'internalQuery', 'config']) {
    delete plain[name];
  }
  return plain;
}

/** Makes a logger of its own; nothing is shared with other services of the process. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => ({ ...currentCorrelation() }),
    serializers: { err: maskError, error: maskError },
    redact: {
      paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: masked,
    },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
