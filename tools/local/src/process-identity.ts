import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** What tells one process from a later one that was given the same number. */
export interface ProcessIdentity {
  /** Clock ticks after boot at which it began (seconds since 1970 where there is no `/proc`). */
  readonly startTicks: number;
  /** Its command line, arguments joined by spaces. */
  readonly command: string;
}

/** The identity of a living process, or undefined: gone, or a zombie that nobody has reaped. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Processes whose working directory is `directory`: how PostgreSQL's backends are recognised. */
export function processesIn(directory: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && workingDirectoryOf(pid) === directory);
}

function fromProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets and may hold anything; count behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = Number(fields[19]);
    if (fields[0] === 'Z' || fields[0] === 'X' || !Number.isFinite(startTicks)) return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { startTicks, command };
  } catch {
    return undefined; // it ended while we looked
  }
}

function fromPs(pid: number): ProcessIdentity | undefined {
  try {
    const ps = (column: string): string =>
      execFileSync('ps', ['-p', String(pid), '-o', `${column}=`], {
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    const startTicks = Math.trunc(Date.parse(`${ps('lstart')} UTC`) / 1000);
    if (!Number.isFinite(startTicks) || ps('stat').startsWith('Z')) return undefined;
    return { startTicks, command: ps('command') };
  } catch {
    return undefined;
  }
}

function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
