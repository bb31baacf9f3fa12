import path from 'node:path';

/** Something that the person at the keyboard can put right; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Where a path of the command line is meant from: npm runs scripts in the clone's root. */
export function pathFromCaller(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
}
