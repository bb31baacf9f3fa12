import { parseArgs } from 'node:util';
import { findBrokers, pathFromCaller, UsageError } from './config.js';
import { checkFile, publishFile, type TimeSpan } from './publish-file.js';

const usage =
  'npm run publish-orders -- FILE.ndjson[.gz] [--check] [--from <instant>] [--until <instant>] ' +
  '[--brokers host:port,…]';

function readArguments(): { file: string; check: boolean; brokers?: string } & TimeSpan {
  const options = {
    check: { type: 'boolean', default: false },
    from: { type: 'string' },
    until: { type: 'string' },
    brokers: { type: 'string' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError('name one file');
    return { ...values, file: pathFromCaller(file) };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

async function check(file: string, span: TimeSpan): Promise<void> {
  const { messages, unreadable, invalid } = await checkFile(file, span);
  const problems = [...unreadable, ...invalid].sort((a, b) => a.line - b.line);
  for (const { reason } of problems) process.stderr.write(`${reason}\n`);
  const verdict = problems.length === 0 ? 'all well-formed' : `${problems.length} bad`;
  process.stdout.write(`${messages} messages, ${verdict}; nothing was published\n`);
  if (problems.length > 0) process.exitCode = 1;
}

async function publish(file: string, brokers: string[], span: TimeSpan): Promise<void> {
  let told = 0;
  const { published, skipped, invalid } = await publishFile({
    ...span,
    file,
    brokers,
    onProgress: (count) => {
      if (count - told < 10_000) return;
      told = count;
      process.stdout.write(`${count} messages published …\n`);
    },
  });
  for (const { reason } of invalid) process.stderr.write(`${reason} (will be dead-lettered)\n`);
  const rest = skipped === 0 ? '' : `, ${skipped} outside of --from and --until`;
  process.stdout.write(`${published} messages published${rest}\n`);
}

try {
  const { file, check: isCheck, brokers, from, until } = readArguments();
  if (isCheck) await check(file, { from, until });
  else await publish(file, findBrokers(brokers), { from, until });
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
