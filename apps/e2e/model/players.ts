import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { inheritedVariables } from '@qingfen/local';

const root = path.resolve(import.meta.dirname, '..', '..', '..', '..');
const player = path.join(root, 'apps/settlement-calculator/dist/model/worker.fixture.js');

export type Part = 'sequences' | 'interleavings';

/** How often something happened, group by group, by name. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Where calculator and model differ, and how to see it again. */
export interface Failure {
  readonly part: Part;
  readonly seed: number;
  readonly path: string;
  readonly why: string;
}

/** What one process is to play: so many of each part from a seed, or the one at a path of it. */
export interface Share {
  readonly seed: number;
  readonly sequences: number;
  readonly interleavings: number;
  readonly path?: string;
}

/** What the processes have seen so far. */
export interface Seen {
  readonly played: Readonly<Record<Part, number>>;
  readonly counts: Counts;
  readonly failures: readonly Failure[];
  /** Processes that ended without saying why. */
  readonly lost: readonly string[];
}

type Word =
  | { readonly part: Part; readonly played: number }
  | { readonly counts: Counts }
  | { readonly failed: Failure };

/**
 * The processes that play, each with a database of its own on one server. The first that fails ends
 * them all.
 */
export class Players {
  private readonly children = new Set<ChildProcess>();
  private readonly playedBy = new Map<string, number>();
  private readonly counts: Counts[] = [];
  private readonly failures: Failure[] = [];
  private readonly lost: string[] = [];
  private isOver = false;

  constructor(private readonly databaseUrl: string) {}

  async play(shares: readonly Share[]): Promise<Seen> {
    await Promise.all(shares.map((share) => this.playShare(share)));
    const { failures, lost } = this;
    return { played: this.played(), counts: added(this.counts), failures, lost };
  }

  played(): Readonly<Record<Part, number>> {
    const sum = (part: Part): number =>
      [...this.playedBy]
        .filter(([key]) => key.startsWith(part))
        .reduce((total, [, played]) => total + played, 0);
    return { sequences: sum('sequences'), interleavings: sum('interleavings') };
  }

  stop(): void {
    this.isOver = true;
    for (const child of this.children) child.kill('SIGTERM');
  }

  private async playShare(share: Share): Promise<void> {
    const { seed, sequences, interleavings, path: place } = share;
    const args = [
      `--seed=${seed}`,
      `--sequences=${sequences}`,
      `--interleavings=${interleavings}`,
      ...(place === undefined ? [] : [`--path=${place}`]),
    ];
    const child = spawn(process.execPath, [player, ...args], {
      cwd: root,
      env: {
        ...inheritedVariables(),
        TZ: 'Asia/Shanghai',
        TEST_DATABASE_URL: this.databaseUrl,
        TEST_RUN: `model${process.pid}`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.add(child);
    createInterface({ input: child.stdout }).on('line', (line) => this.hear(line, seed));
    const status = await ended(child);
    this.children.delete(child);
    if (status !== 0 && this.failures.length === 0 && !this.isOver) {
      this.lost.push(`the process with the seed ${seed} ended with ${status}`);
    }
    if (status !== 0) this.stop();
  }

  private hear(line: string, seed: number): void {
    const word: Word = JSON.parse(line);
    if ('failed' in word) this.failures.push(word.failed);
    else if ('counts' in word) this.counts.push(word.counts);
    else this.playedBy.set(`${word.part} ${seed}`, word.played);
  }
}

function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'nothing'));
  });
}

function added(all: readonly Counts[]): Counts {
  const sums: Record<string, Record<string, number>> = {};
  for (const [group, names] of all.flatMap((counts) => Object.entries(counts))) {
    const own = (sums[group] ??= {});
    for (const [name, times] of Object.entries(names)) own[name] = (own[name] ?? 0) + times;
  }
  return sums;
}
