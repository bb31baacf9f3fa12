import type { ServiceStatus } from '@qingfen/contracts';

/** The next offset that will be written, per topic and partition. */
export type EndOffsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/** A replica of a service, and where it is. */
export interface ServicePart {
  readonly name: string;
  /** From 1, in the order of `QINGFEN_SERVICES`. */
  readonly replica: number;
  /** `payout`, or `payout-2` where there are several. */
  readonly part: string;
  readonly url: string;
}

/** A replica as one look found it; status null when it did not answer. */
export interface ServiceSight extends ServicePart {
  readonly status: ServiceStatus | null;
}

/** One look at everything: what stands on the topics, and what each replica says. */
export interface Sweep {
  /** Null when the brokers did not answer. */
  readonly ends: EndOffsets | null;
  readonly services: readonly ServiceSight[];
}

/** What a service says, by one of its replicas. */
export interface Voice {
  readonly name: string;
  readonly status: ServiceStatus;
}

/** How far one group is behind on one topic, over all partitions. */
export interface Lag {
  readonly group: string;
  readonly topic: string;
  readonly lag: bigint;
}

/**
 * What each service says of its rows, which are the same to all of its replicas and must not be counted
 * twice: the first that answers speaks. Runs due are the most that any of them knows of, since each
 * keeps for itself what it has not looked at yet.
 */
export function voicesOf(sights: readonly ServiceSight[]): Voice[] {
  const voices = new Map<string, Voice>();
  for (const { name, status } of sights) {
    if (status === null) continue;
    const known = voices.get(name)?.status ?? status;
    const runsDue = Math.max(known.runsDue, status.runsDue);
    voices.set(name, { name, status: { ...known, runsDue } });
  }
  return [...voices.values()];
}

/** Every group's lag on every topic that it hears, behind `ends`; in the services' order. */
export function lagsOf(sweep: Sweep, ends: EndOffsets): Lag[] {
  const lags = new Map<string, Lag>();
  for (const { status } of voicesOf(sweep.services)) {
    for (const { group, topic, partition, offset } of status.positions) {
      const end = ends.get(topic)?.get(partition) ?? 0n;
      const stored = BigInt(offset);
      const key = `${group} ${topic}`;
      const known = lags.get(key)?.lag ?? 0n;
      lags.set(key, { group, topic, lag: known + (end > stored ? end - stored : 0n) });
    }
  }
  return [...lags.values()];
}
