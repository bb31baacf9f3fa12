import { type LaunchedSystem, launchSystem, StartFailure } from '@qingfen/local';
import type { SandboxTransfer } from '@qingfen/testing';
import { beginningMs, endMs, shanghai, weeks } from './calendar.js';
import { shops } from './cast.js';
import { compareAll } from './compare.js';
import { verdict } from './comparison.js';
import { type DemoConfig, readConfig, UsageError } from './config.js';
import { forgetDataDirectory, freshDataDirectory, keepDataDirectory } from './data-directory.js';
import { expectedUntil } from './expected.js';
import { live } from './live.js';
import { mishap } from './mishap.js';
import { summary, weekLine } from './report.js';
import { writeScript } from './script.js';
import { connect, openShops } from './world.js';

function say(line: string): void {
  if (process.stdout.writable) process.stdout.write(`${line}\n`);
}

/** @returns whether everything adds up. */
async function perform(system: LaunchedSystem, seed: number): Promise<boolean> {
  const world = await connect(system.ready);
  try {
    await openShops(world, beginningMs);
    const scenes = writeScript(seed);
    const expected = expectedUntil(scenes, endMs);
    const orders = expected.books.reduce((sum, each) => sum + each.reference.state.orders.size, 0);
    say(`${shops.length} shops with their plans and payees; ${orders} orders, seed ${seed}`);
    let known = 0;
    await live(world, scenes, async (week) => {
      const all = await world.sandbox.transfers();
      const moved: readonly SandboxTransfer[] = all.slice(known);
      known = all.length;
      say(weekLine(week, { moved }));
    });
    for (const line of summary(expected)) say(line);
    const comparisons = await compareAll(world, expected);
    say('');
    for (const line of verdict(comparisons)) say(line);
    return comparisons.every(({ differences }) => differences.length === 0);
  } finally {
    await world.upstream.close();
  }
}

function sayWhereItIs({ ready }: LaunchedSystem): void {
  const { gateway, alipaySandbox, admin, logs } = ready;
  const { shopId } = mishap;
  say('');
  say(`gateway        ${gateway}   (its API: ${gateway}/api/docs)`);
  say(`log in as      ${admin.username} / ${admin.password}`);
  say(`worth a look   GET /api/v1/shops/${shopId}/balances, …/statements, …/ledger/trial-balance,`);
  say('               …/payouts?state=failed, …/alerts?state=raised, …/plans');
  say(`Alipay sandbox ${alipaySandbox ?? ''}/_sandbox/transfers   Kafka ${ready.kafka}`);
  say(`logs           ${logs}`);
  say('It stays up. Ctrl-C stops it.');
}

async function start(config: DemoConfig, dataDir: string): Promise<LaunchedSystem> {
  return launchSystem({
    dataDir,
    env: { ...config.ports, QINGFEN_CLOCK: `virtual:${shanghai(beginningMs)}` },
    onLine: (line) => {
      // The READY line has the password in it and says what is said at the end.
      if (!line.startsWith('QINGFEN ')) say(line);
    },
  });
}

async function run(config: DemoConfig): Promise<number> {
  const dataDir = freshDataDirectory(config);
  say(`the demo lives through ${weeks} weeks in ${dataDir}`);
  const stopping = stopSignal();
  const system = await start(config, dataDir);
  const died = system.ended.then((status): never => {
    throw new Error(`the system ended by itself with status ${status}`);
  });
  died.catch(() => undefined);
  try {
    const isRight = await Promise.race([perform(system, config.seed), died, stopping]);
    if (isRight === null) return 130;
    if (!isRight) say(`It does not add up: please report this with ${system.ready.logs}.`);
    else say('It all adds up.');
    if (isRight && !config.isExiting) {
      sayWhereItIs(system);
      await Promise.race([stopping, died]);
    }
    await system.stop();
    if (isRight) forgetDataDirectory(dataDir);
    else keepDataDirectory(dataDir);
    return isRight ? 0 : 1;
  } finally {
    await system.stop();
  }
}

/** Settles when somebody wants the end. The system hears of Ctrl-C itself, and again from us. */
function stopSignal(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve(null));
    }
  });
}

try {
  process.exitCode = await run(readConfig());
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  } else if (error instanceof StartFailure) {
    process.stderr.write(`${error.message}. ${error.fix}\n`);
    process.exitCode = 1;
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    process.exitCode = 1;
  }
}
