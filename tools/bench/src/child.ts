import { spawn, type ChildProcess } from 'node:child_process';
import { inheritedVariables, nodeArguments } from '@qingfen/local';

const stopWithinMs = 15_000;
const keptChars = 4_000;

/** A program that runs in a process of its own while it is measured. */
export class Child {
  private readonly lines: string[] = [];
  private readonly ended: Promise<void>;
  private errors = '';
  private unread = '';
  private waiting: (() => void) | null = null;
  private isOver = false;

  private constructor(
    private readonly name: string,
    private readonly process: ChildProcess,
  ) {
    process.stdout?.setEncoding('utf8').on('data', (text: string) => this.hear(text));
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-keptChars);
    });
    this.ended = new Promise((resolve) => {
      process.once('close', () => {
        this.isOver = true;
        this.waiting?.();
        resolve();
      });
    });
  }

  /** Starts a module of Node with arguments; `env` comes on top of what every program inherits. */
  static start(
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Child {
    const child = spawn(process.execPath, [...nodeArguments, file, ...args], {
      env: { ...inheritedVariables(), KAFKAJS_NO_PARTITIONER_WARNING: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Child(file, child);
  }

  /** @throws Error with its last words when it has ended by itself. */
  throwIfOver(): void {
    if (!this.isOver) return;
    const said = `${this.lines.slice(-5).join('\n')}\n${this.errors}`;
    throw new Error(`${this.name} ended while it was measured: ${said}`);
  }

  /** The next line it says that `chosen` makes something of. */
  async line<T>(chosen: (line: string) => T | undefined): Promise<T> {
    for (;;) {
      for (let line = this.lines.shift(); line !== undefined; line = this.lines.shift()) {
        const found = chosen(line);
        if (found !== undefined) return found;
      }
      this.throwIfOver();
      await new Promise<void>((resolve) => (this.waiting = resolve));
    }
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.isOver) return;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), stopWithinMs);
    await this.ended;
    clearTimeout(timer);
  }

  private hear(text: string): void {
    const parts = (this.unread + text).split('\n');
    this.unread = parts.pop() ?? '';
    this.lines.push(...parts);
    // Whoever does not listen does not want a log of hours in memory.
    if (this.lines.length > 1_000) this.lines.splice(0, this.lines.length - 1_000);
    this.waiting?.();
  }
}
