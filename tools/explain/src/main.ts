import { inheritedVariables, NoSystem, onScreen } from '@qingfen/local';
import { readCommand } from './arguments.js';
import { explain } from './explain.js';
import { openGateway } from './open-gateway.js';
import { UsageError } from './usage-error.js';

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2), inheritedVariables());
  const told = await explain(await openGateway(command), command);
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
