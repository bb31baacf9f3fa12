import type { Kafka } from 'kafkajs';
import type { ConsumingTask } from './task.js';

/** kafkajs by itself at its defaults: whole batches, each value through `JSON.parse`. */
export async function consumeRaw(
  kafka: Kafka,
  task: ConsumingTask,
  note: (messages: number) => void,
): Promise<() => Promise<void>> {
  const consumer = kafka.consumer({ groupId: task.group, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [task.topic], fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      let objects = 0;
      for (const { value } of batch.messages) {
        const parsed: unknown = JSON.parse(value?.toString() ?? '');
        if (typeof parsed === 'object' && parsed !== null) objects += 1;
      }
      note(objects);
    },
  });
  return () => consumer.disconnect();
}
