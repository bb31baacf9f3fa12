import { readConfig } from './config.js';
import { startSandbox } from './server.js';

/**
 * Prints one line of JSON when ready, stops on SIGTERM and SIGINT, ends with 1 when it cannot go
 * on.
 */
async function main(): Promise<void> {
  const sandbox = await startSandbox(readConfig(), report);
  const stop = (): void => {
    sandbox.close().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const { url, port } = sandbox;
  process.stdout.write(`${JSON.stringify({ event: 'ready', url, port, pid: process.pid })}\n`);
}

function report(error: unknown, fatal: boolean): void {
  if (fatal) return fail(error);
  process.stderr.write(`${JSON.stringify({ event: 'error', reason: reasonOf(error) })}\n`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function fail(error: unknown): void {
  process.stderr.write(`${JSON.stringify({ event: 'failed', reason: reasonOf(error) })}\n`);
  process.exit(1);
}

main().catch(fail);
