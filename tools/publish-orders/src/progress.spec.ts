import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCommand } from './arguments.js';
import { ProgressDisplay } from './progress-display.js';
import { readProgress, removeProgress, writeProgress } from './progress-note.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qf-progress-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const undertaking = { sha256: 'ab'.repeat(32), cluster: 'c-1', settings: '{}' };

describe('the note of how far a file is', () => {
  it('is read back, and gone when all is published', () => {
    const file = path.join(folder, 'a.progress');
    writeProgress(file, undertaking, { line: 7, published: 5 });
    writeProgress(file, undertaking, { line: 70, published: 50 });
    expect(readProgress(file, undertaking)).toEqual({ line: 70, published: 50 });
    removeProgress(file);
    removeProgress(file);
    expect(existsSync(file)).toBe(false);
    expect(() => readProgress(file, undertaking)).toThrow('without --resume');
  });

  it.each([
    [{ sha256: 'cd'.repeat(32) }, 'has changed'],
    [{ cluster: 'c-2' }, 'another Kafka cluster'],
    [{ settings: '{"from":"…"}' }, 'other options'],
  ])('is of no use with %j', (change, words) => {
    const file = path.join(folder, 'b.progress');
    writeProgress(file, undertaking, { line: 7, published: 5 });
    expect(() => readProgress(file, { ...undertaking, ...change })).toThrow(words);
  });

  it.each(['', 'null', '{}', '{"version":1,"line":"7"}', '{"version":2}'])(
    'is not gone on from when it says %j',
    (text) => {
      const file = path.join(folder, 'c.progress');
      writeFileSync(file, text);
      expect(() => readProgress(file, undertaking)).toThrow('cannot be understood');
    },
  );
});

describe('showing progress', () => {
  function shown(isTty: boolean, columns: number, steps: readonly [number, number][]): string[] {
    const texts: string[] = [];
    let now = 0;
    const write = (text: string): void => void texts.push(text);
    const display = new ProgressDisplay({ isTty, columns, write, now: () => now });
    for (const [at, published] of steps) {
      now = at;
      display.show(published, 2000);
    }
    display.end();
    return texts;
  }

  it('draws a bar over itself on a terminal', () => {
    const steps: [number, number][] = [
      [1000, 0],
      [1050, 5],
      [2000, 1000],
      [2010, 2000],
    ];
    expect(shown(true, 100, steps)).toEqual([
      `\r\u001b[2K[${'-'.repeat(40)}]   0 %  0/2,000  0/s`,
      `\r\u001b[2K[${'#'.repeat(20)}${'-'.repeat(20)}]  50 %  1,000/2,000  1,000/s, 1 s left`,
      `\r\u001b[2K[${'#'.repeat(40)}] 100 %  2,000/2,000  1,980/s`,
      '\n',
    ]);
    for (const text of shown(true, 30, steps)) expect(text.length).toBeLessThan(36);
  });

  it('writes a plain line now and then elsewhere', () => {
    const steps: [number, number][] = [
      [1000, 10],
      [5000, 500],
      [6000, 600],
      [10_000, 2000],
    ];
    expect(shown(false, 80, steps)).toEqual([
      '500 of 2,000 messages published\n',
      '2,000 of 2,000 messages published\n',
    ]);
  });
});

describe('the command line', () => {
  it('knows its options', () => {
    expect(readCommand(['--help'])).toBeNull();
    const args = ['/tmp/a.csv', '--rate', '50', '--resume', '--ignore-columns', 'a, b'];
    expect(readCommand(args)).toMatchObject({
      ...{ file: '/tmp/a.csv', rate: 50, resume: true, ignoredColumns: ['a', 'b'] },
      progressFile: '/tmp/a.csv.progress',
    });
  });

  it.each([
    [[], 'name one file'],
    [['a', 'b'], 'name one file'],
    [['a', '--rate', '0'], '--rate'],
    [['a', '--colour'], '--colour'],
    [['a', '--time', '2026-01-05T00:00:00Z'], '--payees'],
    [['a', '--payees', '--time', 'today'], 'instant'],
    [['a', '--event', 'order-completed'], '--check'],
    [['-', '--check'], '--event'],
  ])('refuses %j', (args, words) => {
    expect(() => readCommand(args)).toThrow(words);
  });
});
