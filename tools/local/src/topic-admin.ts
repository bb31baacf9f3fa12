import { topicSpecsFor, type TopicSizing, type TopicSpec } from '@qingfen/contracts';
import kafkajs, { type Admin } from 'kafkajs';
import { silentKafka } from './kafka-client.js';
import { probe } from './waiting.js';

/** A topic that is not what the contract says. */
export interface TopicProblem {
  readonly topic: string;
  readonly problem: string;
  /** Whether its absence is all that is wrong, so that creating it helps. */
  readonly isMissing: boolean;
}

/**
 * Creates the topics that are missing, waits for their leaders, and has the broker make its own
 * topic of group offsets, so that the first consumer finds a coordinator.
 *
 * @returns the names of those created.
 */
export async function createTopics(
  brokers: readonly string[],
  sizing: TopicSizing,
): Promise<readonly string[]> {
  return withAdmin(brokers, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topicSpecsFor(sizing).filter(({ name }) => !existing.has(name));
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: true,
        timeout: 30_000,
        topics: missing.map((spec) => ({
          topic: spec.name,
          numPartitions: spec.partitions,
          replicationFactor: spec.replicationFactor,
          configEntries: Object.entries(spec.config).map(([name, value]) => ({ name, value })),
        })),
      });
    }
    await waitForCoordinator(admin);
    return missing.map(({ name }) => name);
  });
}

/** kafkajs gives up at once on a coordinator that is still loading its offsets: ask again. */
async function waitForCoordinator(admin: Admin): Promise<void> {
  let last: unknown;
  const ask = (): Promise<boolean> =>
    admin.fetchOffsets({ groupId: 'qingfen-local' }).then(
      () => true,
      (error: unknown) => {
        last = error;
        return false;
      },
    );
  if (!(await probe(ask, { withinMs: 30_000 }))) throw last;
}

/** Compares the broker's topics with the contract: presence, partitions, replicas, settings. */
export async function checkTopics(
  brokers: readonly string[],
  sizing: TopicSizing,
): Promise<readonly TopicProblem[]> {
  return withAdmin(brokers, async (admin) => {
    const specs = topicSpecsFor(sizing);
    const existing = new Set(await admin.listTopics());
    const absent = specs
      .filter(({ name }) => !existing.has(name))
      .map(({ name }) => ({ topic: name, problem: 'does not exist', isMissing: true }));
    const present = specs.filter(({ name }) => existing.has(name));
    if (present.length === 0) return absent;
    return [
      ...absent,
      ...(await shapeProblems(admin, present)),
      ...(await settingProblems(admin, present)),
    ];
  });
}

async function shapeProblems(admin: Admin, specs: readonly TopicSpec[]): Promise<TopicProblem[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ name }) => name) });
  return specs.flatMap((spec) => {
    const partitions = topics.find(({ name }) => name === spec.name)?.partitions ?? [];
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
    const problems: string[] = [];
    if (partitions.length < spec.partitions) {
      problems.push(`has ${partitions.length} partitions, ${spec.partitions} wanted`);
    }
    if (replicas < spec.replicationFactor) {
      problems.push(`has ${replicas} replicas, ${spec.replicationFactor} wanted`);
    }
    return problems.map((problem) => ({ topic: spec.name, problem, isMissing: false }));
  });
}

async function settingProblems(admin: Admin, specs: readonly TopicSpec[]): Promise<TopicProblem[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: specs.map(({ name, config }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: Object.keys(config),
    })),
  });
  return specs.flatMap(({ name, config }) => {
    const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries;
    return Object.entries(config).flatMap(([setting, wanted]) => {
      const found = entries?.find(({ configName }) => configName === setting)?.configValue;
      if (found === wanted) return [];
      const problem = `${setting} is ${found ?? 'not told'}, ${wanted} wanted`;
      return [{ topic: name, problem, isMissing: false }];
    });
  });
}

async function withAdmin<T>(
  brokers: readonly string[],
  ask: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = silentKafka(brokers, { attempts: 30 }).admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}
