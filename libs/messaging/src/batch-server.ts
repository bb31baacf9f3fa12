import {
  BaseRpcContext,
  Server,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { AdminLink } from './admin-link.js';
import type { ConsumerOptions, GroupDefinition } from './consumer-options.js';
import { GroupConsumer } from './group-consumer.js';
import { createKafka } from './kafka-client.js';
import type { Batch } from './raw-message.js';

/** What a service's Kafka side is made from. */
export interface BatchServerOptions extends ConsumerOptions {
  readonly service: string;
  readonly groups: readonly GroupDefinition[];
}

/** Names this transport among those of a Nest application. */
export const batchTransport: unique symbol = Symbol('qingfen batches');

/**
 * A Nest transport that hands batches to handlers: `@EventPattern<string>('order-completed')` is
 * called with a {@link Batch} of one partition as its payload. Register {@link BatchErrorFilter}
 * beside it, or errors arrive masked.
 *
 * What a handler has returned from is never delivered to it again by this member, and counts in
 * Kafka from then on. A handler that throws gets the same batch again until it does not.
 */
export class BatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = batchTransport;
  override readonly propagatesEventHandlerErrors = true;
  private readonly admin: AdminLink;
  private readonly consumers: readonly GroupConsumer[];

  constructor(private readonly options: BatchServerOptions) {
    super();
    const { brokers, clientId, logger, groups } = options;
    const kafka = createKafka({ brokers, clientId, logger });
    const admin = new AdminLink(kafka);
    this.admin = admin;
    const deliver = (batch: Batch): Promise<void> => this.deliver(batch);
    this.consumers = groups.map((group) => {
      return new GroupConsumer({ kafka, admin, group, options, deliver });
    });
  }

  /** Whether every consumer has joined its group and knows where it stands. */
  isReady(): boolean {
    return this.consumers.every((consumer) => consumer.isReady);
  }

  /** Nest's; does not wait for the brokers: see {@link isReady}. */
  listen(callback: (error?: unknown) => void): void {
    const heard = this.options.groups.flatMap(({ topics }) => topics);
    const deaf = heard.filter((topic) => this.getHandlerByPattern(topic) === null);
    if (deaf.length > 0) {
      callback(new Error(`no handler for ${deaf.join(', ')}`));
      return;
    }
    for (const consumer of this.consumers) consumer.start();
    callback();
  }

  /** Finishes what is under way and leaves the groups. */
  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    await this.admin.close();
  }

  on(): never {
    throw new Error('a BatchServer emits nothing');
  }

  unwrap<T>(): T {
    throw new Error('a BatchServer has no one client');
  }

  private async deliver(batch: Batch): Promise<void> {
    const handler: MessageHandler | null = this.getHandlerByPattern(batch.topic);
    if (handler === null) throw new Error(`no handler for ${batch.topic}`);
    const result: unknown = await handler(batch, new BaseRpcContext([batch]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
