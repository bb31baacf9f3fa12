import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeDataDirectory, StartFailure } from '@qingfen/local';
import { type DemoConfig, UsageError } from './config.js';

/** What makes a directory the demo's own: nothing without it is ever deleted. */
const marker = 'demo.json';
const demosMax = 20;

/**
 * A fresh data directory: the named one, else the first `.qingfen/demo-<n>` that nobody uses. What
 * an earlier demo left there is deleted; anything else is refused.
 *
 * @throws UsageError when the named directory holds something else or is in use.
 */
export function freshDataDirectory({ dataDir, dataRoot }: DemoConfig): string {
  if (dataDir !== null) {
    const obstacle = obstacleIn(dataDir);
    if (obstacle === null) return made(dataDir);
    throw new UsageError(`QINGFEN_DATA_DIR: ${dataDir} ${obstacle}`);
  }
  for (let number = 1; number <= demosMax; number += 1) {
    const directory = path.join(dataRoot, `demo-${number}`);
    if (obstacleIn(directory) === null) return made(directory);
  }
  throw new UsageError(`${demosMax} demos run already; stop one of them`);
}

/** Keeps what a demo made for whoever looks into it: later demos take another directory. */
export function keepDataDirectory(directory: string): void {
  rmSync(path.join(directory, marker), { force: true });
}

/** Deletes what a demo made, once it is stopped. */
export function forgetDataDirectory(directory: string): void {
  removeDataDirectory(directory);
}

function obstacleIn(directory: string): string | null {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return null;
  if (!existsSync(path.join(directory, marker))) {
    return 'is not empty and was not made by the demo; name another one';
  }
  if (hasLivingParts(directory)) return 'is used by a demo that runs';
  try {
    removeDataDirectory(directory);
    return null;
  } catch (error) {
    if (error instanceof StartFailure) return `can't be taken: ${error.message}`;
    throw error;
  }
}

/** Parts may outlive a supervisor that was killed; their data stays until they are ended. */
function hasLivingParts(directory: string): boolean {
  const file = path.join(directory, 'pids.json');
  if (!existsSync(file)) return false;
  const parts: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return Object.values(Object(parts)).some((part) => isRunning(Number(Object(part)['pid'])));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function made(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  rmSync(path.join(directory, marker), { force: true });
  writeFileSync(path.join(directory, marker), '{"madeBy":"npm run demo"}\n', { mode: 0o600 });
  return directory;
}
