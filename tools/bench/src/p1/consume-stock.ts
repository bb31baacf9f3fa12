import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { logLevel } from 'kafkajs';
import type { ConsumingTask } from './task.js';

/** Nest's own Kafka transport at its defaults, with a handler that only counts. */
export async function consumeStock(
  task: ConsumingTask,
  note: (messages: number) => void,
): Promise<() => Promise<void>> {
  @Controller()
  class StockConsumer {
    @EventPattern<string>(task.topic)
    onEvent(@Payload() event: unknown): void {
      if (typeof event === 'object' && event !== null) note(1);
    }
  }

  @Module({ controllers: [StockConsumer] })
  class StockModule {}

  const app = await NestFactory.createMicroservice<MicroserviceOptions>(StockModule, {
    transport: Transport.KAFKA,
    logger: false,
    options: {
      postfixId: '',
      client: { clientId: 'bench-stock', brokers: [task.broker], logLevel: logLevel.NOTHING },
      consumer: { groupId: task.group, maxWaitTimeInMs: 100 },
      subscribe: { fromBeginning: true },
    },
  });
  await app.listen();
  return () => app.close();
}
