import { describe, expect, it } from '@jest/globals';
import { ProblemError } from '@qingfen/hosting';
import type { Grant } from '@qingfen/security';
import { demand } from './demand.js';
import { blockSecondsAfter, paces } from './login-pace.js';
import { Turnstile } from './turnstile.js';

describe('blockSecondsAfter', () => {
  it.each([
    [1, 0],
    [4, 0],
    [5, 1],
    [6, 2],
    [8, 8],
    [14, 512],
    [15, 900],
    [10_000, 900],
  ])('R-SEC-4 after %i failures of one person from one address: %i s', (failures, seconds) => {
    expect(blockSecondsAfter(failures, paces.personAndAddress)).toBe(seconds);
  });

  it('R-SEC-4 a name tried from everywhere is slowed for half a minute at most', () => {
    expect(blockSecondsAfter(99, paces.person)).toBe(0);
    expect(blockSecondsAfter(1_000, paces.person)).toBe(30);
  });
});

describe('Turnstile', () => {
  it('lets two in, keeps one waiting, and sends the rest away', async () => {
    const turnstile = new Turnstile(2, 1);
    const leave: (() => void)[] = [];
    let insideMost = 0;
    let inside = 0;
    const visit = () =>
      turnstile.pass(async () => {
        inside += 1;
        insideMost = Math.max(insideMost, inside);
        await new Promise<void>((done) => leave.push(done));
        inside -= 1;
        return 'was in';
      });
    const visits = [visit(), visit(), visit(), visit()];
    expect(await visits[3]).toBeNull();
    for (let left = 0; left < 3; left += 1) {
      leave.shift()?.();
      await new Promise((next) => setImmediate(next));
    }
    expect(await Promise.all(visits)).toEqual([
      { result: 'was in' },
      { result: 'was in' },
      { result: 'was in' },
      null,
    ]);
    expect(insideMost).toBe(2);
  });

  it('gives the place back when the work throws', async () => {
    const turnstile = new Turnstile(1, 0);
    const failing = turnstile.pass(() => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await turnstile.pass(() => Promise.resolve(1))).toEqual({ result: 1 });
  });
});

describe('demand', () => {
  const status = (roles: readonly Grant[], shopId: string | null): number => {
    try {
      demand({ roles }, { roles: ['admin'], shopId });
      return 200;
    } catch (error) {
      if (error instanceof ProblemError) return error.problem.status;
      throw error;
    }
  };

  it.each([
    ['the role on the shop', [{ role: 'admin', shopId: 's1' }], 's1', 200],
    ['the role on all shops', [{ role: 'admin', shopId: '*' }], 's1', 200],
    ['another role on the shop', [{ role: 'viewer', shopId: 's1' }], 's1', 403],
    ['another role on all shops', [{ role: 'viewer', shopId: '*' }], 's1', 403],
    ['the role on another shop', [{ role: 'admin', shopId: 's2' }], 's1', 404],
    ['no role', [], 's1', 404],
    ['the role on a shop, asked of all', [{ role: 'admin', shopId: 's1' }], null, 403],
  ] as const)('R-SEC-4 %s', (_case, roles, shopId, expected) => {
    expect(status(roles, shopId)).toBe(expected);
  });
});
