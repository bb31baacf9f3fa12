import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { deadLetterTopic, serviceStatusSchema, topicNames, type Topic } from '@qingfen/contracts';
import { LOGGER, ServiceClient, ServiceEnv, ServiceUnavailable } from '@qingfen/hosting';
import { createKafka } from '@qingfen/messaging';
import type { ServiceName } from '@qingfen/security';
import type { Logger } from '@qingfen/telemetry';
import type { Admin } from 'kafkajs';
import { partsOf } from './parts.js';
import type { EndOffsets, ServicePart, ServiceSight, Sweep } from './sweep.js';

const answerWithinMs = 3_000;

/** Looks at the topics and at every service, all at once. */
@Injectable()
export class Sweeper implements OnApplicationShutdown {
  private admin: Promise<Admin> | null = null;

  constructor(
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    const admin = await this.admin?.catch(() => null);
    await admin?.disconnect().catch(() => undefined); // it is on its way out either way
  }

  /** One look. What does not answer in 3 s shows as missing; this never throws. */
  async sweep(): Promise<Sweep> {
    const [ends, services] = await Promise.all([this.ends(topicNames), this.services()]);
    return { ends, services };
  }

  /** What every replica of every service, or each of these parts, says of itself. */
  services(parts?: readonly string[]): Promise<ServiceSight[]> {
    const asked = partsOf(this.env.services).filter(({ part }) => parts?.includes(part) ?? true);
    return Promise.all(asked.map((one) => this.look(one)));
  }

  /** How many dead letters each topic has; topics without any are left out. */
  async deadLetters(): Promise<Record<string, number>> {
    const offsets = await this.offsets(topicNames.map((topic) => deadLetterTopic(topic)));
    const counts: Record<string, number> = {};
    for (const topic of topicNames) {
      const kept = offsets?.get(deadLetterTopic(topic)) ?? [];
      const count = kept.reduce((sum, { low, high }) => sum + Number(high - low), 0);
      if (count > 0) counts[topic] = count;
    }
    return counts;
  }

  private async look(asked: ServicePart & { name: ServiceName }): Promise<ServiceSight> {
    const { name, part, url } = asked;
    try {
      const { status, body } = await this.client.request<unknown>({
        service: name,
        url,
        method: 'GET',
        path: '/internal/status',
        timeoutMs: answerWithinMs,
      });
      const parsed = serviceStatusSchema.safeParse(body);
      if (status === 200 && parsed.success) return { ...asked, status: parsed.data };
      this.logger.warn({ part, status }, 'a service told its status in a wrong way');
    } catch (error) {
      if (!(error instanceof ServiceUnavailable)) throw error;
    }
    return { ...asked, status: null };
  }

  private async ends(topics: readonly Topic[]): Promise<EndOffsets | null> {
    const offsets = await this.offsets(topics);
    if (offsets === null) return null;
    return new Map(
      [...offsets].map(([topic, partitions]) => {
        return [topic, new Map(partitions.map(({ partition, high }) => [partition, high]))];
      }),
    );
  }

  private async offsets(
    topics: readonly string[],
  ): Promise<Map<string, { partition: number; low: bigint; high: bigint }[]> | null> {
    try {
      const asked = this.connected().then((admin) => {
        return Promise.all(
          topics.map(async (topic) => {
            const partitions = await admin.fetchTopicOffsets(topic);
            return [topic, partitions.map(offsetsOf)] as const;
          }),
        );
      });
      return new Map(await within(asked, answerWithinMs));
    } catch (error) {
      this.logger.warn({ err: error }, 'the brokers do not tell their offsets');
      this.drop();
      return null;
    }
  }

  private connected(): Promise<Admin> {
    this.admin ??= this.connect();
    return this.admin;
  }

  private async connect(): Promise<Admin> {
    const kafka = createKafka({
      brokers: [...this.env.brokers],
      clientId: `gateway-${this.env.instance}-status`,
      logger: this.logger,
      requestTimeoutMs: answerWithinMs,
      retries: 1,
    });
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  }

  /** The next look connects anew: a client that has lost its brokers may keep waiting for them. */
  private drop(): void {
    const dropped = this.admin;
    this.admin = null;
    void dropped
      ?.then((admin) => admin.disconnect())
      .catch((err: unknown) => this.logger.debug({ err }, 'a lost connection was given up'));
  }
}

function offsetsOf(told: { partition: number; low: string; high: string }): {
  partition: number;
  low: bigint;
  high: bigint;
} {
  return { partition: told.partition, low: BigInt(told.low), high: BigInt(told.high) };
}

function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
