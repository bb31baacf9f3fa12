import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lockDataDirectory, openDataDirectory } from './data-directory.js';
import { endLeftovers, isAlive, PidBook, readPids } from './pid-book.js';
import { reserveAnyPort, reservePort } from './ports.js';
import { identityOf } from './process-identity.js';
import { StartFailure } from './start-failure.js';
import { SupervisedPart, type PartPlan } from './supervised-part.js';
import { probe } from './waiting.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'qingfen-part-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A process of Node that writes a file once it runs. */
function plan(name: string, script: string, changes: Partial<PartPlan> = {}): PartPlan {
  const sign = path.join(directory, `${name}.sign`);
  const program = path.join(directory, `${name}.mjs`);
  writeFileSync(
    program,
    `import fs from 'node:fs'; const sign = ${JSON.stringify(sign)};${script}`,
  );
  return {
    name,
    command: process.execPath,
    args: [program],
    cwd: directory,
    env: {},
    logFile: path.join(directory, `${name}.log`),
    marker: program,
    stopSignal: 'SIGTERM',
    stopWithinMs: 2_000,
    readyWithinMs: 10_000,
    isReady: () => Promise.resolve(existsSync(sign)),
    ...changes,
  };
}

const staying = `fs.writeFileSync(sign, ''); setInterval(() => {}, 1000);`;
const book = (name: string): PidBook => new PidBook(path.join(directory, `${name}.json`));

describe('a supervised part', () => {
  it('is started again after a kill, and stays down after a stop', async () => {
    const lines: string[] = [];
    const part = new SupervisedPart(plan('again', staying), book('again'), (line) => {
      lines.push(line);
    });
    await part.start();
    const first = part.pid ?? 0;
    process.kill(first, 'SIGKILL');
    const isBack = (): boolean => part.pid !== undefined && part.pid !== first;
    expect(await probe(isBack, { withinMs: 10_000 })).toBe(true);
    const second = part.pid ?? 0;
    await part.stop();
    expect(identityOf(second)).toBeUndefined();
    expect(lines[0]).toBe('again was ended by SIGKILL; starting it again in 0.2 s');
    expect(readPids(path.join(directory, 'again.json'))).toEqual({});
  });

  it('is ended by force when it does not listen', async () => {
    const deaf = `process.on('SIGTERM', () => {}); ${staying}`;
    const part = new SupervisedPart(
      plan('deaf', deaf, { stopWithinMs: 100 }),
      book('deaf'),
      () => undefined,
    );
    await part.start();
    const pid = part.pid ?? 0;
    await part.stop();
    expect(identityOf(pid)).toBeUndefined();
  });

  it('fails its start with its last words when it never gets ready', async () => {
    const mute = plan('mute', `console.log('no room'); setInterval(() => {}, 1000);`, {
      readyWithinMs: 1_500,
    });
    const part = new SupervisedPart(mute, book('mute'), () => undefined);
    await expect(part.start()).rejects.toMatchObject({
      part: 'mute',
      reason: 'mute was not ready within 1.5 s; its last words: no room',
    });
    await part.stop();
  });

  it('fails its start when what it needs is missing', async () => {
    const failure = new StartFailure({ part: 'lame', reason: 'no leg', fix: 'Find one.' });
    const lame = plan('lame', staying, { prepare: () => Promise.reject(failure) });
    await expect(new SupervisedPart(lame, book('lame'), () => undefined).start()).rejects.toBe(
      failure,
    );
  });
});

describe('what was left behind', () => {
  it('is ended when it is what was noted, and left alone when it is not', async () => {
    const [mine, other] = [plan('mine', staying), plan('other', staying)];
    const file = path.join(directory, 'left.json');
    const parts = [mine, other].map((each) => new SupervisedPart(each, book('x'), () => undefined));
    await Promise.all(parts.map((part) => part.start()));
    const left = new PidBook(file);
    left.note('mine', parts[0]?.pid ?? 0, mine.marker);
    left.note('other', parts[1]?.pid ?? 0, 'something else');
    expect(await endLeftovers(file)).toEqual(['mine']);
    const stays = readPids(file)['other'];
    expect(stays !== undefined && identityOf(stays.pid)?.startTicks).toBe(stays?.startTicks);
    await Promise.all(parts.map((part) => part.stop()));
  });

  it('is nothing where the book is torn or absent', async () => {
    const torn = path.join(directory, 'torn.json');
    writeFileSync(torn, '{"kafka":{"pid":1,');
    expect(await endLeftovers(torn)).toEqual([]);
    expect(await endLeftovers(path.join(directory, 'absent.json'))).toEqual([]);
  });

  it('does not take a later process with the same number for the earlier one', () => {
    const { startTicks = 0 } = identityOf(process.pid) ?? {};
    expect(isAlive({ pid: process.pid, startTicks, marker: 'node' })).toBe(true);
    expect(isAlive({ pid: process.pid, startTicks: startTicks - 1, marker: 'node' })).toBe(false);
  });
});

describe('the lock of a data directory', () => {
  it('refuses a second start and names the first', () => {
    const { root } = openDataDirectory(path.join(directory, 'locked'));
    const give = lockDataDirectory(root);
    expect(() => lockDataDirectory(root)).toThrow(`process ${process.pid}`);
    give();
    lockDataDirectory(root)();
  });

  it('takes over from one that is gone, or was torn', () => {
    const { root } = openDataDirectory(path.join(directory, 'stale'));
    const file = path.join(root, 'lock.json');
    for (const text of ['{"pid":4194304,"startTicks":1,"marker":"node"}', '{"pid":']) {
      writeFileSync(file, text);
      const give = lockDataDirectory(root);
      expect(readFileSync(file, 'utf8')).toContain(`"pid":${process.pid}`);
      give();
      expect(existsSync(file)).toBe(false);
    }
  });
});

describe('ports', () => {
  it('a given one is taken or refused, a default one gives way, 0 is any', async () => {
    const taken = await reserveAnyPort();
    const wanted = { part: 'kafka', variable: 'KAFKA_PORT' };
    const given = reservePort({ ...wanted, given: taken.port, preferred: 1 });
    await expect(given).rejects.toMatchObject({ part: 'kafka' });
    const makesWay = await reservePort({ ...wanted, given: undefined, preferred: taken.port });
    expect(makesWay.port).not.toBe(taken.port);
    const any = await reservePort({ ...wanted, given: 0, preferred: taken.port });
    expect(new Set([taken.port, makesWay.port, any.port]).size).toBe(3);
    await taken.release();
    const now = await reservePort({ ...wanted, given: taken.port, preferred: 1 });
    expect(now.port).toBe(taken.port);
    await Promise.all([now, makesWay, any].map((reserved) => reserved.release()));
  });
});
