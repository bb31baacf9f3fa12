import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { makeSecrets, parseSecrets, type Secrets } from '@qingfen/security';
import { reasonOf } from './data-directory.js';
import { StartFailure } from './start-failure.js';

/**
 * Reads the installation's secrets, or makes them at its first start; a service that was added
 * since gets its own. Mode 0600.
 *
 * @param adminPassword the operator's choice, which counts at the first start only.
 * @throws StartFailure when the file is there and can't be understood: it is never overwritten,
 *   since nothing encrypted could be read without it.
 */
export function keepSecrets(options: {
  readonly file: string;
  readonly adminPassword: string | undefined;
}): Secrets {
  const { file, adminPassword } = options;
  const made = makeSecrets(adminPassword);
  if (!existsSync(file)) {
    write(file, `${JSON.stringify(made, null, 2)}\n`);
    return made;
  }
  try {
    const text = readFileSync(file, 'utf8');
    const kept = Object(JSON.parse(text));
    const services: unknown = { ...made.services, ...kept.services };
    const full = `${JSON.stringify({ ...kept, services }, null, 2)}\n`;
    const secrets = parseSecrets(full, file);
    if (full !== text) write(file, full);
    return secrets;
  } catch (error) {
    throw new StartFailure({
      part: 'secrets',
      reason: `${file} can't be used (${reasonOf(error).slice(0, 300)})`,
      fix: 'Bring it back from a copy: what is encrypted in the database needs its keys.',
    });
  }
}

/** A password kept in a file of mode 0600, made when there is none. */
export function keepPassword(file: string): string {
  if (!existsSync(file)) write(file, randomBytes(24).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}

/** Writes secrets that were read from the file and changed: whole, or not at all. */
export function writeSecrets(file: string, secrets: Secrets): void {
  write(file, `${JSON.stringify(secrets, null, 2)}\n`);
}

function write(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
