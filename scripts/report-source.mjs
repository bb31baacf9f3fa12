// What a report is about: the last commit that changed these paths, and a hash of what stands there.
// Prints {"commit","hash","paths"}; used when a report is written and when it is checked.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..');

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

/** The state of these paths as of HEAD; what is not committed is not what a report is about. */
export function sourceOf(paths) {
  const tree = git('ls-tree', '-r', 'HEAD', '--', ...paths);
  const sources = tree.split('\n').filter((line) => !/\.(md|spec\.ts|fixture\.ts)$/.test(line));
  const hash = createHash('sha256').update(sources.join('\n')).digest('hex');
  return { commit: git('log', '-1', '--format=%H', '--', ...paths), hash, paths };
}

/** How many commits have changed these paths since; null where the history does not reach back. */
export function commitsSince(commit, paths) {
  try {
    return Number(git('rev-list', '--count', `${commit}..HEAD`, '--', ...paths));
  } catch {
    return null;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${JSON.stringify(sourceOf(process.argv.slice(2)))}\n`);
}
