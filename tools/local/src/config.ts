import path from 'node:path';
import { parseClockSetting } from '@qingfen/clock';
import { reasonOf } from './data-directory.js';
import { cloneDirectory } from './places.js';
import { StartFailure } from './start-failure.js';

/** Environment variables as they came. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What a gateway of Alipay makes of an installation. */
export type InstallationEnvironment = 'local-sandbox' | 'alipay-sandbox' | 'production';

/** How the local system is to be started: the variables of contracts.md 2, understood. */
export interface LocalConfig {
  readonly dataDirectory: string;
  readonly cacheDirectory: string | undefined;
  readonly clock: string;
  readonly processes: 'one' | 'each';
  /** How often each service runs. */
  readonly replicas: number;
  readonly tuning: 'quick-start' | 'throughput';
  readonly ports: {
    readonly gateway: number | undefined;
    readonly kafka: number | undefined;
    readonly postgres: number | undefined;
    readonly sandbox: number | undefined;
  };
  readonly databaseUrl: string | undefined;
  readonly kafkaBrokers: readonly string[] | undefined;
  readonly alipayGateway: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly environment: InstallationEnvironment;
  readonly adminPassword: string | undefined;
  readonly partitions: number | undefined;
  readonly replicationFactor: number | undefined;
  readonly javaHome: string | undefined;
  /** What the parts inherit. */
  readonly variables: Variables;
}

/** This process's own variables. */
export function inheritedVariables(): Variables {
  return process.env;
}

/** @throws StartFailure naming the variable that can't be understood. */
export function readLocalConfig(variables: Variables): LocalConfig {
  const text = (name: string): string | undefined => variables[name] || undefined;
  const clock = text('QINGFEN_CLOCK') ?? 'system';
  const alipayGateway = text('ALIPAY_GATEWAY');
  const environment = environmentOf(alipayGateway);
  checkClock(clock, environment);
  return {
    dataDirectory: path.resolve(cloneDirectory(), text('QINGFEN_DATA_DIR') ?? '.qingfen'),
    cacheDirectory: text('QINGFEN_CACHE_DIR'),
    clock,
    processes: oneOf('QINGFEN_PROCESSES', text('QINGFEN_PROCESSES') ?? 'one', ['one', 'each']),
    replicas: replicasFrom(text('QINGFEN_REPLICAS') ?? '1'),
    tuning: oneOf('QINGFEN_KAFKA_TUNING', text('QINGFEN_KAFKA_TUNING') ?? 'quick-start', [
      'quick-start',
      'throughput',
    ]),
    ports: {
      gateway: wholeNumber(variables, 'GATEWAY_PORT', 65_535),
      kafka: wholeNumber(variables, 'KAFKA_PORT', 65_535),
      postgres: wholeNumber(variables, 'POSTGRES_PORT', 65_535),
      sandbox: wholeNumber(variables, 'ALIPAY_SANDBOX_PORT', 65_535),
    },
    databaseUrl: text('DATABASE_URL'),
    kafkaBrokers: text('KAFKA_BROKERS')
      ?.split(',')
      .map((broker) => broker.trim()),
    alipayGateway,
    smtpUrl: text('SMTP_URL'),
    environment,
    adminPassword: text('QINGFEN_ADMIN_PASSWORD'),
    partitions: wholeNumber(variables, 'KAFKA_PARTITIONS', 1_000),
    replicationFactor: wholeNumber(variables, 'KAFKA_REPLICATION_FACTOR', 100),
    javaHome: text('JAVA_HOME'),
    variables,
  };
}

/**
 * Which Alipay a gateway is, by its host: this machine's is the local sandbox, `alipaydev.com` and
 * hosts that begin with `openapi-sandbox` are Alipay's own, anything else moves real money.
 *
 * @throws StartFailure for a text that is no http(s) address.
 */
export function environmentOf(gateway: string | undefined): InstallationEnvironment {
  if (gateway === undefined) return 'local-sandbox';
  const url = URL.canParse(gateway) ? new URL(gateway) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw wrong('ALIPAY_GATEWAY', `${gateway} is no http or https address`);
  }
  const { hostname } = url;
  if (isLoopback(hostname)) return 'local-sandbox';
  if (/(^|\.)alipaydev\.com$/.test(hostname)) return 'alipay-sandbox';
  return hostname.startsWith('openapi-sandbox.') ? 'alipay-sandbox' : 'production';
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(hostname)
  );
}

function checkClock(clock: string, environment: InstallationEnvironment): void {
  try {
    const { mode } = parseClockSetting(clock);
    if (mode === 'system' || environment === 'local-sandbox') return;
  } catch (error) {
    throw wrong('QINGFEN_CLOCK', reasonOf(error));
  }
  throw new StartFailure({
    part: 'clock',
    reason: 'a virtual clock never runs against a gateway outside of this machine',
    fix: 'Unset QINGFEN_CLOCK, or unset ALIPAY_GATEWAY to use the local sandbox.',
  });
}

function oneOf<T extends string>(name: string, given: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === given);
  if (found === undefined) throw wrong(name, `${given} is none of ${choices.join(', ')}`);
  return found;
}

function replicasFrom(given: string): number {
  if (/^[1-4]$/.test(given)) return Number(given);
  throw wrong('QINGFEN_REPLICAS', `${given} is no whole number from 1 to 4`);
}

function wholeNumber(variables: Variables, name: string, most: number): number | undefined {
  const given = variables[name];
  if (given === undefined || given === '') return undefined;
  if (!/^[0-9]{1,6}$/.test(given) || Number(given) > most) {
    throw wrong(name, `${given} is no whole number from 0 to ${most}`);
  }
  return Number(given);
}

function wrong(variable: string, problem: string): StartFailure {
  return new StartFailure({
    part: 'settings',
    reason: `${variable}: ${problem}`,
    fix: `Set ${variable} to a value that fits, or unset it.`,
  });
}
