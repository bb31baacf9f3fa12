import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { failpointVariable } from './config.js';
import { Failpoints } from './failpoints.js';

const directory = mkdtempSync(path.join(tmpdir(), 'failpoint-spec-'));
afterAll(() => rmSync(directory, { recursive: true }));
const points = new Failpoints(directory);
const lib = path.resolve(import.meta.dirname, '../dist/index.js');

/** A process that passes `inbox-taken` so often and says each time that it has. */
function passes(
  times: number,
  env: Record<string, string>,
): { signal: string | null; said: number } {
  const script = `import { failpoint } from ${JSON.stringify(lib)};
    for (let turn = 0; turn < ${times}; turn += 1) {
      failpoint('inbox-taken'); process.stdout.write('.');
    }`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { signal: run.signal, said: run.stdout.length };
}

describe('failpoint', () => {
  const env = { [failpointVariable]: directory };

  it('F1 ends the process as kill -9 does, at its turn, once', () => {
    points.arm('inbox-taken', 3);
    expect(passes(5, env)).toEqual({ signal: 'SIGKILL', said: 2 });
    expect(points.hits('inbox-taken')).toHaveLength(1);
    expect(passes(5, env)).toEqual({ signal: null, said: 5 });
  });

  it('F1 counts over processes, and forgets what was disarmed', () => {
    points.arm('inbox-taken', 3);
    expect(passes(2, env)).toEqual({ signal: null, said: 2 });
    points.disarm('inbox-taken');
    expect(passes(5, env)).toEqual({ signal: null, said: 5 });
    expect(points.hits('facts-booked')).toEqual([]);
  });

  it('F1 does not arm again what another process took while it counted', () => {
    points.arm('inbox-taken', 2);
    const armed = path.join(directory, 'armed', 'inbox-taken');
    const script = `import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const read = fs.readFileSync;
      fs.readFileSync = (file, ...rest) => {
        const text = read(file, ...rest);
        if (file === ${JSON.stringify(armed)}) fs.renameSync(file, file + '.taken');
        return text;
      };
      syncBuiltinESMExports();
      const { failpoint } = await import(${JSON.stringify(lib)});
      failpoint('inbox-taken');`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect([existsSync(`${armed}.taken`), existsSync(armed)]).toEqual([true, false]);
  });

  it('is nothing in a process that was not started for it', () => {
    points.arm('inbox-taken');
    expect(passes(2, {})).toEqual({ signal: null, said: 2 });
    points.disarm('inbox-taken');
  });
});
