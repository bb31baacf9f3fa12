import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ledgerKeysFileSchema } from '@qingfen/contracts';
import { keyFingerprint, makeSigningKey, readSecrets } from '@qingfen/security';
import { inheritedVariables } from './config.js';
import { reasonOf } from './data-directory.js';
import { headKeyOf, withNextKey, withoutPrevious } from './ledger-key-change.js';
import { writeSecrets } from './secrets.js';

const usage = `npm run ledger-key -- show | rotate [--previous-lost] | forget

  show              the key that heads of the ledger are signed with, and its fingerprint
  rotate            makes another one; the next start of settlement-calculator introduces it by the present one
  --previous-lost   nobody introduces it: everybody who checks has to be given it by another way
  forget            takes the key before out of the secrets, once the present one is published
  --secrets <file>  secrets.json in QINGFEN_DATA_DIR (.qingfen)
  --heads <folder>  ledger-heads beside it

docs/operations.md says when to do which.
`;

const options = {
  'previous-lost': { type: 'boolean', default: false },
  secrets: { type: 'string' },
  heads: { type: 'string' },
} as const;

/** Says what it did on standard output; the result is the exit status. */
function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const { QINGFEN_DATA_DIR: dataDirectory = '.qingfen', INIT_CWD: from = '.' } =
    inheritedVariables();
  // npm changes to the project's folder and tells where the person was.
  const given = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : path.resolve(from, name);
  const file = given(values.secrets) ?? path.resolve(dataDirectory, 'secrets.json');
  const heads = given(values.heads) ?? path.join(path.dirname(file), 'ledger-heads');
  const [command] = positionals;
  const secrets = readSecrets(file);
  if (command === 'show') {
    const { keyId, publicKeyPem } = headKeyOf(secrets);
    process.stdout.write(`${keyId} ${keyFingerprint(publicKeyPem)}\n${publicKeyPem}`);
    return 0;
  }
  if (command !== 'rotate' && command !== 'forget') throw new Error(`say what to do\n\n${usage}`);
  const change =
    command === 'rotate'
      ? withNextKey(secrets, makeSigningKey(`ledger-${randomBytes(6).toString('hex')}`), {
          isPreviousLost: values['previous-lost'],
        })
      : withoutPrevious(secrets, publishedIn(heads));
  if (change.kind === 'refused') throw new Error(change.reason);
  writeSecrets(file, change.secrets);
  const { keyId, publicKeyPem } = headKeyOf(change.secrets);
  const then =
    command === 'rotate'
      ? 'Start settlement-calculator anew with these secrets; it goes on with this key.'
      : 'The key before is gone from the secrets.';
  process.stdout.write(`${keyId} ${keyFingerprint(publicKeyPem)}\n${then}\n`);
  return 0;
}

function publishedIn(folder: string): ReturnType<typeof ledgerKeysFileSchema.parse> {
  return ledgerKeysFileSchema.parse(
    JSON.parse(readFileSync(path.join(folder, 'keys.json'), 'utf8')),
  );
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
}
