import { failpointVariable } from '@qingfen/failpoint';
import { hostname } from 'node:os';
import { readSecrets, serviceNames, type Secrets, type ServiceName } from '@qingfen/security';
import { parseClockSetting, type ClockSetting } from '@qingfen/clock';

export type Environment = 'local-sandbox' | 'alipay-sandbox' | 'production';

/** Where services are: at least one URL for each that there is. */
export type ServiceUrls = Readonly<Partial<Record<ServiceName, readonly string[]>>>;

/** More replicas of one service than anybody runs: a list that is longer was written by mistake. */
const replicasMax = 64;

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
  /** Base URLs of every service's replicas, in their order, without a trailing slash. */
  readonly services: ServiceUrls;
  /** Which of its service's replicas this process is, from 0. */
  readonly replica: number;
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
    if (this.environment !== 'local-sandbox' && source[failpointVariable] !== undefined) {
      throw new SettingError(failpointVariable, 'is for the local sandbox alone');
    }
    this.services = read.serviceUrls('QINGFEN_SERVICES');
    this.replica = read.count('QINGFEN_REPLICA', 1) - 1;
    const own = ownUrl(this.services, { service, replica: this.replica });
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
      batchMessagesMax: read.count('KAFKA_BATCH_MESSAGES_MAX', 500),
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

function ownUrl(
  services: ServiceUrls,
  { service, replica }: { readonly service: ServiceName; readonly replica: number },
): string {
  const urls = services[service];
  if (urls === undefined) throw new SettingError('QINGFEN_SERVICES', `names no "${service}"`);
  const own = urls[replica];
  if (own !== undefined) return own;
  const problem = `is ${replica + 1}, and QINGFEN_SERVICES has ${urls.length} of "${service}"`;
  throw new SettingError('QINGFEN_REPLICA', problem);
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

  /** One URL for a service, or the list of its replicas' URLs. */
  serviceUrls(name: string): ServiceUrls {
    const urls: Partial<Record<ServiceName, readonly string[]>> = {};
    const given = new Map<string, unknown>(Object.entries(this.json(name)));
    for (const service of serviceNames) {
      const told = given.get(service);
      if (told === undefined) continue;
      const list: readonly unknown[] = Array.isArray(told) ? told : [told];
      if (list.length === 0 || list.length > replicasMax) {
        throw new SettingError(
          name,
          `has ${list.length} URLs of "${service}", not 1 to ${replicasMax}`,
        );
      }
      urls[service] = list.map((url) => baseUrl(name, service, url));
    }
    return urls;
  }

  private json(name: string): object {
    try {
      const value: unknown = JSON.parse(this.required(name));
      if (typeof value === 'object' && value !== null) return value;
    } catch (error) {
      if (error instanceof SettingError) throw error;
    }
    throw new SettingError(name, 'is no JSON object of URLs by service');
  }
}

function baseUrl(variable: string, service: ServiceName, url: unknown): string {
  if (typeof url === 'string' && URL.canParse(url) && /^https?:/.test(url)) {
    return url.replace(/\/$/, '');
  }
  throw new SettingError(
    variable,
    `has no http or https URL of "${service}": ${JSON.stringify(url)}`,
  );
}
