import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf, processesIn } from './process-identity.js';
import { probe } from './waiting.js';

/** One line of `pids.json`. */
export interface NotedProcess {
  readonly pid: number;
  readonly startTicks: number;
  /** Text that its command line contains, so that a later owner of the number is left alone. */
  readonly marker: string;
}

/** `<dataDir>/pids.json`: which process each part is at this moment. */
export class PidBook {
  readonly #file: string;
  readonly #entries = new Map<string, NotedProcess>();

  constructor(file: string) {
    this.#file = file;
  }

  /** Notes a process just spawned; one that has ended already is not noted. */
  note(part: string, pid: number, marker: string): void {
    const identity = identityOf(pid);
    if (identity === undefined) return;
    this.#entries.set(part, { pid, startTicks: identity.startTicks, marker });
    this.#write();
  }

  forget(part: string): void {
    if (this.#entries.delete(part)) this.#write();
  }

  pidOf(part: string): number | undefined {
    return this.#entries.get(part)?.pid;
  }

  #write(): void {
    const draft = `${this.#file}.new`;
    writeFileSync(draft, `${JSON.stringify(Object.fromEntries(this.#entries), null, 2)}\n`);
    renameSync(draft, this.#file);
  }
}

/** Reads a `pids.json`; a missing or torn one is empty. */
export function readPids(file: string): Readonly<Record<string, NotedProcess>> {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Object.fromEntries(Object.entries(Object(read)).flatMap(noted));
  } catch {
    return {};
  }
}

function noted([part, value]: [string, unknown]): [string, NotedProcess][] {
  const { pid, startTicks, marker } = Object(value);
  if (!Number.isSafeInteger(pid) || typeof startTicks !== 'number') return [];
  return typeof marker === 'string' ? [[part, { pid, startTicks, marker }]] : [];
}

/** Whether the noted process still lives and is what it was noted to be. */
export function isAlive(process: NotedProcess): boolean {
  const identity = identityOf(process.pid);
  return (
    identity !== undefined &&
    identity.startTicks === process.startTicks &&
    identity.command.includes(process.marker)
  );
}

/**
 * Ends what a killed supervisor left behind: the processes of its `pids.json` that still are what
 * they were. SIGTERM first, SIGKILL after ten seconds.
 *
 * @returns the names of the parts that were ended.
 */
export async function endLeftovers(file: string): Promise<readonly string[]> {
  const living = Object.entries(readPids(file)).filter(([, process]) => isAlive(process));
  for (const [part, process] of living) {
    // PostgreSQL waits for its clients on SIGTERM and does not on SIGINT.
    send(process.pid, part === 'postgres' ? 'SIGINT' : 'SIGTERM');
  }
  const gone = (): boolean => living.every(([, process]) => !isAlive(process));
  if (!(await probe(gone, { withinMs: 10_000 }))) {
    for (const [, process] of living) if (isAlive(process)) send(process.pid, 'SIGKILL');
    await probe(gone, { withinMs: 10_000 });
  }
  return living.map(([part]) => part);
}

/**
 * Waits for the backends of a dead postmaster, which hold its shared memory, and ends those that
 * linger: with one alive the next postmaster refuses the cluster. It also refuses it while any
 * process of ours has the number in `postmaster.pid`, so a stale one is removed.
 */
export async function endBackendsIn(cluster: string): Promise<void> {
  const backends = (): readonly number[] =>
    processesIn(cluster).filter((pid) => identityOf(pid)?.command.includes('postgres') === true);
  if (!(await probe(() => backends().length === 0, { withinMs: 3_000 }))) {
    for (const pid of backends()) send(pid, 'SIGKILL');
    await probe(() => backends().length === 0, { withinMs: 5_000 });
  }
  const file = path.join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (identityOf(postmaster)?.command.includes(cluster) !== true) rmSync(file, { force: true });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, which is what was wanted.
  }
}
