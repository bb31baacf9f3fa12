import path from 'node:path';
import type { Secrets } from '@qingfen/security';
import type { LocalConfig } from './config.js';
import { lockDataDirectory, openDataDirectory, type DataDirectory } from './data-directory.js';
import { bootstrapServices, createDatabase, stampEnvironment } from './installation.js';
import { findJava } from './java.js';
import { kafkaPlan } from './kafka-broker.js';
import { ensureKafkaJars } from './kafka-jars.js';
import { startMailKeeper, type MailKeeper } from './mail.js';
import { endLeftovers, PidBook } from './pid-book.js';
import {
  portsOf,
  releaseAll,
  reservePorts,
  servicePortsOf,
  serviceUrls,
  type PortPlan,
} from './port-plan.js';
import type { ReservedPort } from './ports.js';
import { findPostgres } from './postgres-binaries.js';
import { ownerUrl, postgresPlan } from './postgres-server.js';
import type { ReadyInfo } from './ready-info.js';
import { keepPassword, keepSecrets } from './secrets.js';
import {
  databaseNamesOf,
  localServices,
  sandboxPlan,
  serviceParts,
  servicePlans,
} from './services.js';
import type { Surroundings } from './services.js';
import { StartFailure } from './start-failure.js';
import { SupervisedPart, type PartPlan, type Progress } from './supervised-part.js';
import { createTopics } from './topic-admin.js';
import { probe } from './waiting.js';

const databaseName = 'qingfen';
const allReadyWithinMs = 60_000;

/** What one start has at hand. */
interface Start {
  readonly data: DataDirectory;
  readonly book: PidBook;
  readonly ports: PortPlan;
  readonly secrets: Secrets;
}

/**
 * Everything on one machine: PostgreSQL, Kafka, the Alipay sandbox, a mail keeper and the services,
 * started in the order in which they need each other, watched, and stopped in the reverse order.
 */
export class LocalSystem {
  /** Settles when a part has died too often; stays open otherwise. */
  readonly failed: Promise<StartFailure>;
  readonly #config: LocalConfig;
  readonly #progress: Progress;
  readonly #stopping = new AbortController();
  readonly #parts: SupervisedPart[] = [];
  #tellFailed: (failure: StartFailure) => void = () => undefined;
  #ports: PortPlan | undefined;
  #mail: MailKeeper | undefined;
  #unlock: () => void = () => undefined;

  constructor(config: LocalConfig, progress: Progress) {
    this.#config = config;
    this.#progress = progress;
    this.failed = new Promise((resolve) => {
      this.#tellFailed = resolve;
    });
  }

  /**
   * Starts what the settings do not replace.
   *
   * @throws StartFailure in words for the person who starts it; `stop` ends what was started then.
   */
  async start(): Promise<ReadyInfo> {
    const { dataDirectory, adminPassword, variables } = this.#config;
    const data = openDataDirectory(dataDirectory);
    this.#unlock = lockDataDirectory(data.root);
    this.#progress(`data directory ${data.root}`);
    const ended = await endLeftovers(data.pidsFile);
    if (ended.length > 0) this.#progress(`ended what was left behind: ${ended.join(', ')}`);
    const secrets = keepSecrets({ file: data.secretsFile, adminPassword });
    this.#ports = await reservePorts(this.#config);
    const start: Start = {
      data,
      book: new PidBook(data.pidsFile),
      ports: this.#ports,
      secrets,
    };
    const [databaseUrl, kafkaBrokers, alipay, smtpUrl] = await Promise.all([
      this.#startPostgres(start),
      this.#startKafka(start),
      this.#startSandbox(start),
      this.#startMail(start),
    ]);
    const around: Surroundings = {
      variables,
      environment: this.#config.environment,
      clock: this.#config.clock,
      kafkaBrokers,
      databaseUrl,
      ...alipay,
      smtpUrl,
      secrets,
      secretsFile: data.secretsFile,
      ledgerHeads: path.join(data.root, 'ledger-heads'),
      urls: serviceUrls(start.ports),
    };
    const services = await this.#startServices(start, around);
    return this.#readyInfo(start, around, services);
  }

  /** Stops services, sandbox, Kafka and PostgreSQL in that order, whatever of them runs. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const servers = ['alipay-sandbox', 'kafka', 'postgres'];
    const stopThose = async (choose: (name: string) => boolean): Promise<void> => {
      const chosen = this.#parts.filter(({ plan }) => choose(plan.name));
      await Promise.all(chosen.map((part) => part.stop()));
    };
    await stopThose((name) => !servers.includes(name));
    await this.#mail?.stop();
    for (const server of servers) await stopThose((name) => name === server);
    if (this.#ports !== undefined) await releaseAll(portsOf(this.#ports));
    this.#unlock();
  }

  /** The owner's address of a database in which every service has its role and schema. */
  async #startPostgres({ data, book, ports, secrets }: Start): Promise<string> {
    const url = this.#config.databaseUrl ?? (await this.#startOwnPostgres(data, book, ports));
    await stampEnvironment(url, this.#config.environment);
    await bootstrapServices({
      ownerUrl: url,
      owners: localServices.map((service) => ({
        ...databaseNamesOf(service),
        password: secrets.services[service].databasePassword,
      })),
      sqlFile: path.join(data.root, 'bootstrap.sql'),
    });
    this.#progress('database ready: environment stamped, a schema and a role per service');
    return url;
  }

  async #startOwnPostgres(data: DataDirectory, book: PidBook, ports: PortPlan): Promise<string> {
    const password = keepPassword(data.postgresPasswordFile);
    const { port } = ports.postgres;
    const plan = await postgresPlan({
      binaries: await findPostgres(this.#progress),
      link: data.postgresLink,
      logFile: path.join(data.logs, 'postgres.log'),
      port,
      password,
      env: this.#config.variables,
    });
    await this.#run(plan, book, [ports.postgres]);
    const maintenanceUrl = ownerUrl({ port, password, database: 'postgres' });
    await createDatabase({ maintenanceUrl, database: databaseName });
    return ownerUrl({ port, password, database: databaseName });
  }

  /** Brokers that have every topic. */
  async #startKafka({ data, book, ports }: Start): Promise<readonly string[]> {
    const { partitions, replicationFactor } = this.#config;
    const brokers = this.#config.kafkaBrokers ?? (await this.#startOwnKafka(data, book, ports));
    const created = await createTopics(brokers, {
      ...(partitions === undefined ? {} : { partitions }),
      ...(replicationFactor === undefined ? {} : { replicationFactor }),
    }).catch((error: unknown) => {
      throw new StartFailure({
        part: 'kafka',
        reason: `the topics could not be made at ${brokers.join(',')}: ${String(error)}`,
        fix: 'Look whether KAFKA_BROKERS can be reached and lets topics be made.',
      });
    });
    this.#progress(`topics ready (${created.length} new)`);
    return brokers;
  }

  async #startOwnKafka(
    data: DataDirectory,
    book: PidBook,
    ports: PortPlan,
  ): Promise<readonly string[]> {
    const { cacheDirectory, variables: env, tuning } = this.#config;
    const java = await findJava(this.#config.javaHome);
    const { signal } = this.#stopping;
    const progress = this.#progress;
    const jars = await ensureKafkaJars({ cacheDirectory, env, progress, signal });
    const plan = kafkaPlan({
      ...{ jars, java, env, tuning },
      directory: data.kafka,
      logFile: path.join(data.logs, 'kafka.out.log'),
      brokerLogFile: path.join(data.logs, 'kafka.log'),
      port: ports.kafka.port,
      controllerPort: ports.kafkaController.port,
    });
    await this.#run(plan, book, [ports.kafka, ports.kafkaController]);
    return [`127.0.0.1:${ports.kafka.port}`];
  }

  async #startSandbox({
    data,
    book,
    ports,
  }: Start): Promise<Pick<Surroundings, 'alipayGateway' | 'alipaySandboxUrl'>> {
    const { alipayGateway, environment, variables, clock } = this.#config;
    if (alipayGateway !== undefined) {
      const isLocal = environment === 'local-sandbox';
      return {
        alipayGateway,
        alipaySandboxUrl: isLocal ? new URL(alipayGateway).origin : null,
      };
    }
    const { port } = ports.sandbox;
    const plan = sandboxPlan({
      ...{ variables, clock, port },
      directory: data.sandbox,
      logs: data.logs,
    });
    await this.#run(plan, book, [ports.sandbox]);
    const alipaySandboxUrl = `http://127.0.0.1:${port}`;
    return { alipayGateway: `${alipaySandboxUrl}/gateway.do`, alipaySandboxUrl };
  }

  async #startMail({ data, ports }: Start): Promise<string> {
    if (this.#config.smtpUrl !== undefined) return this.#config.smtpUrl;
    await ports.mail.release();
    this.#mail = await startMailKeeper({ directory: data.mail, port: ports.mail.port });
    return this.#mail.url;
  }

  async #startServices(
    { data, book, ports }: Start,
    around: Surroundings,
  ): Promise<readonly SupervisedPart[]> {
    const { processes } = this.#config;
    const plans = servicePlans({ processes, around, logs: data.logs });
    await releaseAll(servicePortsOf(ports));
    const parts = await Promise.all(plans.map((plan) => this.#run(plan, book, [])));
    await this.#untilAllReady(parts);
    return parts;
  }

  /** A replica that joins has the others share anew: the last one ready is not all of them. */
  async #untilAllReady(parts: readonly SupervisedPart[]): Promise<void> {
    const areReady = async (): Promise<boolean> => {
      const ready = await Promise.all(parts.map(({ plan }) => plan.isReady().catch(() => false)));
      return ready.every(Boolean);
    };
    const { signal } = this.#stopping;
    if (await probe(areReady, { withinMs: allReadyWithinMs, signal })) return;
    if (signal.aborted) throw stopped('services');
    throw new StartFailure({
      part: 'services',
      reason: `they were ready one by one, and not together within ${allReadyWithinMs / 1000} s`,
      fix: `See the logs in ${path.dirname(parts[0]?.plan.logFile ?? '')}.`,
    });
  }

  /** Starts a part and watches it from now on; the first that fails for good fails the system. */
  async #run(
    plan: PartPlan,
    book: PidBook,
    reserved: readonly ReservedPort[],
  ): Promise<SupervisedPart> {
    const startedAt = performance.now();
    await releaseAll(reserved);
    const part = new SupervisedPart(plan, book, this.#progress);
    if (this.#stopping.signal.aborted) throw stopped(plan.name);
    this.#parts.push(part);
    this.#progress(`starting ${plan.name}`);
    const ticking = setInterval(() => {
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      const word = plan.lastWord?.() ?? '';
      this.#progress(`waiting for ${plan.name} (${seconds} s)${word === '' ? '' : `: ${word}`}`);
    }, 10_000);
    await part.start().finally(() => clearInterval(ticking));
    void part.gaveUp.then(this.#tellFailed);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    this.#progress(`${plan.name} ready after ${seconds} s`);
    return part;
  }

  #readyInfo(
    { data, secrets }: Start,
    around: Surroundings,
    parts: readonly SupervisedPart[],
  ): ReadyInfo {
    const pidOf = (name: string): number => parts.find(({ plan }) => plan.name === name)?.pid ?? 0;
    const { processes } = this.#config;
    const services = serviceParts({ processes, urls: around.urls });
    return {
      pid: process.pid,
      dataDir: data.root,
      logs: data.logs,
      clock: around.clock,
      gateway: around.urls.gateway[0] ?? '',
      kafka: around.kafkaBrokers.join(','),
      postgres: around.databaseUrl,
      alipaySandbox: around.alipaySandboxUrl,
      admin: { username: 'admin', password: secrets.adminPassword },
      services: services.map(({ name, url, part }) => ({ name, url, pid: pidOf(part) })),
    };
  }
}

function stopped(part: string): StartFailure {
  return new StartFailure({ part, reason: 'the start was stopped', fix: 'Start again.' });
}
