import { inheritedVariables, localReady, NoSystem, onScreen } from '@qingfen/local';
import { readCommand, type Command } from './arguments.js';
import { explain } from './explain.js';
import { Gateway } from './gateway.js';
import { UsageError } from './usage-error.js';

function open({ gateway, user, password }: Command): Promise<Gateway> {
  const given = password ?? inheritedVariables()['QINGFEN_ADMIN_PASSWORD'];
  if (gateway !== undefined && given !== undefined) {
    return Gateway.open({ url: gateway, user, password: given });
  }
  const ready = localReady('say which with --gateway and --password');
  return Gateway.open({
    url: gateway ?? ready.gateway,
    user,
    password: given ?? ready.admin.password,
  });
}

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2), inheritedVariables());
  const told = await explain(await open(command), command);
  if (told.length === 0) throw new Error('there is no such thing in the shops that you may read');
  const documents = told.map(({ document }) => document);
  const whole = command.task.what === 'replay' ? documents : documents[0];
  const text = command.json
    ? JSON.stringify(whole, null, 2)
    : told.flatMap(({ lines }) => lines.map(onScreen)).join('\n');
  process.stdout.write(`${text}\n`);
  if (told.some(({ agrees }) => !agrees)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof NoSystem ? 2 : 1;
}
