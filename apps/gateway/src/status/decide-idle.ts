import { lagsOf, voicesOf, type ServiceSight, type Sweep, type Voice } from './sweep.js';

/** Whether the system rests, and if not, what keeps it from resting, in words. */
export interface Idleness {
  readonly idle: boolean;
  readonly holdingUp: readonly string[];
}

/**
 * Decides from two sweeps in a row. One alone cannot tell: a message may leave an outbox just after
 * the topic's end was read and before its service was asked. Then it is on the topic, or its
 * consumer has begun work, when the second sweep looks, and that shows there.
 */
export function decideIdle(first: Sweep, second: Sweep): Idleness {
  const holdingUp = [
    ...new Set([...reasonsOf(first), ...reasonsOf(second), ...begun(first, second)]),
  ];
  return { idle: holdingUp.length === 0, holdingUp };
}

/** Everything that one sweep found unfinished. */
export function reasonsOf(sweep: Sweep): string[] {
  const lags = sweep.ends === null ? [] : lagsOf(sweep, sweep.ends);
  return [
    ...(sweep.ends === null ? ['the Kafka brokers do not answer'] : []),
    ...unfinishedIn(sweep.services),
    ...voicesOf(sweep.services).flatMap(undelivered),
    ...lags
      .filter(({ lag }) => lag > 0n)
      .map(({ group, topic, lag }) => `${group} has ${lag} message(s) of ${topic} to process`),
  ];
}

/** What these have due or under way, apart from what stands in outboxes. */
export function unfinishedIn(sights: readonly ServiceSight[]): string[] {
  return [...sights.flatMap(amissWith), ...voicesOf(sights).flatMap(dueIn)];
}

/** What one replica lacks, or says itself that it is at. */
function amissWith({ name, part, status }: ServiceSight): string[] {
  if (status === null) return [`${part} does not answer`];
  return [
    ...(status.ready ? [] : [`${part} is not ready`]),
    ...status.holdingUp.map((reason) => `${name}: ${reason}`),
  ];
}

function dueIn({ name, status }: Voice): string[] {
  const { payouts } = status;
  return [
    ...said(status.runsDue, (count) => `${name} has ${count} run(s) due and unfinished`),
    ...said(payouts?.requestedSendable, (count) => `${count} payout(s) requested and not yet sent`),
    ...said(payouts?.sending, (count) => `${count} payout(s) being sent`),
    ...said(payouts?.unknownDue, (count) => `${count} payout(s) with unknown outcome to ask about`),
  ];
}

function undelivered({ name, status }: Voice): string[] {
  return said(status.outboxPending, (count) => `${name} has ${count} message(s) to publish`);
}

/** Replicas that have begun work, or were started anew, between the sweeps. */
function begun(first: Sweep, second: Sweep): string[] {
  return second.services.flatMap(({ part, status }) => {
    const before = first.services.find((sight) => sight.part === part)?.status;
    if (status === null || before === null) return [];
    const isSame = before?.work === status.work && before.startedAt === status.startedAt;
    return isSame ? [] : [`${part} is at work`];
  });
}

function said(count: number | undefined, sentence: (count: number) => string): string[] {
  return count === undefined || count === 0 ? [] : [sentence(count)];
}
