import path from 'node:path';
import { parseArgs } from 'node:util';

/** How the demo was asked to run. */
export interface DemoConfig {
  /** Stop at the end instead of staying up. */
  readonly isExiting: boolean;
  /** Of the sample orders. */
  readonly seed: number;
  /** Named by the person, else null: the demo then takes one below `.qingfen`. */
  readonly dataDir: string | null;
  readonly dataRoot: string;
  /** Ports that the person asked for; a default one that is occupied gives way to a free one. */
  readonly ports: Readonly<Record<string, string | undefined>>;
}

const seedUsual = 20_260_302;
const portNames = ['GATEWAY_PORT', 'KAFKA_PORT', 'POSTGRES_PORT', 'ALIPAY_SANDBOX_PORT'];

/** Something that the person at the keyboard can put right; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError for arguments that can't be understood. */
export function readConfig(): DemoConfig {
  const { exit, seed } = readArguments();
  const named = process.env['QINGFEN_DATA_DIR'] || undefined;
  const clone = path.resolve(import.meta.dirname, '..', '..', '..');
  return {
    isExiting: exit,
    seed,
    dataDir: named === undefined ? null : path.resolve(clone, named),
    dataRoot: path.join(clone, '.qingfen'),
    ports: Object.fromEntries(portNames.map((name) => [name, process.env[name]])),
  };
}

function readArguments(): { readonly exit: boolean; readonly seed: number } {
  const usage = 'npm run demo -- [--exit] [--seed <whole number>]';
  try {
    const { values } = parseArgs({
      options: { exit: { type: 'boolean', default: false }, seed: { type: 'string' } },
    });
    const { exit, seed = String(seedUsual) } = values;
    if (!/^[0-9]{1,9}$/.test(seed)) throw new UsageError('--seed is a whole number of 1-9 digits');
    return { exit, seed: Number(seed) };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
