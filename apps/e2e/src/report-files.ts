import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Commit and hash of sources, as `npm test` computes them when it looks at a report. */
export function sourceNow(paths: readonly string[]): unknown {
  const script = path.join('scripts', 'report-source.mjs');
  return JSON.parse(
    execFileSync(process.execPath, [script, ...paths], {
      cwd: cloneFolder(import.meta.dirname),
      encoding: 'utf8',
    }),
  );
}

/** Writes `docs/reports/<name>.json` for programs and `.md` for people. @returns the JSON file */
export function writeReport(
  name: string,
  { document, page }: { readonly document: object; readonly page: string },
): string {
  const folder = path.join(cloneFolder(import.meta.dirname), 'docs', 'reports');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  writeFileSync(path.join(folder, `${name}.md`), page);
  return file;
}

function cloneFolder(from: string): string {
  if (existsSync(path.join(from, 'scripts', 'report-source.mjs'))) return from;
  const above = path.dirname(from);
  if (above === from) throw new Error('the report belongs into a clone');
  return cloneFolder(above);
}
