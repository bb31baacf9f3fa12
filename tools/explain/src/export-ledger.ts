import path from 'node:path';
import { parseArgs } from 'node:util';
import { inheritedVariables, NoSystem } from '@qingfen/local';
import { ledgerLines } from './ledger-lines.js';
import { openGateway } from './open-gateway.js';
import { UsageError } from './usage-error.js';
import { writePieces } from './write-pieces.js';

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

async function main(): Promise<void> {
  const wish = readWish(process.argv.slice(2));
  const gateway = await openGateway(wish);
  let last = '';
  async function* lines(): AsyncGenerator<string> {
    for await (const line of ledgerLines(gateway, wish)) {
      last = line;
      yield `${line}\n`;
    }
  }
  await writePieces(wish.file, lines());
  process.stdout.write(`${wish.file}: ${last}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof NoSystem ? 2 : 1;
}
