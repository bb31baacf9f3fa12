import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { inheritedVariables, type Variables } from './config.js';
import { readPids } from './pid-book.js';
import { cloneDirectory } from './places.js';
import { parseOutcome, type ReadyInfo } from './ready-info.js';
import { StartFailure } from './start-failure.js';
import { probe } from './waiting.js';

/** A whole system that runs in processes of its own. */
export interface LaunchedSystem {
  readonly ready: ReadyInfo;
  /** What it has said on standard output up to now. */
  readonly lines: readonly string[];
  /** The process that supervises the parts. */
  readonly pid: number;
  /**
   * The process a part is now: `postgres`, `kafka`, `alipay-sandbox`, `services` or a service's name, with
   * its number where there are several (`services-2`).
   */
  pidOf(part: string): number | undefined;
  /** Sends a signal to a part; SIGKILL if none is named. */
  kill(part: string, signal?: NodeJS.Signals): void;
  /** Resolves with the exit status when the supervisor has ended, whatever ended it. */
  readonly ended: Promise<number | null>;
  /** Stops it in order and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Starts the local system as `npm start` does and waits for its READY line. Ports are any free ones
 * and the variables that replace parts are unset, unless `env` says otherwise.
 *
 * @throws StartFailure with what the FAILED line says.
 */
export async function launchSystem(options: {
  readonly dataDir: string;
  readonly env?: Variables;
  readonly processes?: 'one' | 'each';
  readonly onLine?: (line: string) => void;
}): Promise<LaunchedSystem> {
  const { dataDir, env = {}, processes = 'one', onLine } = options;
  const main = path.join(cloneDirectory(), 'tools', 'local', 'dist', 'start.js');
  const child = spawn(process.execPath, [main], {
    cwd: cloneDirectory(),
    env: variablesOf({ dataDir, processes, env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = await new Promise<ReadyInfo>((resolve, reject) => {
    const hear = (line: string): void => {
      lines.push(line);
      onLine?.(line);
      const outcome = parseOutcome(line);
      if (outcome === null) return;
      if ('ready' in outcome) resolve(outcome.ready);
      else reject(new StartFailure(outcome.failed));
    };
    createInterface(child.stdout).on('line', hear);
    createInterface(child.stderr).on('line', hear);
    child.once('error', reject);
    void ended.then((status) =>
      reject(new Error(`it ended with status ${status} before it was ready: ${lines.join('\n')}`)),
    );
  });
  const pidOf = (part: string): number | undefined =>
    readPids(path.join(ready.dataDir, 'pids.json'))[part]?.pid;
  return {
    ready,
    lines,
    pid: ready.pid,
    pidOf,
    kill: (part, signal = 'SIGKILL') => {
      const pid = pidOf(part);
      if (pid === undefined) throw new Error(`${part} does not run at this moment`);
      process.kill(pid, signal);
    },
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function variablesOf(options: {
  readonly dataDir: string;
  readonly processes: 'one' | 'each';
  readonly env: Variables;
}): Variables {
  return {
    ...inheritedVariables(),
    // A test runner's own flags and a developer's own brokers are not the system's business.
    NODE_OPTIONS: undefined,
    DATABASE_URL: undefined,
    KAFKA_BROKERS: undefined,
    ALIPAY_GATEWAY: undefined,
    QINGFEN_CLOCK: undefined,
    QINGFEN_REPLICAS: undefined,
    GATEWAY_PORT: '0',
    KAFKA_PORT: '0',
    POSTGRES_PORT: '0',
    ALIPAY_SANDBOX_PORT: '0',
    QINGFEN_PROCESSES: options.processes,
    ...options.env,
    QINGFEN_DATA_DIR: options.dataDir,
  };
}

/** Ends a launched system as a power cut would: SIGKILL to the supervisor and to every part. */
export async function killEverything(system: LaunchedSystem): Promise<void> {
  const parts = Object.values(readPids(path.join(system.ready.dataDir, 'pids.json')));
  // The supervisor first, or it would start again what is killed after it.
  for (const pid of [system.pid, ...parts.map((part) => part.pid)]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was gone already.
    }
  }
  await system.ended;
  await probe(() => parts.every(({ pid }) => !isRunning(pid)), { withinMs: 10_000 });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
