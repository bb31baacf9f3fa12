import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { deadLetterTopic, serviceStatusSchema, topicNames, type Topic } from '@qingfen/contracts';
import { LOGGER, ServiceClient, ServiceEnv, ServiceUnavailable } from '@qingfen/hosting';
import { createKafka, TopicBounds, type TopicOffsets } from '@qingfen/messaging';
import type { ServiceName } from '@qingfen/security';
import type { Logger } from '@qingfen/telemetry';
import { partsOf } from './parts.js';
import type { EndOffsets, ServicePart, ServiceSight, Sweep } from './sweep.js';

const answerWithinMs = 3_000;

/** Looks at the topics and at every service, all at once. */
@Injectable()
export class Sweeper implements OnApplicationShutdown {
  private readonly bounds: TopicBounds;

  constructor(
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const kafka = createKafka({
      brokers: [...env.brokers],
      clientId: `gateway-${env.instance}-status`,
      logger,
      requestTimeoutMs: answerWithinMs,
      retries: 1,
    });
    this.bounds = new TopicBounds(kafka);
  }

  onApplicationShutdown(): Promise<void> {
    return this.bounds.close();
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
    const letters = topicNames.map((topic) => deadLetterTopic(topic));
    const offsets = await this.told(() =>
      Promise.all([this.bounds.ends(letters), this.bounds.beginnings(letters)]),
    );
    const counts: Record<string, number> = {};
    if (offsets === null) return counts;
    const [ends, beginnings] = offsets.map((told) => summedByTopic(told));
    for (const topic of topicNames) {
      const letter = deadLetterTopic(topic);
      const count = (ends?.get(letter) ?? 0) - (beginnings?.get(letter) ?? 0);
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

  private ends(topics: readonly Topic[]): Promise<EndOffsets | null> {
    return this.told(() => this.bounds.ends(topics));
  }

  private async told<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await within(ask(), answerWithinMs);
    } catch (error) {
      this.logger.warn({ err: error }, 'the brokers do not tell their offsets');
      // The next look connects anew: a client that has lost its brokers may keep waiting for them.
      void this.bounds.close();
      return null;
    }
  }
}

function summedByTopic(offsets: TopicOffsets): ReadonlyMap<string, number> {
  return new Map(
    [...offsets].map(([topic, partitions]) => {
      return [topic, Number([...partitions.values()].reduce((sum, offset) => sum + offset, 0n))];
    }),
  );
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
