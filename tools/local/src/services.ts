import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Secrets, ServiceName } from '@qingfen/security';
import type { Variables } from './config.js';
import { nodeArguments } from './node-arguments.js';
import { cloneDirectory } from './places.js';
import { StartFailure } from './start-failure.js';
import type { PartPlan } from './supervised-part.js';

/** The services that the local system runs. */
export const localServices = [
  'gateway',
  'rules',
  'order',
  'settlement-calculator',
  'payout',
  'reconciliation',
  'notification',
] as const satisfies readonly ServiceName[];

/** A service that the local system runs. */
export type LocalService = (typeof localServices)[number];

/** The schema and the login role of a service in PostgreSQL. */
export function databaseNamesOf(service: LocalService): { schema: string; role: string } {
  const schema = service.replaceAll('-', '_');
  return { schema, role: `qf_${schema}` };
}

/** What services are told of the rest of the system. */
export interface Surroundings {
  readonly variables: Variables;
  readonly environment: string;
  readonly clock: string;
  readonly kafkaBrokers: readonly string[];
  readonly databaseUrl: string;
  readonly alipayGateway: string;
  readonly alipaySandboxUrl: string | null;
  readonly smtpUrl: string;
  readonly secrets: Secrets;
  readonly secretsFile: string;
  /** Where the heads of each day's ledger are kept as files. */
  readonly ledgerHeads: string;
  /** Each service's replicas, in their order. */
  readonly urls: Readonly<Record<LocalService, readonly string[]>>;
}

/** The environment of every service; what a person set for tuning is kept. */
export function serviceVariables(around: Surroundings): Variables {
  return {
    LOG_LEVEL: 'info',
    ALIPAY_TIMEOUT_MS: '3000',
    // Short, or every kill -9 costs the half minute that a production broker waits.
    KAFKA_SESSION_TIMEOUT_MS: '3000',
    KAFKA_HEARTBEAT_INTERVAL_MS: '500',
    KAFKA_REBALANCE_TIMEOUT_MS: '5000',
    ...poolSize(around),
    ...around.variables,
    ...databaseUrls(around),
    TZ: 'Asia/Shanghai',
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
    QINGFEN_ENVIRONMENT: around.environment,
    QINGFEN_CLOCK: around.clock,
    KAFKA_BROKERS: around.kafkaBrokers.join(','),
    ALIPAY_GATEWAY: around.alipayGateway,
    ALIPAY_SANDBOX_URL: around.alipaySandboxUrl ?? undefined,
    SMTP_URL: around.smtpUrl,
    QINGFEN_SECRETS_FILE: around.secretsFile,
    LEDGER_HEADS_DIR: around.ledgerHeads,
    QINGFEN_SERVICES: JSON.stringify(around.urls),
    // The owner's address and the admin's password are not the services' business.
    DATABASE_URL: undefined,
    QINGFEN_ADMIN_PASSWORD: undefined,
  };
}

/** One machine's PostgreSQL has connections for so many. */
function poolSize({ urls }: Surroundings): Variables {
  return urls.gateway.length > 2 ? { DATABASE_POOL_MAX: '4' } : {};
}

function databaseUrls(around: Surroundings): Variables {
  return Object.fromEntries(
    localServices.map((service) => {
      const url = new URL(around.databaseUrl);
      url.username = databaseNamesOf(service).role;
      url.password = encodeURIComponent(around.secrets.services[service].databasePassword);
      return [`DATABASE_URL_${service.toUpperCase().replaceAll('-', '_')}`, url.href];
    }),
  );
}

/** A service as one of the processes that it runs in. */
export interface ServicePart {
  readonly name: LocalService;
  readonly url: string;
  /** The part of the system that it is in: `services`, or its own name, numbered if there are several. */
  readonly part: string;
}

/** Every replica of every service, with the part that it is in. */
export function serviceParts(options: {
  readonly processes: 'one' | 'each';
  readonly urls: Surroundings['urls'];
}): readonly ServicePart[] {
  const { processes, urls } = options;
  return localServices.flatMap((name) =>
    urls[name].map((url, index) => {
      const process = processes === 'one' ? 'services' : name;
      return { name, url, part: urls[name].length === 1 ? process : `${process}-${index + 1}` };
    }),
  );
}

/** The services as parts: one process for all or one for each, as often as there are replicas. */
export function servicePlans(options: {
  readonly processes: 'one' | 'each';
  readonly around: Surroundings;
  readonly logs: string;
}): readonly PartPlan[] {
  const { processes, around, logs } = options;
  const shared = serviceVariables(around);
  const parts = serviceParts({ processes, urls: around.urls });
  return [...new Set(parts.map(({ part }) => part))].map((name) => {
    const hosted = parts.filter(({ part }) => part === name);
    const [first] = hosted;
    if (first === undefined) throw new Error(`${name} hosts nothing`);
    const app = processes === 'one' ? 'all-in-one' : first.name;
    const replica = around.urls[first.name].indexOf(first.url) + 1;
    const env = { ...shared, QINGFEN_REPLICA: String(replica) };
    return nodePlan({ name, app, env, logs, probes: readyz(hosted.map(({ url }) => url)) });
  });
}

/** The Alipay sandbox as a part. */
export function sandboxPlan(options: {
  readonly variables: Variables;
  readonly clock: string;
  readonly port: number;
  readonly directory: string;
  readonly logs: string;
}): PartPlan {
  const { variables, clock, port, directory, logs } = options;
  const env = {
    ...variables,
    TZ: 'Asia/Shanghai',
    QINGFEN_CLOCK: clock,
    ALIPAY_SANDBOX_PORT: String(port),
    ALIPAY_SANDBOX_DIR: directory,
  };
  const probes = [`http://127.0.0.1:${port}/healthz`];
  return nodePlan({ name: 'alipay-sandbox', app: 'alipay-sandbox', env, logs, probes });
}

function readyz(urls: readonly string[]): readonly string[] {
  return urls.map((url) => `${url}/readyz`);
}

function nodePlan(options: {
  readonly name: string;
  readonly app: string;
  readonly env: Variables;
  readonly logs: string;
  readonly probes: readonly string[];
}): PartPlan {
  const main = path.join(cloneDirectory(), 'apps', options.app, 'dist', 'main.js');
  let lastWord = '';
  return {
    name: options.name,
    command: process.execPath,
    args: [...nodeArguments, main],
    cwd: cloneDirectory(),
    env: options.env,
    logFile: path.join(options.logs, `${options.name}.log`),
    marker: main,
    stopSignal: 'SIGTERM',
    stopWithinMs: 30_000,
    readyWithinMs: 300_000,
    prepare: () => requireBuilt(options.name, main),
    isReady: async () => {
      for (const url of options.probes) {
        const answer = await ask(url);
        lastWord = answer.isOk ? '' : answer.said;
        if (!answer.isOk) return false;
      }
      return true;
    },
    lastWord: () => lastWord,
  };
}

function requireBuilt(part: string, main: string): Promise<void> {
  if (existsSync(main)) return Promise.resolve();
  throw new StartFailure({ part, reason: `${main} is missing`, fix: 'Run npm run build.' });
}

async function ask(url: string): Promise<{ readonly isOk: boolean; readonly said: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const text = await response.text();
    return {
      isOk: response.status === 200,
      said: `${url}: ${response.status} ${text}`.slice(0, 500),
    };
  } catch {
    return { isOk: false, said: '' }; // not listening yet: its log knows more
  }
}
