import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Failpoint } from './points.js';

/** The side of a test: arms places, and sees who died at them. */
export class Failpoints {
  constructor(readonly directory: string) {
    for (const part of ['armed', 'hit']) mkdirSync(path.join(directory, part), { recursive: true });
  }

  /** Whoever passes the place for the `turn`th time from now on dies there. */
  arm(name: Failpoint, turn = 1): void {
    writeFileSync(path.join(this.directory, 'armed', name), String(turn));
  }

  /** Nobody dies at a place that nobody has passed often enough. */
  disarm(name: Failpoint): void {
    rmSync(path.join(this.directory, 'armed', name), { force: true });
  }

  /** The processes that died at a place. */
  hits(name: Failpoint): number[] {
    return readdirSync(path.join(this.directory, 'hit')).flatMap((file) => {
      const [at, pid] = file.split('.');
      return at === name ? [Number(pid)] : [];
    });
  }
}
