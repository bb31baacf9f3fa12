import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  killEverything,
  type LaunchedSystem,
  launchSystem,
  removeDataDirectory,
} from '@qingfen/local';
import { Failpoints, failpointVariable } from '@qingfen/failpoint';
import { until } from '@qingfen/testing';

import { Stage } from './stage.js';

const clock = 'virtual:2026-03-02T10:00:00+08:00';
const restartMsMax = 60_000;

/** A part that was ended, and whose next process does not get further than its spawn. */
export interface AbsentPart {
  readonly part: string;
  readonly before: number;
  readonly after: number;
  /** Whether it is still kept from coming up. */
  isAway(): boolean;
  letComeBack(): void;
}

/** PostgreSQL's files as they were, taken while it did not run. */
export interface DatabaseBackup {
  readonly files: string;
}

/** A system of its own with every service in its own process, to be killed part by part. */
export class FaultSystem {
  readonly stage: Stage;
  /** Places at which processes of this system can be made to die. */
  readonly failpoints: Failpoints;
  readonly #dataDir: string;
  #system: LaunchedSystem;

  private constructor(dataDir: string, system: LaunchedSystem, stage: Stage) {
    this.#dataDir = dataDir;
    this.failpoints = new Failpoints(failpointsIn(dataDir));
    this.#system = system;
    this.stage = stage;
  }

  static async start(
    processes: 'one' | 'each' = 'each',
    { replicas = 1 }: { readonly replicas?: number } = {},
  ): Promise<FaultSystem> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'qingfen-faults-'));
    const env = {
      QINGFEN_CLOCK: clock,
      QINGFEN_REPLICAS: String(replicas),
      [failpointVariable]: failpointsIn(dataDir),
    };
    const system = await launchSystem({ dataDir, processes, env });
    return new FaultSystem(dataDir, system, await Stage.open(system.ready));
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  /**
   * Ends a part with SIGKILL, at once.
   *
   * @returns the process that was ended; {@link replaced} waits for its successor.
   */
  kill(part: string): number {
    const pid = this.#system.pidOf(part);
    if (pid === undefined) throw new Error(`${part} does not run at this moment`);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Waits until another process has taken the place of the one that was ended. */
  async replaced(part: string, pidBefore: number): Promise<number> {
    const pid = await until(`a new process of ${part}`, () => this.#system.pidOf(part), {
      deadlineMs: restartMsMax,
      everyMs: 20,
      holds: (seen) => seen !== undefined && seen !== pidBefore,
    });
    if (pid === undefined) throw new Error(`${part} did not come back`);
    return pid;
  }

  /**
   * Ends a part with SIGKILL and keeps its successor from coming up: it is stopped in its first moment,
   * before it has opened anything.
   */
  async killForGood(part: string): Promise<AbsentPart> {
    const before = this.kill(part);
    const after = await this.replaced(part, before);
    process.kill(after, 'SIGSTOP');
    return {
      ...{ part, before, after },
      isAway: () => this.#system.pidOf(part) === after && isStopped(after),
      letComeBack: () => {
        process.kill(after, 'SIGCONT');
      },
    };
  }

  /** A power cut: everything ends at once, supervisor included, and is started again. */
  async killAndRestartEverything(): Promise<{ readonly before: number; readonly after: number }> {
    const before = this.#system.pid;
    await killEverything(this.#system);
    await this.#startAgain('each');
    return { before, after: this.#system.pid };
  }

  /** Stops everything in order, keeps a copy of PostgreSQL's files, and starts again. */
  async backUpDatabase(): Promise<DatabaseBackup> {
    const backup = {
      files: path.join(mkdtempSync(path.join(tmpdir(), 'qingfen-backup-')), 'files'),
    };
    await this.#system.stop();
    copyWhole(this.#databaseFiles, backup.files);
    await this.#startAgain('one');
    return backup;
  }

  /** Stops everything in order, puts PostgreSQL's files of then in place of its own, and starts again. */
  async restoreDatabase(backup: DatabaseBackup): Promise<void> {
    await this.#system.stop();
    rmSync(this.#databaseFiles, { recursive: true });
    copyWhole(backup.files, this.#databaseFiles);
    rmSync(path.dirname(backup.files), { recursive: true });
    await this.#startAgain('one');
  }

  get #databaseFiles(): string {
    return path.join(this.#dataDir, 'postgres');
  }

  async #startAgain(processes: 'one' | 'each'): Promise<void> {
    const { ready } = this.#system;
    const port = (address: string): string => new URL(address).port;
    this.#system = await launchSystem({
      dataDir: this.#dataDir,
      processes,
      env: {
        // Where it was: those who publish and ask know nothing of the power cut.
        GATEWAY_PORT: port(ready.gateway),
        KAFKA_PORT: port(`http://${ready.kafka}`),
        POSTGRES_PORT: port(ready.postgres),
        ALIPAY_SANDBOX_PORT: port(ready.alipaySandbox ?? ''),
        QINGFEN_CLOCK: clock,
        [failpointVariable]: failpointsIn(this.#dataDir),
      },
    });
  }

  async stop(): Promise<void> {
    await this.stage.close();
    await this.#system.stop();
    removeDataDirectory(this.#dataDir);
  }
}

function failpointsIn(dataDir: string): string {
  return path.join(dataDir, 'failpoints');
}

function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in brackets may hold anything: the state follows it.
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

/** Copies a directory with owners and modes, which PostgreSQL insists on. */
function copyWhole(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
