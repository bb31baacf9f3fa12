import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const prefix = 'qingfen_';

/**
 * Prometheus metrics of one service. Every service has a registry of its own, so that several in
 * one process do not see each other's numbers. Asking for a name again gives the same metric.
 */
export class Metrics {
  readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly histograms = new Map<string, Histogram>();

  /** A number that only grows; `name` without the prefix `qingfen_`. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const known = this.counters.get(name);
    if (known !== undefined) return known;
    const made = new Counter({ ...this.describe(name, help, labelNames) });
    this.counters.set(name, made);
    return made;
  }

  /** A number that goes up and down; `name` without the prefix `qingfen_`. */
  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    const known = this.gauges.get(name);
    if (known !== undefined) return known;
    const made = new Gauge({ ...this.describe(name, help, labelNames) });
    this.gauges.set(name, made);
    return made;
  }

  /** A distribution; buckets in the metric's own unit (seconds unless the name says else). */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    buckets: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ): Histogram {
    const known = this.histograms.get(name);
    if (known !== undefined) return known;
    const described = this.describe(name, help, labelNames);
    const made = new Histogram({ ...described, buckets: [...buckets] });
    this.histograms.set(name, made);
    return made;
  }

  /** The exposition text for `/metrics`. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  private describe(name: string, help: string, labelNames: readonly string[]) {
    const registers = [this.registry];
    return { name: `${prefix}${name}`, help, labelNames: [...labelNames], registers };
  }
}
