import { appendFileSync, readFileSync } from 'node:fs';

import { observationsFile } from './config.js';

/** A kill that has happened, and that the day came out right. */
export interface KillSeen {
  readonly what: 'kill';
  readonly part: string;
  readonly moment: string;
  readonly pidBefore: number;
  readonly pidAfter: number;
  readonly orders: number;
  readonly payees: number;
  /** Σ that the reference and the sandbox's book agree on, in fen. */
  readonly paidMinor: string;
}

/** A process that died at a place of the pipeline, and that the day came out right. */
export interface FailpointSeen {
  readonly what: 'failpoint';
  readonly seed: number;
  readonly moment: string;
  readonly point: string;
  /** The how manieth way past the place. */
  readonly turn: number;
  readonly pid: number;
  readonly paidMinor: string;
}

/** How long a killed service was away, in real milliseconds. */
export interface RecoverySeen {
  readonly what: 'recovery';
  readonly service: string;
  /** What ended it: a commit of what it consumes, or an answer. */
  readonly sign: 'commit' | 'answer';
  readonly ms: number;
}

/** What one replica did alone, before the process that was to take the other's place was up. */
export interface AloneSeen {
  readonly what: 'alone';
  /** The part that was away. */
  readonly part: string;
  readonly moment: string;
  /** Orders booked, or payouts ended, while it was. */
  readonly done: number;
  /** Real milliseconds from the kill to the last of them. */
  readonly ms: number;
}

/** One line of what was seen. */
export type Observation = KillSeen | FailpointSeen | RecoverySeen | AloneSeen;

/** Keeps an observation for the report, where one is being written. */
export function observe(observation: Observation): void {
  const file = observationsFile();
  if (file === undefined) return;
  appendFileSync(file, `${JSON.stringify(observation)}\n`);
}

/** What was kept in a file, in order. */
export function readObservations(file: string): readonly Observation[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Observation => JSON.parse(line));
}
