import { instantOf, textOf } from '@qingfen/testing';

import { type Figures, judge } from './judge.js';
import type { Layout, Trouble } from './mishaps.js';
import { type Durations, Passage } from './passage.js';
import { RunningSystem } from './running-system.js';
import type { Span } from './span.js';

/** What a passage came to. */
export interface Outcome {
  readonly span: Span['name'];
  readonly processes: Layout['processes'];
  readonly replicas: number;
  readonly trouble: Trouble;
  readonly happened: readonly string[];
  /** Empty when everything is as the reference says. */
  readonly differences: readonly string[];
  readonly messages: number;
  readonly figures: Figures;
  readonly durations: Durations;
  /** Real seconds: start and stop of the system left out. */
  readonly seconds: number;
  readonly judgeSeconds: number;
}

/** Starts a system, lives through a span, and judges. */
export async function runPassage(options: {
  readonly span: Span;
  readonly trouble: Trouble;
  readonly layout: Layout;
  readonly keep: boolean;
  readonly say: (line: string) => void;
}): Promise<Outcome> {
  const { span, trouble, layout, keep, say } = options;
  const clock = textOf(instantOf(span.firstDay));
  const system = await RunningSystem.start({ clock, layout, keep });
  if (keep) say(`data directory ${system.dataDir}`);
  try {
    const startedAt = performance.now();
    const passage = new Passage(system, { span, trouble, say });
    await passage.prepare();
    await passage.live();
    const livedAt = performance.now();
    const { differences, figures } = await judge(system, passage.world);
    return {
      span: span.name,
      ...layout,
      trouble,
      happened: passage.happened,
      differences,
      messages: passage.told,
      figures,
      durations: passage.durations,
      seconds: (livedAt - startedAt) / 1_000,
      judgeSeconds: (performance.now() - livedAt) / 1_000,
    };
  } finally {
    await system.stop();
  }
}
