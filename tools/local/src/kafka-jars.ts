import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { codeOf, reasonOf } from './data-directory.js';
import { cloneDirectory } from './places.js';
import { StartFailure } from './start-failure.js';
import type { Progress } from './supervised-part.js';

/** Where Kafka's jars lie, and which version they are. */
export interface KafkaJars {
  readonly directory: string;
  readonly version: string;
}

/**
 * Makes sure that the jars named by `tools/kafka/pom.xml` are in the cache that all clones share.
 * Maven copies them into a folder of its own, which one rename puts in place: safe for two at once
 * and for a kill at any moment. Nothing is fetched when they are there.
 *
 * @throws StartFailure when Maven is missing or can't reach its registry.
 */
export async function ensureKafkaJars(options: {
  readonly cacheDirectory: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  /** Ends Maven when it fires. */
  readonly signal?: AbortSignal;
}): Promise<KafkaJars> {
  const pom = path.join(cloneDirectory(), 'tools', 'kafka', 'pom.xml');
  const text = readFileSync(pom, 'utf8');
  const version = /<kafka\.version>([^<]+)</.exec(text)?.[1] ?? 'unknown';
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const cache = options.cacheDirectory ?? path.join(homedir(), '.cache', 'qingfen');
  const directory = path.join(cache, `kafka-${version}-${hash}`);
  if (existsSync(directory)) return { directory, version };

  options.progress(`fetching Apache Kafka ${version} with Maven into ${directory} (45 MB, once)`);
  const draft = path.join(cache, `.kafka-${version}-${randomUUID()}`);
  try {
    makeCache(draft);
    await copyJars({ pom, draft, ...options });
    putInPlace(draft, directory);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return { directory, version };
}

function makeCache(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new StartFailure({
      part: 'kafka',
      reason: `Kafka's jars can't be put into ${directory} (${reasonOf(error)})`,
      fix: 'Set QINGFEN_CACHE_DIR to a directory that you may write.',
    });
  }
}

function putInPlace(draft: string, directory: string): void {
  try {
    renameSync(draft, directory);
  } catch (error) {
    // Another start was quicker, with the same jars.
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
  }
}

async function copyJars(options: {
  readonly pom: string;
  readonly draft: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { code, said } = await runMaven(options);
  if (code === 0) return;
  if (code === 'ENOENT') {
    throw new StartFailure({
      part: 'kafka',
      reason: 'Maven, which fetches Apache Kafka, is not installed (no mvn on the path)',
      fix:
        'Install it (Debian, Ubuntu: apt-get install maven), or set KAFKA_BROKERS to brokers of ' +
        'your own.',
    });
  }
  const line = said.split('\n').find((each) => each.includes('ERROR')) ?? said.trim();
  throw new StartFailure({
    part: 'kafka',
    reason: `Maven could not fetch Apache Kafka: ${line.replace('[ERROR]', '').trim().slice(0, 400)}`,
    fix:
      'Check the network and the mirror in ~/.m2/settings.xml, then start again; or set ' +
      'KAFKA_BROKERS to brokers of your own.',
  });
}

function runMaven(options: {
  readonly pom: string;
  readonly draft: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}): Promise<{ readonly code: number | string | null; readonly said: string }> {
  const args = ['-q', '-B', '-Dstyle.color=never', '-f', options.pom];
  args.push('dependency:copy-dependencies');
  args.push('-DincludeScope=runtime', `-DoutputDirectory=${options.draft}`);
  const { env, signal } = options;
  const maven = spawn('mvn', args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-20_000);
  };
  maven.stdout.on('data', hear);
  maven.stderr.on('data', hear);
  const startedAt = performance.now();
  const ticking = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    options.progress(`still fetching Apache Kafka (${seconds} s)`);
  }, 5_000);
  return new Promise((resolve) => {
    const end = (code: number | string | null): void => {
      clearInterval(ticking);
      resolve({ code, said });
    };
    maven.once('error', (error) => end(codeOf(error)));
    maven.once('close', end);
  });
}
