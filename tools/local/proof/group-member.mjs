// One member of a consumer group, in a process of its own so that it can be killed.
// Usage: node group-member.mjs <brokers> <group> <topic>; prints `<partition> <offset> <value>`.
import { Kafka, logLevel } from 'kafkajs';

const [brokers, groupId, topic] = process.argv.slice(2);
const kafka = new Kafka({
  brokers: brokers.split(','),
  logLevel: logLevel.NOTHING,
  retry: { retries: 100, maxRetryTime: 500 },
});
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: 3_000,
  heartbeatInterval: 500,
  rebalanceTimeout: 5_000,
  maxWaitTimeInMs: 100,
});
process.once('SIGTERM', () => void consumer.disconnect().then(() => process.exit(0)));
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  process.stdout.write(`joined ${JSON.stringify(payload.memberAssignment)}\n`);
});
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommitThreshold: 1,
  eachMessage: async ({ partition, message }) => {
    process.stdout.write(`got ${partition} ${message.offset} ${message.value.toString()}\n`);
  },
});
