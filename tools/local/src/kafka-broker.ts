import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from './data-directory.js';
import { silentKafka } from './kafka-client.js';
import type { KafkaJars } from './kafka-jars.js';
import { cloneDirectory } from './places.js';
import { StartFailure } from './start-failure.js';
import type { PartPlan } from './supervised-part.js';

const run = promisify(execFile);

/** What a broker of the local system is made of. */
export interface KafkaOptions {
  readonly jars: KafkaJars;
  readonly java: string;
  /** Its data and settings. */
  readonly directory: string;
  /** What the process prints: next to nothing. */
  readonly logFile: string;
  /** What the broker logs; log4j keeps two older generations beside it. */
  readonly brokerLogFile: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * `quick-start` compiles little and is up sooner, `throughput` lets the JVM optimise fully and
   * gives it more memory: for benchmarks.
   */
  readonly tuning: 'quick-start' | 'throughput';
}

/** One KRaft node that is broker and controller, on 127.0.0.1 only. */
export function kafkaPlan(options: KafkaOptions): PartPlan {
  const settingsFile = path.join(options.directory, 'server.properties');
  const kafka = silentKafka([`127.0.0.1:${options.port}`], { attempts: 0 });
  return {
    name: 'kafka',
    command: options.java,
    args: [
      ...jvmArguments(options.tuning),
      ...javaArguments(options.jars, options.brokerLogFile),
      'kafka.Kafka',
      settingsFile,
    ],
    cwd: options.directory,
    env: options.env,
    logFile: options.logFile,
    marker: settingsFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: 20_000,
    readyWithinMs: 120_000,
    prepare: () => formatOnce(options),
    isReady: async () => {
      const admin = kafka.admin();
      try {
        await admin.connect();
        const { brokers } = await admin.describeCluster();
        return brokers.length > 0;
      } finally {
        await admin.disconnect();
      }
    },
  };
}

/** Class path and log settings of the broker and of its tools: a tool has no log file. */
export function javaArguments(jars: KafkaJars, logFile?: string): readonly string[] {
  const settings = logFile === undefined ? 'log4j2-tools.properties' : 'log4j2.properties';
  return [
    '-Djava.awt.headless=true',
    `-Dlog4j2.configurationFile=${path.join(cloneDirectory(), 'tools', 'kafka', settings)}`,
    ...(logFile === undefined ? [] : [`-Dqingfen.kafka.log=${logFile}`]),
    '-cp',
    path.join(jars.directory, '*'),
  ];
}

function jvmArguments(tuning: KafkaOptions['tuning']): readonly string[] {
  const always = ['-XX:+ExitOnOutOfMemoryError', '-XX:+UseSerialGC', '-Xshare:auto'];
  return tuning === 'quick-start'
    ? [...always, '-Xms128m', '-Xmx512m', '-XX:TieredStopAtLevel=1']
    : [...always, '-Xms512m', '-Xmx1g'];
}

/**
 * The broker's settings. Ports may change from start to start; the node stays the same one.
 *
 * Quick to come back after a kill: short broker session, short elections, no wait for more members
 * when a group forms, a group session as short as the services ask for (3 s).
 */
export function brokerSettings(options: {
  readonly directory: string;
  readonly port: number;
  readonly controllerPort: number;
}): Readonly<Record<string, string>> {
  const { directory, port, controllerPort } = options;
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': path.join(directory, 'data'),
    'auto.create.topics.enable': 'false',
    'num.partitions': '6',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '8',
    // Offsets of a group that stays away are kept for ten years, as long as the topics are.
    'offsets.retention.minutes': '5256000',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '3000',
    'controller.quorum.election.timeout.ms': '500',
    'controller.quorum.fetch.timeout.ms': '1000',
    'controller.quorum.election.backoff.max.ms': '200',
    'initial.broker.registration.timeout.ms': '60000',
    'message.max.bytes': '17825792',
    'replica.fetch.max.bytes': '17825792',
    'socket.request.max.bytes': '104857600',
    // The broker re-packs everything to gzip; at its quickest level that costs a third of the time.
    'compression.gzip.level': '1',
    'num.recovery.threads.per.data.dir': '2',
    'log.cleaner.dedupe.buffer.size': '16777216',
    'log.segment.bytes': '268435456',
    'log.retention.hours': '-1',
    'num.network.threads': '2',
    'num.io.threads': '4',
  };
}

/** Writes the settings and, the first time, makes the node's data directory: all of it or none. */
async function formatOnce(options: KafkaOptions): Promise<void> {
  const data = path.join(options.directory, 'data');
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const settings = brokerSettings(options);
  writeSettings(path.join(options.directory, 'server.properties'), settings);
  if (existsSync(data)) return;
  const draft = path.join(options.directory, `data-${randomUUID()}`);
  const draftSettings = `${draft}.properties`;
  writeSettings(draftSettings, { ...settings, 'log.dirs': draft });
  const clusterId = randomBytes(16).toString('base64url');
  const args = [
    ...jvmArguments('quick-start'),
    ...javaArguments(options.jars),
    // One word: an id that begins with a dash would be taken for an option.
    ...['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`],
    ...['--config', draftSettings],
  ];
  try {
    await run(options.java, args, { env: options.env });
    renameSync(draft, data);
  } catch (error) {
    throw new StartFailure({
      part: 'kafka',
      reason: `its data directory could not be made: ${reasonOf(error).slice(0, 500)}`,
      fix: `Look at what it says, and at the room on the disk of ${options.directory}.`,
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(draftSettings, { force: true });
  }
}

function writeSettings(file: string, settings: Readonly<Record<string, string>>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}
