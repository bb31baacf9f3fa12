import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { StartFailure } from './start-failure.js';

const run = promisify(execFile);
const javaMajorMin = 17;

/**
 * The Java to run Kafka with: that of `JAVA_HOME`, else the one on the path.
 *
 * @throws StartFailure when there is none, or one older than 17.
 */
export async function findJava(javaHome: string | undefined): Promise<string> {
  const java = javaHome === undefined ? 'java' : path.join(javaHome, 'bin', 'java');
  const said = await run(java, ['-version']).then(
    ({ stderr }) => stderr,
    () => undefined,
  );
  if (said === undefined) throw missing(`${java} can't be run`);
  const major = javaMajorOf(said);
  if (major === undefined || major < javaMajorMin) {
    throw missing(`${java} is ${said.split('\n')[0] ?? 'of an unknown version'}`);
  }
  return java;
}

/** The major version in what `java -version` says: 17 of `"17.0.15"`, 8 of `"1.8.0_402"`. */
export function javaMajorOf(said: string): number | undefined {
  const match = /version "(?:1\.)?([0-9]+)/.exec(said);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function missing(reason: string): StartFailure {
  return new StartFailure({
    part: 'kafka',
    reason: `Apache Kafka needs Java ${javaMajorMin} or newer, and ${reason}`,
    fix:
      'Install one (Debian, Ubuntu: apt-get install openjdk-17-jre-headless maven) or point ' +
      'JAVA_HOME to it, or set KAFKA_BROKERS to brokers of your own.',
  });
}
