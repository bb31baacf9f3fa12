import type { MeasureResult } from './measure.js';
import type { Servers } from './servers.js';

/** What every measure is given. */
export interface MeasureContext {
  readonly servers: Servers;
  readonly seed: number;
  /** The instant before which all orders took place; the day of the run. */
  readonly until: string;
  /** When the whole of it began. */
  readonly now: Date;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** A measure of performance.md. */
export interface Measure {
  readonly id: string;
  run(context: MeasureContext): Promise<MeasureResult>;
}
