import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

export const usage = `npm run explain -- payout|statement|entry|order ID [--shop S]
npm run explain -- payee ID --why [--shop S] [--kind commission|supplier|team-reward]
npm run explain -- --replay [--shop S]

  --shop <id>        else every shop that you may read is asked
  --json             the documents of the API as they came, all pages in one
  --lang zh|en       else by LANG
  --gateway <url>    else the local system's, as QINGFEN_DATA_DIR (.qingfen) tells it
  --user <name>      admin
  --password <text>  else QINGFEN_ADMIN_PASSWORD, else the local system's

Ends with status 0; 1 where what is booked is not what its facts come to, or nothing was found;
2 for a command that is wrong.`;

/** What can be explained by its id. */
export const things = ['payout', 'statement', 'entry', 'order'] as const;
export type Thing = (typeof things)[number];

export type Task =
  | { readonly what: 'thing'; readonly thing: Thing; readonly id: string }
  | { readonly what: 'why'; readonly payeeId: string; readonly kind: string | undefined }
  | { readonly what: 'replay' };

/** One command. */
export interface Command {
  readonly task: Task;
  readonly shopId: string | undefined;
  readonly json: boolean;
  readonly lang: 'zh' | 'en';
  readonly gateway: string | undefined;
  readonly user: string;
  readonly password: string | undefined;
}

const options = {
  shop: { type: 'string' },
  why: { type: 'boolean', default: false },
  kind: { type: 'string' },
  replay: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  lang: { type: 'string' },
  gateway: { type: 'string' },
  user: { type: 'string', default: 'admin' },
  password: { type: 'string' },
} as const;

interface Values {
  readonly why: boolean;
  readonly kind?: string | undefined;
  readonly replay: boolean;
}

/** @throws UsageError with the usage for anything else than a command */
export function readCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    const { values, positionals } = parsed;
    return {
      task: taskOf(values, positionals),
      shopId: values.shop,
      json: values.json,
      lang: langOf(values.lang, environment['LC_ALL'] ?? environment['LANG'] ?? ''),
      gateway: values.gateway,
      user: values.user,
      password: values.password,
    };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function taskOf({ why, kind, replay }: Values, positionals: readonly string[]): Task {
  const [name, id, ...more] = positionals;
  if (kind !== undefined && !why) throw new UsageError('--kind goes with --why');
  if (replay) {
    if (positionals.length > 0 || why) throw new UsageError('--replay is of shops, and of no id');
    return { what: 'replay' };
  }
  if (name === undefined || id === undefined || more.length > 0) {
    throw new UsageError('say what, and its id');
  }
  if (name === 'payee') {
    if (!why) throw new UsageError('of a payee it is told why it was not paid: --why');
    return { what: 'why', payeeId: id, kind };
  }
  const thing = things.find((one) => one === name);
  if (thing === undefined || why)
    throw new UsageError(`${name} is not one of ${things.join(', ')}`);
  return { what: 'thing', thing, id };
}

function langOf(given: string | undefined, locale: string): Command['lang'] {
  if (given === undefined) return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
  if (given === 'zh' || given === 'en') return given;
  throw new UsageError(`--lang ${given}: zh or en`);
}
