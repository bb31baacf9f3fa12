import { parseArgs } from 'node:util';
import { isInstant } from '@qingfen/contracts';
import type { TimeSpan } from './check-file.js';
import { pathFromCaller, UsageError } from './config.js';
import type { FileReading } from './file-message.js';
import { standardInput } from './file-text.js';

/** What the command line tells. */
export const usage = `npm run publish-orders -- FILE [options]

FILE  .ndjson of {topic,key,value}, or .csv of orders, refunds or (--payees) payees; also with .gz

  --check             only parse it, as the services will; nothing is sent
  --event <topic>     with --check: FILE (or - for standard input) is one event of this topic
  --payees            FILE is a CSV of payees
  --shop <id>         the shop of a CSV without the column shopId
  --time <instant>    from when on the payees hold, where the file has no column time
  --ignore-columns a,b  columns of a CSV to pass over
  --skip-bad          leave bad lines out; without it one bad line keeps back the whole file
  --from <instant>    only events from this time on …
  --until <instant>   … and before this one
  --resume            go on behind the last line that the broker acknowledged
  --progress <file>   where that line is noted (FILE.progress)
  --rate <n>          at most n messages a second
  --brokers <host:port,…>  else KAFKA_BROKERS, else the local system's
  --help

Ends with status 0; 1 for bad lines or a broker that fails; 2 for a command or file that is wrong;
130 when it was stopped.`;

/** One command. */
export interface Command extends TimeSpan, FileReading {
  readonly file: string;
  readonly isCheck: boolean;
  readonly event: string | undefined;
  readonly skipBad: boolean;
  readonly resume: boolean;
  readonly progressFile: string;
  readonly rate: number | undefined;
  readonly brokers: string | undefined;
}

const options = {
  check: { type: 'boolean', default: false },
  event: { type: 'string' },
  payees: { type: 'boolean', default: false },
  shop: { type: 'string' },
  time: { type: 'string' },
  'ignore-columns': { type: 'string' },
  'skip-bad': { type: 'boolean', default: false },
  from: { type: 'string' },
  until: { type: 'string' },
  resume: { type: 'boolean', default: false },
  progress: { type: 'string' },
  rate: { type: 'string' },
  brokers: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * Reads the command line; null where help is asked for.
 *
 * @throws UsageError that says what is wrong.
 */
export function readCommand(args: readonly string[]): Command | null {
  const { values, positionals } = parsed(args);
  if (values.help) return null;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0)
    throw new UsageError('name one file; --help tells all');
  const { event, payees, shop, time, from, until, brokers } = values;
  if (event !== undefined && !values.check) throw new UsageError('--event is for --check');
  if (name === standardInput && event === undefined) {
    throw new UsageError('standard input is for --check --event: a file can be gone on with');
  }
  if (time !== undefined && !(payees && isInstant(time))) {
    throw new UsageError('--time is for --payees and an instant like 2026-01-05T00:00:00+08:00');
  }
  const file = name === standardInput ? name : pathFromCaller(name);
  const { progress } = values;
  return {
    ...{ file, event, payees, shop, time, from, until, brokers },
    ignoredColumns: values['ignore-columns']?.split(',').map((column) => column.trim()),
    isCheck: values.check,
    skipBad: values['skip-bad'],
    resume: values.resume,
    progressFile: progress === undefined ? `${file}.progress` : pathFromCaller(progress),
    rate: rateOf(values.rate),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${cause}\n--help tells all`);
  }
}

function rateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new UsageError('--rate is a whole number from 1 on');
  return Number(text);
}
