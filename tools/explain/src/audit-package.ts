import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { inheritedVariables, NoSystem } from '@qingfen/local';
import { openGateway, type Door } from './open-gateway.js';
import { UsageError } from './usage-error.js';
import { writePieces } from './write-pieces.js';

const usage = `npm run audit-package -- --shop S --month 2026-01 --out FILE

  --shop <id>        whose package
  --month <month>    in the shop's time zone; it has to be over
  --out <file>       .ndjson or .ndjson.gz, as docs/proofs.md describes it
  --gateway <url>    else the local system's, as QINGFEN_DATA_DIR (.qingfen) tells it
  --user <name>      admin; a role admin or auditor on the shop is needed
  --password <text>  else QINGFEN_ADMIN_PASSWORD, else the local system's

npm run verify -- FILE checks it.`;

const options = {
  shop: { type: 'string' },
  month: { type: 'string' },
  out: { type: 'string' },
  gateway: { type: 'string' },
  user: { type: 'string', default: 'admin' },
  password: { type: 'string' },
} as const;

interface Wish extends Door {
  readonly shopId: string;
  readonly month: string;
  readonly file: string;
}

/** @throws UsageError for anything else than a command */
function readWish(args: readonly string[]): Wish {
  try {
    const { values } = parseArgs({ args: [...args], options });
    const { shop, month, out, gateway, user, password } = values;
    if (shop === undefined || month === undefined || out === undefined) {
      throw new Error('say --shop, --month and --out');
    }
    if (!/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(month)) throw new Error('--month: such as 2026-01');
    if (!/\.ndjson(\.gz)?$/.test(out)) throw new Error(`${out} must end in .ndjson or .ndjson.gz`);
    const file = path.resolve(inheritedVariables()['INIT_CWD'] ?? '.', out);
    return { shopId: shop, month, file, gateway, user, password };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

const manifestMark = '{"manifest":';
/** A manifest is shorter: of one page of text, and a signature. */
const tailMax = 16_384;

/** The pieces as they come, and what the last of them ends with. */
class Tail {
  text = '';

  async *of(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      const end = Buffer.from(piece.subarray(-tailMax)).toString('utf8');
      this.text = (this.text + end).slice(-tailMax);
      yield piece;
    }
  }

  /** The last line; empty where the pieces were cut off. */
  lastLine(): string {
    return this.text.endsWith('\n') ? (this.text.split('\n').at(-2) ?? '') : '';
  }
}

async function main(): Promise<void> {
  const wish = readWish(process.argv.slice(2));
  const gateway = await openGateway(wish);
  const tail = new Tail();
  const pieces = await gateway.stream(`/shops/${wish.shopId}/audit-packages/${wish.month}`);
  try {
    await writePieces(wish.file, tail.of(pieces));
    const last = tail.lastLine();
    if (!last.startsWith(manifestMark)) throw new Error('it was cut off: make it again');
    process.stdout.write(`${wish.file}: ${last}\n`);
  } catch (error) {
    rmSync(wish.file, { force: true }); // half a package is none
    throw error;
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof NoSystem ? 2 : 1;
}
