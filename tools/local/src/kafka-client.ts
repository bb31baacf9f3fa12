import { Kafka, logLevel } from 'kafkajs';

/**
 * A client that says nothing on the console: whoever starts the local system reads progress lines
 * there, and a broker that is not up yet is no news.
 */
export function silentKafka(
  brokers: readonly string[],
  options: { readonly attempts: number },
): Kafka {
  return new Kafka({
    clientId: 'qingfen-local',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 30_000,
    retry: { retries: options.attempts, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
}
