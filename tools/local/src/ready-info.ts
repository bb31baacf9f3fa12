import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const readyShape = z.object({
  pid: z.number().int(),
  dataDir: z.string(),
  logs: z.string(),
  clock: z.string(),
  gateway: z.string(),
  kafka: z.string(),
  postgres: z.string(),
  alipaySandbox: z.string().nullable(),
  admin: z.object({ username: z.string(), password: z.string() }),
  services: z.array(z.object({ name: z.string(), url: z.string(), pid: z.number().int() })),
});

/**
 * What `QINGFEN READY` tells. `kafka` is a list of brokers, `postgres` the owner's address of the
 * database, `alipaySandbox` null when a gateway outside of this machine is used.
 */
export type ReadyInfo = z.infer<typeof readyShape>;

/** Where every replica of a service is. */
export function urlsOf(info: ReadyInfo, service: string): readonly string[] {
  return info.services.filter(({ name }) => name === service).map(({ url }) => url);
}

const readyWord = 'QINGFEN READY ';
const failedWord = 'QINGFEN FAILED ';

/** What `QINGFEN FAILED` tells. */
export interface FailedInfo {
  readonly part: string;
  readonly reason: string;
  readonly fix: string;
}

const failedShape = z.object({ part: z.string(), reason: z.string(), fix: z.string() });

/** The one line that says that the system is up. */
export function readyLine(info: ReadyInfo): string {
  return `${readyWord}${JSON.stringify(info)}`;
}

/** The one line that says why it is not. */
export function failedLine({ part, reason, fix }: FailedInfo): string {
  return `${failedWord}${JSON.stringify({ part, reason, fix })}`;
}

/** Reads a line of standard output; progress lines are null. */
export function parseOutcome(
  line: string,
): { readonly ready: ReadyInfo } | { readonly failed: FailedInfo } | null {
  if (line.startsWith(readyWord)) {
    return { ready: readyShape.parse(JSON.parse(line.slice(readyWord.length))) };
  }
  if (line.startsWith(failedWord)) {
    return { failed: failedShape.parse(JSON.parse(line.slice(failedWord.length))) };
  }
  return null;
}

/** What {@link keepReadyFile} wrote. @throws Error for anything else */
export function parseReadyFile(text: string): ReadyInfo {
  return readyShape.parse(JSON.parse(text));
}

/** The file in a data directory that tells where its running system is. */
export function readyFileIn(dataDir: string): string {
  return path.join(dataDir, 'ready.json');
}

/** Where tools of this machine find the running system; it holds passwords, so it is its owner's alone. */
export function keepReadyFile(info: ReadyInfo): () => void {
  const file = readyFileIn(info.dataDir);
  writeFileSync(file, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
  return () => {
    rmSync(file, { force: true });
  };
}
