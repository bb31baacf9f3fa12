import { type TopicSpec, topicSpecs } from '@qingfen/contracts';
import type { Admin } from 'kafkajs';

import { until } from './probe.js';

const deadlineMs = 30_000;

/**
 * Makes the topics that are missing as the contract has them, dead letter topics among them, and waits
 * for their leaders. A spec names those that it uses and no others: other specs use the broker too.
 */
export async function ensureTopics(admin: Admin, wanted: readonly string[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topicSpecs.filter(({ name }) => wanted.includes(name) && !existing.has(name));
  await admin.createTopics({ waitForLeaders: true, topics: missing.map(asKafkaHasIt) });
  for (const topic of wanted) {
    await until(`leaders of ${topic}`, () => endOf(admin, topic), {
      deadlineMs,
      everyMs: 20,
      holds: () => true,
    });
  }
}

function asKafkaHasIt({ name, partitions, config }: TopicSpec) {
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  return { topic: name, numPartitions: partitions, configEntries };
}

/** How many messages have ever been written to a topic. */
export async function endOf(admin: Admin, topic: string): Promise<number> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}
