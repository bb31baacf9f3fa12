import { findBrokers, NoSystem } from '@qingfen/local';
import { type Command, readCommand, usage } from './arguments.js';
import { checkEvent } from './check-event.js';
import { checkFile, type FileCheck, type LineProblem } from './check-file.js';
import { UsageError } from './config.js';
import { ProgressDisplay } from './progress-display.js';
import { BadFileError, type Publication, publishFile } from './publish-file.js';

const out = (line: string): void => void process.stdout.write(`${line}\n`);
const err = (line: string): void => void process.stderr.write(`${line}\n`);

/** A person's wish, before the first message. */
class Stopped extends Error {}

async function check(command: Command): Promise<void> {
  if (command.event !== undefined) {
    const reason = await checkEvent(command.event, command.file);
    if (reason === null) out(`a well-formed event of ${command.event}; nothing was published`);
    else err(reason);
    process.exitCode = reason === null ? 0 : 1;
    return;
  }
  const found = await checkFile(command.file, readingOf(command));
  const bad = found.unreadableCount + found.invalidCount;
  tellProblems(found);
  const verdict = bad === 0 ? 'all well-formed' : `${bad} bad`;
  const unsafe = found.fatal === null ? '' : '; --skip-bad would not be safe';
  out(`${found.messages} messages, ${verdict}${unsafe}; nothing was published`);
  if (bad > 0) process.exitCode = 1;
}

function readingOf(command: Command): Parameters<typeof checkFile>[1] {
  const { payees, shop, time, ignoredColumns, from, until } = command;
  return { payees, shop, time, ignoredColumns, from, until };
}

function tellProblems(found: FileCheck): void {
  const problems = [...found.unreadable, ...found.invalid].sort((a, b) => a.line - b.line);
  tell(problems, '');
  const more = found.unreadableCount + found.invalidCount - problems.length;
  if (more > 0) err(`… and ${more} more`);
}

function tell(problems: readonly LineProblem[], consequence: string): void {
  for (const { reason } of problems) err(`${reason}${consequence}`);
}

async function publish(command: Command): Promise<void> {
  const brokers = findBrokers(command.brokers);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Stopped('stopped, nothing was published'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { stderr } = process;
  const display = new ProgressDisplay({
    isTty: stderr.isTTY,
    columns: stderr.isTTY ? stderr.columns : 80,
    write: (text) => void stderr.write(text),
    now: () => performance.now(),
  });
  let published = 0;
  try {
    const result = await publishFile({
      ...command,
      brokers,
      signal: stop.signal,
      onProgress: (count, total) => display.show((published = count), total),
      onNoNote: (reason) => err(`--resume will not work, how far it is cannot be noted: ${reason}`),
    });
    display.end();
    tellResult(command, result);
  } catch (error) {
    display.end();
    if (published > 0) err(`${published} messages published; go on with --resume`);
    throw error;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function tellResult(command: Command, result: Publication): void {
  const { published, before, skipped, invalid, unreadable, isStopped } = result;
  const { skipBad } = command;
  tell(unreadable, ' (left out)');
  tell(invalid, skipBad ? ' (left out)' : ' (will be dead-lettered)');
  const parts = [`${published} messages published`];
  if (before > 0) parts.push(`${before} before`);
  if (skipped > 0) parts.push(`${skipped} outside of --from and --until`);
  if (isStopped) parts.push('stopped: go on with --resume');
  out(parts.join(', '));
  if (isStopped) process.exitCode = 130;
  else if (skipBad && unreadable.length + invalid.length > 0) process.exitCode = 1;
}

try {
  const command = readCommand(process.argv.slice(2));
  if (command === null) out(usage);
  else if (command.isCheck) await check(command);
  else await publish(command);
} catch (error) {
  if (error instanceof BadFileError) {
    tellProblems(error.check);
    const { unreadableCount, fatal } = error.check;
    const hint = fatal === null ? 'put them right, or say --skip-bad' : 'put them right';
    err(`${unreadableCount} bad lines, nothing was published: ${hint}`);
    process.exitCode = 1;
  } else {
    err(error instanceof Error ? error.message : String(error));
    const status = error instanceof UsageError || error instanceof NoSystem ? 2 : 1;
    process.exitCode = error instanceof Stopped ? 130 : status;
  }
}
