import { hostname } from 'node:os';
import { readSecrets, serviceNames, type Secrets, type ServiceName } from '@qingfen/security';
import { parseClockSetting, type ClockSetting } from '@qingfen/clock';

export type Environment = 'local-sandbox' | 'alipay-sandbox' | 'production';

/** Everything a service learns from outside, read once at its start and never again. */
export class ServiceEnv {
  readonly service: ServiceName;
  readonly environment: Environment;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  readonly clock: ClockSetting;
  readonly alipayGateway: string;
  readonly alipayTimeoutMs: number;
  /** Base URL of every service, without a trailing slash. */
  readonly services: Readonly<Partial<Record<ServiceName, string>>>;
  readonly secrets: Secrets;
  readonly smtpUrl: string | null;
  readonly alipaySandboxUrl: string | null;
  readonly logLevel: string;
  readonly kafka: {
    readonly sessionTimeoutMs: number;
    readonly heartbeatIntervalMs: number;
    readonly rebalanceTimeoutMs: number;
    readonly batchMessagesMax: number;
  };
  readonly databasePoolMax: number;
  /** Names this process in logs and in Kafka's group listings. */
  readonly instance: string;
  private readonly source: Readonly<Record<string, string | undefined>>;

  constructor(service: ServiceName, source: Readonly<Record<string, string | undefined>>) {
    const read = new SettingReader(service, source);
    this.service = service;
    this.source = source;
    this.environment = read.oneOf('QINGFEN_ENVIRONMENT', [
      'local-sandbox',
      'alipay-sandbox',
      'production',
    ]);
    this.services = read.serviceUrls('QINGFEN_SERVICES');
    const own = this.services[service];
    if (own === undefined) throw new SettingError('QINGFEN_SERVICES', `names no "${service}"`);
    this.httpHost = read.optional('HTTP_HOST', '127.0.0.1');
    this.httpPort = Number(new URL(own).port);
    this.brokers = read.required('KAFKA_BROKERS').split(',');
    this.databaseUrl = read.required(databaseVariable(service));
    this.clock = parseClockSetting(source['QINGFEN_CLOCK']);
    this.alipayGateway = read.required('ALIPAY_GATEWAY');
    this.alipayTimeoutMs = read.count('ALIPAY_TIMEOUT_MS', 15_000);
    this.secrets = readSecrets(read.required('QINGFEN_SECRETS_FILE'));
    this.smtpUrl = source['SMTP_URL'] ?? null;
    this.alipaySandboxUrl = source['ALIPAY_SANDBOX_URL'] ?? null;
    this.logLevel = read.optional('LOG_LEVEL', 'info');
    this.kafka = {
      sessionTimeoutMs: read.count('KAFKA_SESSION_TIMEOUT_MS', 30_000),
      heartbeatIntervalMs: read.count('KAFKA_HEARTBEAT_INTERVAL_MS', 3_000),
      rebalanceTimeoutMs: read.count('KAFKA_REBALANCE_TIMEOUT_MS', 60_000),
      batchMessagesMax: read.count('KAFKA_BATCH_MESSAGES_MAX', 1_000),
    };
    this.databasePoolMax = read.count('DATABASE_POOL_MAX', 6);
    this.instance = `${hostname()}-${process.pid}`;
    Object.freeze(this);
  }

  /** A setting of one service alone, with the default that is right for it. */
  setting(name: string, otherwise: string): string {
    return this.source[name] ?? otherwise;
  }

  /** A positive whole number; anything else refuses the start and names the variable. */
  count(name: string, otherwise: number): number {
    return new SettingReader(this.service, this.source).count(name, otherwise);
  }
}

/** Reads the process's own environment. */
export function readEnvironment(service: ServiceName): ServiceEnv {
  return new ServiceEnv(service, process.env);
}

/** `settlement-calculator` is told its database by `DATABASE_URL_SETTLEMENT_CALCULATOR`. */
export function databaseVariable(service: ServiceName): string {
  return `DATABASE_URL_${service.toUpperCase().replaceAll('-', '_')}`;
}

/** A variable is missing or unusable; the message names it and says what it must hold. */
export class SettingError extends Error {
  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable} ${problem}`);
    this.name = 'SettingError';
  }
}

class SettingReader {
  constructor(
    private readonly service: ServiceName,
    private readonly source: Readonly<Record<string, string | undefined>>,
  ) {}

  required(name: string): string {
    const text = this.source[name];
    if (text === undefined || text === '') {
      throw new SettingError(name, `is not set, and ${this.service} does not start without it`);
    }
    return text;
  }

  optional(name: string, otherwise: string): string {
    return this.source[name] ?? otherwise;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const text = this.required(name);
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      throw new SettingError(name, `is "${text}" and must be one of ${choices.join(', ')}`);
    }
    return found;
  }

  count(name: string, otherwise: number): number {
    const text = this.source[name];
    if (text === undefined) return otherwise;
    if (!/^[1-9][0-9]{0,9}$/.test(text)) {
      throw new SettingError(name, `is "${text}" and must be a positive whole number`);
    }
    return Number(text);
  }

  serviceUrls(name: string): Partial<Record<ServiceName, string>> {
    const urls: Partial<Record<ServiceName, string>> = {};
    const given = new Map<string, unknown>(Object.entries(JSON.parse(this.required(name))));
    for (const service of serviceNames) {
      const url = given.get(service);
      if (typeof url === 'string') urls[service] = url.replace(/\/$/, '');
    }
    return urls;
  }
}
