import type { ServiceStatus } from '@qingfen/contracts';

/** The next offset that will be written, per topic and partition. */
export type EndOffsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/** A service as one look found it; status null when it did not answer. */
export interface ServiceSight {
  readonly name: string;
  readonly url: string;
  readonly status: ServiceStatus | null;
}

/** One look at everything: what stands on the topics, and what each service says of itself. */
export interface Sweep {
  /** Null when the brokers did not answer. */
  readonly ends: EndOffsets | null;
  readonly services: readonly ServiceSight[];
}

/** How far one group is behind on one topic, over all partitions. */
export interface Lag {
  readonly group: string;
  readonly topic: string;
  readonly lag: bigint;
}

/** Every group's lag on every topic that it hears, behind `ends`; in the services' order. */
export function lagsOf(sweep: Sweep, ends: EndOffsets): Lag[] {
  const lags = new Map<string, Lag>();
  for (const { status } of sweep.services) {
    for (const { group, topic, partition, offset } of status?.positions ?? []) {
      const end = ends.get(topic)?.get(partition) ?? 0n;
      const stored = BigInt(offset);
      const key = `${group} ${topic}`;
      const known = lags.get(key)?.lag ?? 0n;
      lags.set(key, { group, topic, lag: known + (end > stored ? end - stored : 0n) });
    }
  }
  return [...lags.values()];
}
