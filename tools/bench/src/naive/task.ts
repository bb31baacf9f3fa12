import type { NaiveStyle } from './keep-rows.js';

/** What the naive reference's process is told: as JSON in its only argument. */
export interface NaiveTask {
  readonly broker: string;
  readonly topic: string;
  readonly group: string;
  readonly databaseUrl: string;
  /** The day of the run: its plan is in force since before that. */
  readonly until: string;
  readonly partitionsAtOnce: number;
  readonly style: NaiveStyle;
}
