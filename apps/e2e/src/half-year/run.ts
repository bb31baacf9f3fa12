import { instantOf, textOf } from '@qingfen/testing';

import { judge, type Verdict } from './judge.js';
import type { Layout, Trouble } from './mishaps.js';
import { type Durations, Passage } from './passage.js';
import { RunningSystem } from './running-system.js';
import type { Span } from './span.js';
import type { Story } from './story.js';

/** What a passage came to. */
export interface Outcome extends Verdict {
  readonly span: Span['name'];
  readonly processes: Layout['processes'];
  readonly replicas: number;
  readonly trouble: Trouble;
  readonly happened: readonly string[];
  readonly messages: number;
  readonly durations: Durations;
  /** Real seconds: start and stop of the system left out. */
  readonly seconds: number;
  readonly judgeSeconds: number;
}

/** Starts a system, lives through a span, and judges. */
export async function runPassage(options: {
  readonly story: Story;
  readonly span: Span;
  readonly trouble: Trouble;
  readonly layout: Layout;
  /** How many orders there are to one that is looked at by itself in the end. */
  readonly ordersEvery: number;
  readonly keep: boolean;
  readonly say: (line: string) => void;
}): Promise<Outcome> {
  const { story, span, trouble, layout, ordersEvery, keep, say } = options;
  const clock = textOf(instantOf(span.firstDay));
  const system = await RunningSystem.start({ clock, layout, keep });
  if (keep) say(`data directory ${system.dataDir}`);
  try {
    const startedAt = performance.now();
    const passage = new Passage(system, { story, span, trouble, say });
    await passage.prepare();
    await passage.live();
    const livedAt = performance.now();
    const verdict = await judge(system, passage.world, ordersEvery);
    return {
      span: span.name,
      ...layout,
      trouble,
      happened: passage.happened,
      messages: passage.told,
      ...verdict,
      durations: passage.durations,
      seconds: (livedAt - startedAt) / 1_000,
      judgeSeconds: (performance.now() - livedAt) / 1_000,
    };
  } finally {
    await system.stop();
  }
}
