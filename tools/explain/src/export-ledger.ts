import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { inheritedVariables, localReady, NoSystem } from '@qingfen/local';
import { Gateway } from './gateway.js';
import { archiveLines } from './ledger-archive.js';
import { UsageError } from './usage-error.js';

const usage = `npm run export-ledger -- --shop S --out FILE [--from-block N] [--acts-from T --acts-to T]

  --shop <id>        whose ledger
  --out <file>       .ndjson or .ndjson.gz, as docs/proofs.md describes it
  --from-block <n>   1
  --acts-from, --acts-to <instant>   what people did then, in every service, as each signs it
  --gateway <url>    else the local system's, as QINGFEN_DATA_DIR (.qingfen) tells it
  --user <name>      admin
  --password <text>  else QINGFEN_ADMIN_PASSWORD, else the local system's`;

const options = {
  shop: { type: 'string' },
  out: { type: 'string' },
  'from-block': { type: 'string', default: '1' },
  'acts-from': { type: 'string' },
  'acts-to': { type: 'string' },
  gateway: { type: 'string' },
  user: { type: 'string', default: 'admin' },
  password: { type: 'string' },
} as const;

interface Wish {
  readonly shopId: string;
  readonly file: string;
  readonly fromBlock: number;
  /** Null: no acts. */
  readonly acts: { readonly from: string; readonly to: string } | null;
  readonly gateway: string | undefined;
  readonly user: string;
  readonly password: string | undefined;
}

/** @throws UsageError for anything else than a command */
function readWish(args: readonly string[]): Wish {
  try {
    const { values } = parseArgs({ args: [...args], options });
    const { shop, out, gateway, user, password } = values;
    if (shop === undefined || out === undefined) throw new Error('say --shop and --out');
    if (!/\.ndjson(\.gz)?$/.test(out)) throw new Error(`${out} must end in .ndjson or .ndjson.gz`);
    if (!/^[1-9][0-9]{0,14}$/.test(values['from-block']))
      throw new Error('--from-block: 1, 2, 3 …');
    const file = path.resolve(inheritedVariables()['INIT_CWD'] ?? '.', out);
    const fromBlock = Number(values['from-block']);
    const acts = actsOf(values['acts-from'], values['acts-to']);
    return { shopId: shop, file, fromBlock, acts, gateway, user, password };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function actsOf(from: string | undefined, to: string | undefined): Wish['acts'] {
  if (from === undefined && to === undefined) return null;
  if (from !== undefined && to !== undefined) return { from, to };
  throw new Error('--acts-from and --acts-to go together');
}

function open({ gateway, user, password }: Wish): Promise<Gateway> {
  const given = password ?? inheritedVariables()['QINGFEN_ADMIN_PASSWORD'];
  if (gateway !== undefined && given !== undefined) {
    return Gateway.open({ url: gateway, user, password: given });
  }
  const ready = localReady('say which with --gateway and --password');
  const url = gateway ?? ready.gateway;
  return Gateway.open({ url, user, password: given ?? ready.admin.password });
}

async function main(): Promise<void> {
  const wish = readWish(process.argv.slice(2));
  const gateway = await open(wish);
  const head: Writable = wish.file.endsWith('.gz') ? createGzip() : new PassThrough();
  const end = head.pipe(createWriteStream(wish.file, { mode: 0o600 }));
  const written = finished(end);
  let last = '';
  for await (const line of archiveLines(gateway, wish)) {
    last = line;
    if (!head.write(`${line}\n`)) await once(head, 'drain');
  }
  head.end();
  await written;
  process.stdout.write(`${wish.file}: ${last}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof NoSystem ? 2 : 1;
}
