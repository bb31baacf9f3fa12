import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { SystemClock } from '@qingfen/clock';
import { logLevel } from 'kafkajs';
import { DataSource } from 'typeorm';
import { openNaiveDatabase } from './naive-database.js';
import { NaiveService, type OrderEvent } from './naive.service.js';
import type { NaiveTask } from './task.js';

const task: NaiveTask = JSON.parse(process.argv[2] ?? '');
const clock = new SystemClock();

@Controller()
class NaiveController {
  constructor(@Inject(NaiveService) private readonly service: NaiveService) {}

  @EventPattern<string>(task.topic)
  onCompleted(@Payload() event: OrderEvent): Promise<void> {
    return this.service.complete(event, clock.now());
  }
}

@Module({
  controllers: [NaiveController],
  providers: [
    { provide: DataSource, useFactory: () => openNaiveDatabase(task.databaseUrl, task.until) },
    {
      provide: NaiveService,
      useFactory: (source: DataSource) => new NaiveService(source, task.style),
      inject: [DataSource],
    },
  ],
})
class NaiveModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(NaiveModule, {
  transport: Transport.KAFKA,
  logger: ['error'],
  options: {
    postfixId: '',
    client: { clientId: 'bench-naive', brokers: [task.broker], logLevel: logLevel.NOTHING },
    consumer: { groupId: task.group, maxWaitTimeInMs: 100 },
    subscribe: { fromBeginning: true },
    run: { partitionsConsumedConcurrently: task.partitionsAtOnce },
  },
});
await app.listen();
process.once('SIGTERM', () => {
  void app.close().then(() => process.exit(0));
});
