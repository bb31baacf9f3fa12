import type { Metrics } from '@qingfen/telemetry';

/** Counts what became of the messages of committed batches. */
export class IntakeMetrics {
  private readonly applied;
  private readonly again;
  private readonly refused;

  constructor(metrics: Metrics) {
    const labels = ['topic'];
    this.applied = metrics.counter('events_applied_total', 'New events applied', labels);
    this.again = metrics.counter('events_again_total', 'Events seen before, skipped', labels);
    this.refused = metrics.counter('events_refused_total', 'Messages refused', ['topic', 'code']);
  }

  note(
    topic: string,
    outcome: {
      readonly applied: number;
      readonly again: number;
      readonly refused: readonly string[];
    },
  ): void {
    this.applied.inc({ topic }, outcome.applied);
    this.again.inc({ topic }, outcome.again);
    for (const code of outcome.refused) this.refused.inc({ topic, code });
  }
}
