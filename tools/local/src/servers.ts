import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { inheritedVariables } from './config.js';
import { findJava } from './java.js';
import { kafkaPlan, type KafkaOptions } from './kafka-broker.js';
import { ensureKafkaJars } from './kafka-jars.js';
import { PidBook } from './pid-book.js';
import { reserveAnyPort } from './ports.js';
import { findPostgres } from './postgres-binaries.js';
import { ownerUrl, postgresPlan } from './postgres-server.js';
import { keepPassword } from './secrets.js';
import { SupervisedPart, type PartPlan, type Progress } from './supervised-part.js';

/** One server started by itself, for tests and proofs. */
export interface LoneServer {
  /** How clients reach it: `host:port` of Kafka, the owner's address of PostgreSQL. */
  readonly address: string;
  /** The process it is at this moment; another one after it was killed. */
  pid(): number | undefined;
  /** Whether it answers now. */
  isReady(): Promise<boolean>;
  stop(): Promise<void>;
}

const silent: Progress = () => undefined;

/** Starts one Kafka broker on a free port; a directory used before is gone on with. */
export async function startKafka(options: {
  readonly directory: string;
  readonly tuning?: KafkaOptions['tuning'];
  readonly progress?: Progress;
}): Promise<LoneServer> {
  const { directory, tuning = 'quick-start', progress = silent } = options;
  const env = inheritedVariables();
  mkdirSync(directory, { recursive: true });
  const java = await findJava(env['JAVA_HOME']);
  const cacheDirectory = env['QINGFEN_CACHE_DIR'];
  const jars = await ensureKafkaJars({ cacheDirectory, env, progress });
  const [client, controller] = [await reserveAnyPort(), await reserveAnyPort()];
  const plan = kafkaPlan({
    jars,
    java,
    directory: path.join(directory, 'kafka'),
    logFile: path.join(directory, 'kafka.out.log'),
    brokerLogFile: path.join(directory, 'kafka.log'),
    port: client.port,
    controllerPort: controller.port,
    env,
    tuning,
  });
  await Promise.all([client.release(), controller.release()]);
  return startAlone(plan, { directory, progress, address: `127.0.0.1:${client.port}` });
}

/**
 * Starts one PostgreSQL on a free port with the local system's settings; `settings` overrules
 * them, `{ fsync: 'off' }` say, for tests that need no durability.
 */
export async function startPostgres(options: {
  readonly directory: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly progress?: Progress;
}): Promise<LoneServer> {
  const { directory, settings = {}, progress = silent } = options;
  mkdirSync(directory, { recursive: true });
  if (process.getuid?.() === 0) chmodSync(directory, 0o711);
  const reserved = await reserveAnyPort();
  const { port } = reserved;
  const password = keepPassword(path.join(directory, 'postgres-password'));
  const plan = await postgresPlan({
    binaries: await findPostgres(progress),
    link: path.join(directory, 'postgres'),
    logFile: path.join(directory, 'postgres.log'),
    port,
    password,
    settings,
    env: inheritedVariables(),
  });
  await reserved.release();
  const address = ownerUrl({ port, password, database: 'postgres' });
  return startAlone(plan, { directory, progress, address });
}

async function startAlone(
  plan: PartPlan,
  options: { readonly directory: string; readonly progress: Progress; readonly address: string },
): Promise<LoneServer> {
  const book = new PidBook(path.join(options.directory, `${plan.name}-pids.json`));
  const part = new SupervisedPart(plan, book, options.progress);
  await part.start();
  return {
    address: options.address,
    pid: () => part.pid,
    isReady: () => plan.isReady().catch(() => false),
    stop: () => part.stop(),
  };
}
