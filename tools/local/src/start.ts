import { inheritedVariables, readLocalConfig } from './config.js';
import { reasonOf } from './data-directory.js';
import { failedLine, keepReadyFile, readyLine } from './ready-info.js';
import { StartFailure } from './start-failure.js';
import { LocalSystem } from './system.js';
import { monotonicMs } from './waiting.js';

/** Prints one line; a reader that went away (a closed pipe) is no reason to stop paying out. */
function say(line: string): void {
  if (process.stdout.writable) process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  process.stdout.on('error', () => undefined);
  const startedAt = monotonicMs();
  const progress = (line: string): void => {
    const seconds = ((monotonicMs() - startedAt) / 1000).toFixed(1);
    say(`[${seconds.padStart(6)} s] ${line}`);
  };
  let system: LocalSystem | undefined;
  let isStopping = false;
  let forgetReady = (): void => undefined;
  const end = async (status: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    forgetReady();
    await system?.stop().catch((error: unknown) => progress(`stopping: ${reasonOf(error)}`));
    process.exit(status);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!isStopping) progress(`${signal}: stopping services, sandbox, Kafka, PostgreSQL`);
      void end(0);
    });
  }
  try {
    system = new LocalSystem(readLocalConfig(inheritedVariables()), progress);
    const ready = await system.start();
    if (!isStopping) {
      forgetReady = keepReadyFile(ready);
      say(readyLine(ready));
    }
    throw await system.failed;
  } catch (error) {
    if (isStopping) return;
    say(failedLine(asFailure(error)));
    await end(1);
  }
}

function asFailure(error: unknown): StartFailure {
  if (error instanceof StartFailure) return error;
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const fix = 'This is a defect of tools/local: please report it with this line.';
  return new StartFailure({ part: 'start', reason, fix });
}

await main();
