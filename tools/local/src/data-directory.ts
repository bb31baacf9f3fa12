import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { isAlive, type NotedProcess } from './pid-book.js';
import { identityOf } from './process-identity.js';
import { StartFailure } from './start-failure.js';

const freeBytesMin = 1024 ** 3;

/** Where one system keeps everything it knows. */
export interface DataDirectory {
  readonly root: string;
  readonly logs: string;
  readonly mail: string;
  readonly kafka: string;
  readonly sandbox: string;
  readonly postgresLink: string;
  readonly pidsFile: string;
  readonly secretsFile: string;
  readonly postgresPasswordFile: string;
}

/**
 * Makes the directory and what belongs in it, and looks for room on its disk.
 *
 * @throws StartFailure when it can't be written or the disk is nearly full.
 */
export function openDataDirectory(directory: string): DataDirectory {
  try {
    // 0711: PostgreSQL runs as another user when we are root and must get through to its own
    // folder; what is secret in here has mode 0600 or 0700 itself.
    mkdirSync(directory, { recursive: true, mode: 0o711 });
    const root = realpathSync(directory);
    if (process.getuid?.() === 0) chmodSync(root, 0o711);
    const within = (name: string): string => path.join(root, name);
    for (const folder of ['logs', 'mail', 'sandbox']) {
      mkdirSync(within(folder), { recursive: true, mode: 0o700 });
    }
    requireRoom(root);
    return {
      root,
      logs: within('logs'),
      mail: within('mail'),
      kafka: within('kafka'),
      sandbox: within('sandbox'),
      postgresLink: within('postgres'),
      pidsFile: within('pids.json'),
      secretsFile: within('secrets.json'),
      postgresPasswordFile: within('postgres-password'),
    };
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw new StartFailure({
      part: 'data-directory',
      reason: `${directory} can't be made or written (${reasonOf(error)})`,
      fix: 'Set QINGFEN_DATA_DIR to a directory that you may write.',
    });
  }
}

function requireRoom(directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes >= freeBytesMin) return;
  throw new StartFailure({
    part: 'data-directory',
    reason: `the disk of ${directory} has ${Math.floor(freeBytes / 1024 ** 2)} MB left, 1024 needed`,
    fix: 'Free some disk space, or set QINGFEN_DATA_DIR to a directory on another disk.',
  });
}

/**
 * Takes the directory for this process; a lock whose owner is gone is taken over.
 *
 * @returns what gives it back.
 * @throws StartFailure naming the process that has it.
 */
export function lockDataDirectory(root: string): () => void {
  const file = path.join(root, 'lock.json');
  const mine = `${JSON.stringify(myself())}\n`;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    for (let tries = 0; tries < 20; tries += 1) {
      if (linked(draft, file)) return () => releaseLock(file, mine);
      removeIfStale(file, root);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new StartFailure({
    part: 'data-directory',
    reason: `several starts want ${root} at once`,
    fix: 'Start it once.',
  });
}

/** Linking, unlike writing, is all or nothing: of two starts at once one gets the lock. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function removeIfStale(file: string, root: string): void {
  const text = textOf(file);
  if (text === undefined) return;
  const owner = parseOwner(text);
  if (owner !== undefined && isAlive(owner)) {
    throw new StartFailure({
      part: 'data-directory',
      reason: `${root} is in use by a system that runs as process ${owner.pid}`,
      fix: `Stop it (kill ${owner.pid}), or set QINGFEN_DATA_DIR to another directory.`,
    });
  }
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return; // another start was quicker
    throw error;
  }
  // What was moved may be the fresh lock of a start that was quicker: it gets it back.
  if (textOf(aside) !== text) linked(aside, file);
  rmSync(aside, { force: true });
}

function releaseLock(file: string, mine: string): void {
  if (textOf(file) === mine) rmSync(file, { force: true });
}

function myself(): NotedProcess {
  const identity = identityOf(process.pid);
  return { pid: process.pid, startTicks: identity?.startTicks ?? 0, marker: 'node' };
}

function parseOwner(text: string): NotedProcess | undefined {
  try {
    const { pid, startTicks, marker } = Object(JSON.parse(text));
    return Number.isSafeInteger(pid) && typeof startTicks === 'number'
      ? { pid, startTicks, marker: String(marker) }
      : undefined;
  } catch {
    return undefined; // torn by a crash: nobody's
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Deletes a stopped system's data, its database included where that lives elsewhere.
 *
 * @throws StartFailure while the system runs.
 */
export function removeDataDirectory(directory: string): void {
  const link = path.join(directory, 'postgres');
  lockDataDirectory(directory);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    rmSync(readlinkSync(link), { recursive: true, force: true });
  }
  rmSync(directory, { recursive: true, force: true });
}

/** The system's word for what went wrong (`ENOENT` …), or an empty text. */
export function codeOf(error: unknown): string {
  // Not instanceof: errors of Node's own modules belong to another realm inside a test runner.
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** What an error says. */
export function reasonOf(error: unknown): string {
  const isTelling = typeof error === 'object' && error !== null && 'message' in error;
  return isTelling ? String(error.message) : String(error);
}
