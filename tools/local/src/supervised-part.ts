import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { reasonOf } from './data-directory.js';
import type { PidBook } from './pid-book.js';
import { StartFailure } from './start-failure.js';
import { monotonicMs, pause, probe } from './waiting.js';

/** Says what is being done, one line at a time. */
export type Progress = (line: string) => void;

/** How to run one part and how to know that it is ready. */
export interface PartPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runAs?: { readonly uid: number; readonly gid: number } | undefined;
  /** Standard output and error are appended to it. */
  readonly logFile: string;
  /** Text of its command line by which a later start recognises it. */
  readonly marker: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopWithinMs: number;
  readonly readyWithinMs: number;
  /** Runs before every spawn, the first included. */
  readonly prepare?: () => Promise<void>;
  /** Asks the part itself; an error means not yet, a StartFailure that it never will be. */
  readonly isReady: () => Promise<boolean>;
  /** What the part last said of its readiness, for the message when it never got ready. */
  readonly lastWord?: () => string;
}

const deathsMax = 10;
const deathWindowMs = 5 * 60_000;
const restartFirstMs = 200;
const restartMostMs = 5_000;
const logBytesMax = 64 * 1024 * 1024;

/**
 * One part of the system, kept alive: a process that ends is started again after 0.2, 0.4 … 5 s;
 * when it has ended more than 10 times within 5 minutes the part gives up.
 */
export class SupervisedPart {
  readonly plan: PartPlan;
  /** Settles when the part has given up; stays open while it runs and after `stop`. */
  readonly gaveUp: Promise<StartFailure>;
  readonly #book: PidBook;
  readonly #progress: Progress;
  readonly #stopping = new AbortController();
  #tellGaveUp: (failure: StartFailure) => void = () => undefined;
  #tellReady: () => void = () => undefined;
  #child: ChildProcess | undefined;
  #life: Promise<void> = Promise.resolve();
  #deathsAt: number[] = [];
  #wasReady = false;

  constructor(plan: PartPlan, book: PidBook, progress: Progress) {
    this.plan = plan;
    this.#book = book;
    this.#progress = progress;
    this.gaveUp = new Promise((resolve) => {
      this.#tellGaveUp = resolve;
    });
  }

  /** The process that is the part now, if there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Resolves when the part has answered for the first time.
   *
   * @throws StartFailure when it gave up before.
   */
  async start(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      this.#tellReady = resolve;
    });
    this.#life = this.#live();
    const stopped = new Promise<StartFailure>((resolve) => {
      this.#stopping.signal.addEventListener('abort', () => resolve(this.#failure('was stopped')));
    });
    const failure = await Promise.race([ready, this.gaveUp, stopped]);
    if (failure instanceof StartFailure) throw failure;
  }

  /** Ends the part in order, by force when it takes longer than its plan allows. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#end(this.plan.stopSignal, this.plan.stopWithinMs);
    await this.#life;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const died = await this.#liveOnce().catch((error: unknown) =>
        error instanceof StartFailure ? error : `failed (${reasonOf(error)})`,
      );
      if (signal.aborted) return;
      if (died instanceof StartFailure) return this.#tellGaveUp(died);
      const count = this.#countDeath();
      if (count > deathsMax) {
        return this.#tellGaveUp(this.#failure(`${died}, ${count} times within 5 minutes`));
      }
      const waitMs = Math.min(restartFirstMs * 2 ** (count - 1), restartMostMs);
      this.#progress(`${this.plan.name} ${died}; starting it again in ${waitMs / 1000} s`);
      await pause(waitMs, signal);
    }
  }

  /** One process from its spawn to its end; says how it ended. */
  async #liveOnce(): Promise<string> {
    await this.plan.prepare?.();
    if (this.#stopping.signal.aborted) return 'was stopped';
    const { child, ended } = this.#spawn();
    const watch = new AbortController();
    const stopWatching = (): void => watch.abort();
    void ended.then(stopWatching);
    this.#stopping.signal.addEventListener('abort', stopWatching, { once: true });
    try {
      const isReady = await this.#becomesReady(watch.signal);
      if (isReady && !watch.signal.aborted) this.#noteReady();
      if (isReady || watch.signal.aborted) return await ended;
      await this.#end('SIGKILL', this.plan.stopWithinMs);
      await ended;
      const late = `was not ready within ${this.plan.readyWithinMs / 1000} s`;
      // A first start that hangs would hang again; later ones may wait for another part.
      if (!this.#wasReady) throw this.#failure(late);
      return late;
    } catch (error) {
      await this.#end('SIGKILL', this.plan.stopWithinMs);
      throw error;
    } finally {
      this.#stopping.signal.removeEventListener('abort', stopWatching);
      if (this.#child === child) this.#child = undefined;
      this.#book.forget(this.plan.name);
    }
  }

  #becomesReady(signal: AbortSignal): Promise<boolean> {
    const ask = (): Promise<boolean> =>
      this.plan.isReady().catch((error: unknown) => {
        if (error instanceof StartFailure) throw error;
        return false;
      });
    return probe(ask, { withinMs: this.plan.readyWithinMs, signal });
  }

  #noteReady(): void {
    if (this.#wasReady) this.#progress(`${this.plan.name} is ready again`);
    this.#wasReady = true;
    this.#tellReady();
  }

  #spawn(): { readonly child: ChildProcess; readonly ended: Promise<string> } {
    const { plan } = this;
    rotate(plan.logFile);
    const log = openSync(plan.logFile, 'a', 0o640);
    const child = spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: plan.env,
      // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then
      // stops the parts in order.
      detached: true,
      stdio: ['ignore', log, log],
      ...(plan.runAs ?? {}),
    });
    closeSync(log);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started (${error.message})`));
      child.once('exit', (status, signal) =>
        resolve(signal === null ? `ended with status ${status}` : `was ended by ${signal}`),
      );
    });
    this.#child = child;
    if (child.pid !== undefined) this.#book.note(plan.name, child.pid, plan.marker);
    return { child, ended };
  }

  async #end(signal: NodeJS.Signals, withinMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.pid === undefined) return;
    const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
    child.kill(signal);
    if (await probe(gone, { withinMs, everyMs: 20 })) return;
    this.#progress(`${this.plan.name} did not stop within ${withinMs / 1000} s; ending it`);
    child.kill('SIGKILL');
    await probe(gone, { withinMs: 10_000, everyMs: 20 });
  }

  #countDeath(): number {
    const now = monotonicMs();
    this.#deathsAt = [...this.#deathsAt.filter((at) => now - at < deathWindowMs), now];
    return this.#deathsAt.length;
  }

  #failure(what: string): StartFailure {
    const lastWord = this.plan.lastWord?.() ?? '';
    const last = lastWord === '' ? lastLineOf(this.plan.logFile) : lastWord;
    return new StartFailure({
      part: this.plan.name,
      reason: `${this.plan.name} ${what}` + (last === '' ? '' : `; its last words: ${last}`),
      fix: `See ${this.plan.logFile}.`,
    });
  }
}

/** Keeps one older generation of a log that has grown large. */
function rotate(file: string): void {
  if (existsSync(file) && statSync(file).size > logBytesMax) renameSync(file, `${file}.1`);
}

/** The last line that says something, cut to what fits a sentence. */
export function lastLineOf(file: string): string {
  if (!existsSync(file)) return '';
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return (lines.at(-1) ?? '').trim().slice(0, 500);
}
