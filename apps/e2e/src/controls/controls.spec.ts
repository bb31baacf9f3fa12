import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { controls } from './controls.js';

const clone = path.resolve(import.meta.dirname, '../../../..');

describe('the broken builds', () => {
  it.each(controls)('O1–O7 O11 can still be made: $oracle, $name', ({ file, from, to }) => {
    const parts = readFileSync(path.join(clone, file), 'utf8').split(from);
    expect([file, parts.length - 1]).toEqual([file, 1]);
    expect(to).not.toBe(from);
  });

  it('O1–O7 O11 are there for every oracle', () => {
    const oracles = new Set(controls.map(({ oracle }) => oracle));
    const wanted = ['O1', 'O2', 'O3', 'O4', 'O5', 'O6', 'O7', 'O11'];
    expect(wanted.filter((oracle) => !oracles.has(oracle))).toEqual([]);
    expect(new Set(controls.map(({ name }) => name)).size).toBe(controls.length);
  });
});
