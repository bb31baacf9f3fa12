import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import { realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { codeOf, reasonOf } from './data-directory.js';
import { endBackendsIn } from './pid-book.js';
import { makeOpenPlace, openPlace, type PostgresBinaries } from './postgres-binaries.js';
import { StartFailure } from './start-failure.js';
import type { PartPlan } from './supervised-part.js';

const run = promisify(execFile);
const wrongPassword = '28P01';

/** The owner of every cluster that the local system makes. */
export const ownerRole = 'postgres';

/** What a PostgreSQL server of the local system is made of. */
export interface PostgresOptions {
  readonly binaries: PostgresBinaries;
  /** Where the cluster is, or the link that leads to it when its user can't get here. */
  readonly link: string;
  readonly logFile: string;
  readonly port: number;
  readonly password: string;
  /** Overrules {@link postgresSettings}. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Settings that keep what was acknowledged: a commit is on the disk before it is reported. Memory
 * is modest, since the services and the broker live on the same machine.
 */
export const postgresSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '200',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  // Its own algorithm, the only one here, took a fifth of PostgreSQL's time in a large run.
  wal_compression: 'off',
  max_wal_size: '2GB',
  checkpoint_timeout: '10min',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %u ',
  // Without these a client that vanished would hold its locks for hours.
  tcp_keepalives_idle: '60',
  client_connection_check_interval: '10s',
};

/** The owner's address of a database on this machine. */
export function ownerUrl(options: {
  readonly port: number;
  readonly password: string;
  readonly database: string;
}): string {
  const { port, password, database } = options;
  return `postgres://${ownerRole}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * Makes the cluster if there is none and says how to run it.
 *
 * @throws StartFailure when it can't be made.
 */
export async function postgresPlan(options: PostgresOptions): Promise<PartPlan> {
  const { binaries, port } = options;
  const cluster = await clusterOf(options);
  const settings = Object.entries({ ...postgresSettings, ...options.settings }).flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  );
  return {
    name: 'postgres',
    command: path.join(binaries.directory, 'postgres'),
    args: ['-D', cluster, '-p', String(port), ...settings],
    cwd: cluster,
    env: options.env,
    runAs: binaries.runAs,
    logFile: options.logFile,
    marker: cluster,
    stopSignal: 'SIGINT', // fast: roll back what is open, checkpoint, end
    stopWithinMs: 60_000,
    readyWithinMs: 300_000, // recovery after a crash replays what was written since a checkpoint
    prepare: () => endBackendsIn(cluster),
    isReady: () => answers(ownerUrl({ port, password: options.password, database: 'postgres' })),
  };
}

/**
 * Whether a server answers a query at this address.
 *
 * @throws StartFailure when it refuses the password; any other error means that it does not answer.
 */
export async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // a server that goes away while we ask is an answer too
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    if (codeOf(error) === wrongPassword) throw refusesUs();
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function refusesUs(): StartFailure {
  return new StartFailure({
    part: 'postgres',
    reason: 'the PostgreSQL cluster does not know the password in postgres-password',
    fix: 'Bring back the postgres-password file that belongs to this data directory.',
  });
}

/** The cluster's own directory, made now if this is the first start. */
async function clusterOf(options: PostgresOptions): Promise<string> {
  const { link, binaries } = options;
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (stat !== undefined) {
    const place = existsSync(link) ? realpathSync(link) : readlinkSync(link);
    if (!existsSync(path.join(place, 'PG_VERSION'))) throw lost(link, place);
    return place;
  }
  const { runAs } = binaries;
  if (runAs === undefined || canPass(path.dirname(link), runAs)) {
    await initialise(options, link);
    return realpathSync(link);
  }
  const hash = createHash('sha256').update(link).digest('hex').slice(0, 12);
  const place = path.join(makeClusters(), `${hash}-${randomUUID()}`);
  await initialise(options, place);
  symlinkSync(place, link);
  return place;
}

/** Runs initdb beside the place and renames the result: a kill leaves no half-made cluster. */
async function initialise(options: PostgresOptions, place: string): Promise<void> {
  const { binaries, password, env } = options;
  const { runAs } = binaries;
  const draft = `${place}.new`;
  const passwordFile = `${place}.password`;
  rmSync(draft, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (runAs !== undefined) {
      chownSync(draft, runAs.uid, runAs.gid);
      chownSync(passwordFile, runAs.uid, runAs.gid);
    }
    const args = ['-D', draft, '-U', ownerRole, `--pwfile=${passwordFile}`];
    args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale=C');
    args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
    await run(path.join(binaries.directory, 'initdb'), args, {
      env,
      cwd: draft,
      ...(runAs === undefined ? {} : { uid: runAs.uid, gid: runAs.gid }),
    });
    renameSync(draft, place);
  } catch (error) {
    throw new StartFailure({
      part: 'postgres',
      reason: `its cluster could not be made: ${reasonOf(error).slice(0, 600)}`,
      fix: `Look at what initdb says, and at the room on the disk of ${path.dirname(place)}.`,
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
  }
}

function makeClusters(): string {
  const clusters = path.join(makeOpenPlace(), 'clusters');
  mkdirSync(clusters, { recursive: true, mode: 0o711 });
  chmodSync(clusters, 0o711);
  return clusters;
}

/** Whether the user may pass through every folder on the way to `directory`, itself included. */
function canPass(directory: string, user: { readonly uid: number; readonly gid: number }): boolean {
  const { uid, gid, mode } = statSync(directory);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = path.dirname(directory);
  return parent === directory || canPass(parent, user);
}

function lost(link: string, place: string): StartFailure {
  return new StartFailure({
    part: 'postgres',
    reason: `${link} leads to ${place}, where there is no PostgreSQL cluster`,
    fix:
      `Bring it back (as root the database lies under ${openPlace}), or delete ` +
      `${path.dirname(link)} to begin anew without its data.`,
  });
}
