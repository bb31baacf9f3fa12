import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bindWindow,
  dueAt,
  rebindWindows,
  windowsDue,
  type WindowState,
  type WindowVersion,
} from './index.js';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const version = (number: number, from: number, returnWindowDays: number): WindowVersion => ({
  version: number,
  publishedAt: day(from),
  effectiveFrom: day(from),
  withdrawnAt: null,
  returnWindowDays,
});
const told = (more: Partial<WindowState> = {}): WindowState => ({
  shopId: 'shop-1',
  orderId: 'o-1',
  paidAt: day(5),
  completedAt: day(8),
  bound: null,
  saidClosedAt: null,
  ...more,
});

describe('R-REF-1 return windows', () => {
  it('end the version’s days after completion, under the version at paidAt', () => {
    const versions = [version(1, 1, 7), version(2, 6, 30)];
    expect(bindWindow(told(), versions)).toEqual({ version: 1, closedAt: day(15) });
    expect(bindWindow(told({ paidAt: day(6) }), versions)).toEqual({
      version: 2,
      closedAt: day(38),
    });
    expect(bindWindow(told(), [version(1, 6, 7)])).toBeUndefined();
  });

  it('are said at their end, not before and not twice', () => {
    const state = told({ bound: { version: 1, closedAt: day(15) } });
    expect(windowsDue([state], new Date(day(15).getTime() - 1))).toEqual([]);
    const fact = { shopId: 'shop-1', orderId: 'o-1', completedAt: day(8), closedAt: day(15) };
    expect(windowsDue([state, state], day(15))).toEqual([fact]);
    expect(windowsDue([{ ...state, saidClosedAt: day(15) }], day(99))).toEqual([]);
    expect(windowsDue([told()], day(99))).toEqual([]);
  });

  it('are said for every distinct completedAt that was told', () => {
    const one = told({ bound: { version: 1, closedAt: day(15) } });
    const other = { ...one, completedAt: day(9), bound: { version: 1, closedAt: day(16) } };
    expect(windowsDue([one, other], day(20)).map((fact) => fact.completedAt)).toEqual([
      day(8),
      day(9),
    ]);
  });

  it('R-RUL-5 a plan that arrives late, or is withdrawn, binds anew', () => {
    const first = version(1, 1, 7);
    const late = version(2, 4, 30);
    const [bound] = rebindWindows([told()], [first]);
    expect(bound?.bound).toEqual({ version: 1, closedAt: day(15) });
    const state = told({ bound: bound?.bound ?? null });
    expect(rebindWindows([state], [first])).toEqual([]);
    const [rebound] = rebindWindows([state], [late, first]);
    expect(rebound?.bound).toEqual({ version: 2, closedAt: day(38) });
    const withdrawn = { ...late, withdrawnAt: day(4) };
    expect(rebindWindows([rebound ?? state], [first, withdrawn])[0]?.bound?.version).toBe(1);
    expect(rebindWindows([state], [])[0]?.bound).toBeNull();
  });

  it('a longer window is said again at its end, a shorter one is proven already', () => {
    const said = told({ saidClosedAt: day(15) });
    expect(dueAt({ ...said, bound: { version: 2, closedAt: day(38) } })).toEqual(day(38));
    expect(dueAt({ ...said, bound: { version: 2, closedAt: day(10) } })).toBeUndefined();
  });

  it('M5 what is bound in the end does not depend on the order in which versions came', () => {
    const versions = [version(1, 1, 7), version(2, 3, 0), version(3, 5, 14), version(4, 6, 2)];
    const arrivals = fc.shuffledSubarray(versions, { minLength: versions.length });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 9 }), (arrived, paid) => {
        let state = told({ paidAt: day(paid) });
        arrived.forEach((_, index) => {
          const [changed] = rebindWindows([state], arrived.slice(0, index + 1));
          state = changed ?? state;
        });
        const expected = bindWindow(state, versions);
        return JSON.stringify(state.bound) === JSON.stringify(expected ?? null);
      }),
    );
  });
});
