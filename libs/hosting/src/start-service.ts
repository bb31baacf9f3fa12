import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SystemClock, VirtualClock, type Clock } from '@qingfen/clock';
import { createDatabase, type Database } from '@qingfen/database';
import { BatchServer, createKafka, Intake, OffsetStore, Relay, Units } from '@qingfen/messaging';
import {
  BlindIndex,
  FieldCipher,
  MessageSigner,
  MessageVerifier,
  publicKeysOf,
  TokenIssuer,
  TokenVerifier,
} from '@qingfen/security';
import {
  createLogger,
  Metrics,
  withCorrelation,
  WorkCounter,
  type Logger,
} from '@qingfen/telemetry';
import type { Kafka } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { connectConsumers } from './connect-consumers.js';
import { readEnvironment, type ServiceEnv } from './config.js';
import type { ServiceDefinition } from './definition.js';
import { HostModule, type HostParts } from './host.module.js';
import { migrationsOf } from './migrations.js';
import { NestLogger } from './nest-logger.js';
import { untilThere } from './patience.js';
import { Positions } from './positions.js';
import { Readiness } from './readiness.js';
import { ServiceClient } from './service-client.js';
import { StatusBoard } from './status-board.js';
import { TopicBarrier } from './topic-barrier.js';

const neighboursDeadlineMs = 120_000;
const restoreDeadlineMs = 600_000;
const bodyLimit = '4mb';
/** As many as topics have partitions: what a fetch brings of them is taken in one transaction. */
const partitionsAtOnce = 6;
/** A fetch ends at once where there is anything; where there is nothing each costs, for all of them. */
const fetchWaitMs = 500;

export interface RunningService {
  readonly name: string;
  readonly app: NestExpressApplication;
  /** Leaves the consumer groups, finishes what is under way, closes connections. */
  stop(): Promise<void>;
}

/**
 * Starts one service: database and migrations, the clock, the relay, HTTP, then the consumers.
 *
 * @throws when a neighbour (database, brokers, gateway's clock) stays away for two minutes.
 */
export async function startService(
  definition: ServiceDefinition,
  env: ServiceEnv,
  onFatal: (error: unknown) => void,
): Promise<RunningService> {
  const logger = createLogger({ service: definition.name, level: env.logLevel });
  const parts = await assemble(definition, env, logger);
  const app = await NestFactory.create<NestExpressApplication>(HostModule.around(parts), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
    // Idle connections of neighbours must not hold up a stop.
    forceCloseConnections: true,
  });
  app.use(correlate);
  await definition.configure?.(app, env);
  app.useBodyParser('json', { limit: bodyLimit });
  const server = new BatchServer({
    brokers: [...env.brokers],
    clientId: `${definition.name}-${env.instance}`,
    service: definition.name,
    groups: definition.groups.map(({ name, topics }) => ({ name, topics: [...topics] })),
    ...env.kafka,
    maxWaitTimeInMs: fetchWaitMs,
    concurrency: partitionsAtOnce,
    offsets: new OffsetStore(parts.database),
    logger,
    metrics: parts.metrics,
    onFatal,
    onRestored: () => stopForRestore(parts),
  });
  parts.readiness.require('kafka consumers', () => server.isReady());
  connectConsumers(app, server);
  await app.listen(env.httpPort, env.httpHost);
  parts.relay.start();
  await app.startAllMicroservices();
  logger.info({ port: env.httpPort }, 'service started');
  return {
    name: definition.name,
    app,
    stop: async () => {
      await app.close();
      await parts.barrier.close();
      await parts.relay.stop();
      await parts.database.close();
      logger.info('service stopped');
    },
  };
}

async function assemble(
  definition: ServiceDefinition,
  env: ServiceEnv,
  logger: Logger,
): Promise<HostParts> {
  const { secrets, service } = env;
  const own = secrets.services[service];
  if (own === undefined) throw new Error(`the secrets file has no keys of ${service}`);
  const metrics = new Metrics();
  const work = new WorkCounter();
  const database = await openDatabase(definition, env, logger);
  const verifyingKeys = publicKeysOf(secrets);
  const client = new ServiceClient(env, new TokenIssuer({ service, ...own.signingKey }));
  const clock = await startClock(definition, env, { database, client, logger });
  const kafka = createKafka({
    brokers: [...env.brokers],
    clientId: `${service}-${env.instance}-admin`,
    logger,
  });
  const relay = new Relay({
    database,
    brokers: [...env.brokers],
    clientId: `${service}-${env.instance}-relay`,
    logger,
    metrics,
  });
  const common = {
    database,
    service,
    signer: new MessageSigner(own.signingKey),
    clock,
    onSaid: () => {
      relay.wake();
    },
  };
  const barrier = new TopicBarrier(kafka, database, logger);
  const readiness = new Readiness();
  readiness.require('database', async () => (await database.query('SELECT 1')).length === 1);
  return {
    env,
    definition,
    logger,
    metrics,
    work,
    database,
    clock,
    relay,
    units: new Units(common),
    intake: new Intake({
      ...common,
      logger,
      metrics,
      work,
      verifier: new MessageVerifier(verifyingKeys),
    }),
    client,
    cipher: new FieldCipher(secrets.fieldKeys),
    blindIndex: new BlindIndex(secrets.blindIndexKey),
    tokens: new TokenVerifier({ service, publicKeys: verifyingKeys }),
    readiness,
    board: new StatusBoard(),
    positions: new Positions(
      database,
      definition,
      await partitionCounts(definition, kafka, logger),
    ),
    barrier,
  };
}

async function openDatabase(
  definition: ServiceDefinition,
  env: ServiceEnv,
  logger: Logger,
): Promise<Database> {
  const database = await untilThere(
    'the database',
    () =>
      createDatabase({
        url: env.databaseUrl,
        schema: definition.name.replaceAll('-', '_'),
        applicationName: `qingfen-${definition.name}`,
        poolMax: env.databasePoolMax,
        logger,
        migrations: migrationsOf(definition),
      }),
    { logger, deadlineMs: neighboursDeadlineMs },
  );
  await database.migrate();
  return database;
}

/**
 * The database knows less than Kafka: it was restored from a backup, and money may have moved since. Nothing
 * is read again before payout has set the emergency stop (architecture.md rule 2).
 */
async function stopForRestore({ client, env, logger }: HostParts): Promise<void> {
  logger.error('the database is behind Kafka: it was restored; asking for the emergency stop');
  await untilThere(
    'payout to set the emergency stop',
    async () => {
      const { status } = await client.request({
        service: 'payout',
        method: 'PUT',
        path: '/internal/emergency-stop/restored',
        body: { reason: `the database of ${env.service} was restored from a backup` },
      });
      if (status >= 300) throw new Error(`payout answered ${status}`);
    },
    { logger, deadlineMs: restoreDeadlineMs },
  );
}

/** A part that starts asks the gateway what time it is before it is ready. */
async function startClock(
  definition: ServiceDefinition,
  env: ServiceEnv,
  parts: { database: Database; client: ServiceClient; logger: Logger },
): Promise<Clock> {
  if (env.clock.mode === 'system') return new SystemClock();
  const { start } = env.clock;
  if (definition.rememberedClock !== undefined) {
    const remembered = await definition.rememberedClock(parts.database, env);
    return new VirtualClock(remembered !== null && remembered > start ? remembered : start);
  }
  const now = await untilThere(
    "the gateway's clock",
    async () => {
      const answer = await parts.client.request<{ now: string }>({
        service: 'gateway',
        method: 'GET',
        path: '/internal/clock',
      });
      if (answer.status !== 200) throw new Error(`the gateway answered ${answer.status}`);
      return new Date(answer.body.now);
    },
    { logger: parts.logger, deadlineMs: neighboursDeadlineMs },
  );
  return new VirtualClock(now);
}

async function partitionCounts(
  definition: ServiceDefinition,
  kafka: Kafka,
  logger: Logger,
): Promise<Map<string, number>> {
  const topics = [...new Set(definition.groups.flatMap((group) => group.topics))];
  if (topics.length === 0) return new Map();
  const admin = kafka.admin();
  return untilThere(
    'the topics on the brokers',
    async () => {
      await admin.connect();
      try {
        const metadata = await admin.fetchTopicMetadata({ topics });
        return new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]));
      } finally {
        await admin.disconnect();
      }
    },
    { logger, deadlineMs: neighboursDeadlineMs },
  );
}

function correlate(request: Request, _response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id'];
  const requestId =
    typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
  withCorrelation({ requestId }, () => {
    next();
  });
}

/** The whole life of a service that has a process of its own. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  await runServices([definition]);
}

/** The whole life of a process that hosts these services, each with its own parts. */
export async function runServices(definitions: readonly ServiceDefinition[]): Promise<void> {
  const running: RunningService[] = [];
  let stopping = false;
  const stop = async (status: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await Promise.allSettled(running.map((service) => service.stop()));
    process.exit(status);
  };
  const fatal = (error: unknown): void => {
    const logger = createLogger({ service: 'host', level: 'info' });
    logger.fatal({ err: error }, 'cannot go on; the supervisor starts this process again');
    process.exit(1);
  };
  process.once('SIGTERM', () => void stop(0));
  process.once('SIGINT', () => void stop(0));
  process.once('uncaughtException', fatal);
  process.once('unhandledRejection', fatal);
  try {
    await Promise.all(
      definitions.map(async (definition) => {
        running.push(await startService(definition, readEnvironment(definition.name), fatal));
      }),
    );
  } catch (error) {
    fatal(error);
  }
}
