import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readPlan } from './index.js';

const docs = path.join(import.meta.dirname, '..', '..', '..', '..', 'docs');

describe.each(['plans.md', 'plans.zh-CN.md'])('R-RUL-3 %s', (name) => {
  const page = readFileSync(path.join(docs, name), 'utf8');

  it('R-RUL-3 shows plans that may be published: days off, and payees with a cycle of their own', () => {
    const blocks = Array.from(page.matchAll(/```json\n(.*?)```/gs), ([, block = '']) => block);
    const parts = blocks.map((block) => {
      const reading = readPlan(JSON.parse(block), { levelsMax: 3 });
      if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
      return reading.plan.supplier;
    });
    expect(parts).toMatchObject([
      { onHoliday: 'next-business-day', payeeCycles: [] },
      { onHoliday: 'run', payeeCycles: [{ payeeIds: ['sup-7', 'sup-9'] }] },
    ]);
  });

  it('R-RUL-3 shows a cycle of each form, which a plan may have', () => {
    const shown = Array.from(page.matchAll(/`(\{"every": .*?\})`/g), ([, text = '']) => text);
    expect(shown).toHaveLength(4);
    for (const text of shown) {
      const plan = { supplier: { cycle: JSON.parse(text) } };
      expect(readPlan(plan, { levelsMax: 3 })).toMatchObject({ kind: 'ok' });
    }
  });
});
