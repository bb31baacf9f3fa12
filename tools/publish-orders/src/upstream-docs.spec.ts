import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isTopic, parseEvent } from '@qingfen/contracts';
import { usage } from './arguments.js';
import { checkFile } from './check-file.js';
import { type CsvShape, orderShape, payeeShape, refundShape } from './csv-shapes.js';
import { fileTopics } from './file-message.js';

const docs = path.join(import.meta.dirname, '..', '..', '..', 'docs');

function blocksOf(page: string, language: string): string[] {
  const found = page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'));
  return Array.from(found, ([, block = '']) => block);
}

describe.each(['upstream.md', 'upstream.zh-CN.md'])('R-UPS-1 %s', (name) => {
  const page = readFileSync(path.join(docs, name), 'utf8');

  it('has a well-formed sample of every event that upstream may write', () => {
    const types = blocksOf(page, 'json').map((block) => {
      const type = String(JSON.parse(block).type);
      if (!isTopic(type)) throw new Error(`${type} is no topic`);
      expect(parseEvent(type, Buffer.from(block))).toMatchObject({ ok: true });
      return type;
    });
    expect(types.toSorted()).toEqual(fileTopics.toSorted());
  });

  it('has a well-formed sample of every CSV', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'qf-docs-'));
    try {
      const samples = blocksOf(page, 'csv').entries();
      const found: number[] = [];
      for (const [index, block] of samples) {
        const file = path.join(folder, `${index}.csv`);
        writeFileSync(file, block);
        const payees = block.includes('payeeId');
        const time = payees ? '2026-01-01T00:00:00+08:00' : undefined;
        const { inside, unreadable } = await checkFile(file, { payees, time });
        expect(unreadable).toEqual([]);
        found.push(inside.sound);
      }
      expect(found).toEqual([1, 1, 2]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[CsvShape, number]>([
    [orderShape, 0],
    [refundShape, 1],
    [payeeShape, 2],
  ])('names just the columns of $thing', ({ keys, common, own, required }, index) => {
    const table = page.split('\n### ')[index + 1] ?? '';
    const rows = table.split('\n').filter((row) => row.startsWith('| `'));
    const told = new Map<string, boolean>();
    for (const row of rows) {
      const [, columns = '', needed = ''] = row.split('|');
      for (const [, column = ''] of columns.matchAll(/`(\w+)`/g)) {
        told.set(column, needed.trim() !== '');
      }
    }
    for (const column of ['distributor1', 'distributor20']) {
      expect(told.delete(column)).toBe(index === 0);
    }
    const known = ['shopId', ...keys, ...common, ...own];
    expect([...told.keys()].toSorted()).toEqual(known.toSorted());
    const needed = [...told].flatMap(([column, isNeeded]) => (isNeeded ? [column] : []));
    expect(needed.toSorted()).toEqual(['shopId', ...required].toSorted());
  });

  it('names only options that there are', () => {
    const options = new Set(
      Array.from(page.matchAll(/(?<![\w-])--[a-z][a-z-]+/g), ([text]) => text),
    );
    const others = ['--bootstrap-server', '--topic', '--reader-property', '--command-property'];
    for (const option of options) {
      if (!others.includes(option)) expect(usage).toContain(option);
    }
  });
});
