import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const tools = path.resolve(import.meta.dirname, '../../../tools/verify');
type Verifier = readonly [language: string, tool: string, script: string];

/** The verifier and, where Python is there, the second opinion, written from docs/proofs.md alone. */
export function verifiers(): readonly Verifier[] {
  const node: Verifier = ['Node.js', process.execPath, path.join(tools, 'verify.mjs')];
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  return hasPython ? [node, ['Python', 'python3', path.join(tools, 'verify.py')]] : [node];
}

/** What is said of so many files that are as they were written, and of so many that are not. */
export const good = (count: number): string[] => Array.from({ length: count }, () => 'GOOD');
export const bad = (count: number): string[] => Array.from({ length: count }, () => 'BAD');

/** A folder with files, and what those who know no database say of them. */
export class Offline {
  private files = 0;

  private constructor(readonly folder: string) {}

  static async open(): Promise<Offline> {
    return new Offline(await mkdtemp(path.join(os.tmpdir(), 'qingfen-offline-')));
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** A file of its own. @returns its path */
  async written(content: string | Buffer, ending: string): Promise<string> {
    this.files += 1;
    const file = path.join(this.folder, `${this.files}.${ending}`);
    await writeFile(file, content);
    return file;
  }

  /** What one verifier says. @throws Error where its status is not what it says */
  run(tool: string, script: string, args: readonly string[]): string {
    const { stdout, status } = spawnSync(tool, [script, ...args], { encoding: 'utf8' });
    const expected = /^BAD /m.test(stdout) ? 1 : 0;
    if (status !== expected) throw new Error(`${script} ended with ${status}: ${stdout}`);
    return stdout;
  }

  /** One word for each file, on which all verifiers agree. */
  agreed(args: readonly string[]): readonly string[] {
    const said = verifiers().map(([, tool, script]) => {
      return [...this.run(tool, script, args).matchAll(/^(GOOD|BAD) /gm)].map(([, word]) => word);
    });
    const texts = said.map((words) => words.join(' '));
    if (new Set(texts).size > 1) throw new Error(`they do not agree: ${texts.join(' | ')}`);
    return (said[0] ?? []).map((word) => word ?? '');
  }

  /** The same of documents. */
  async verdicts(
    documents: readonly unknown[],
    ...args: readonly string[]
  ): Promise<readonly string[]> {
    const given: string[] = [];
    for (const document of documents) {
      given.push(await this.written(JSON.stringify(document), 'json'));
    }
    return this.agreed([...given, ...args]);
  }

  /** The same of archives. */
  async archived(
    archives: readonly (readonly object[])[],
    ...args: readonly string[]
  ): Promise<readonly string[]> {
    const given: string[] = [];
    for (const lines of archives) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      given.push(await this.written(text, 'ndjson'));
    }
    return this.agreed([...given, ...args]);
  }
}
