import { describe, expect, it } from '@jest/globals';
import { planTemplates, readPlan } from './index.js';

describe('R-RUL-1 templates', () => {
  it.each(planTemplates.map((template) => [template.nameZh, template] as const))(
    'R-RUL-1 %s may be published as it is, and leaves no default to be guessed',
    (_, { plan }) => {
      expect(readPlan(plan, { levelsMax: 3 })).toMatchObject({ kind: 'ok', document: plan });
    },
  );

  it('R-RUL-1 are one for each kind, and one for all three', () => {
    const parts = ['commission', 'supplier', 'teamReward'];
    const having = planTemplates.map(({ plan }) =>
      parts.filter((part) => Object.hasOwn(plan, part)),
    );
    expect(having).toEqual([['supplier'], ['commission'], ['teamReward'], parts]);
    expect(planTemplates.map(({ nameZh }) => nameZh).slice(0, 3)).toEqual([
      '供应商货款结算',
      '分销佣金结算',
      '团队奖励金结算',
    ]);
    expect(planTemplates.map(({ templateId }) => templateId)).toEqual([
      'supplier-payment',
      'distribution-commission',
      'team-reward',
      'suppliers-distributors-teams',
    ]);
  });

  it('R-RUL-1 explain themselves in both languages', () => {
    for (const { name, explanation, nameZh, explanationZh } of planTemplates) {
      expect(`${name} ${explanation}`).not.toMatch(/\p{Script=Han}/u);
      expect(explanation).toMatch(/\.$/);
      expect(nameZh).toMatch(/^\p{Script=Han}/u);
      expect(explanationZh).toMatch(/。$/);
    }
  });
});
