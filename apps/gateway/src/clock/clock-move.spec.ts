import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { advance, takenOver, type Move } from './clock-move.js';

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 5, 0, minute));

/** Every step of a move, as `step minute`, while everything that is due is done at once. */
function stepsOf(from: number, to: number, scheduled: readonly number[]): string[] {
  let move: Move = { now: at(from), target: at(to), step: 'waiting' };
  const steps: string[] = [];
  for (let count = 0; count < 10_000; count += 1) {
    steps.push(`${move.step} ${(move.now.getTime() - at(0).getTime()) / 60_000}`);
    const after = scheduled.map(at).filter((due) => due > move.now);
    const next = advance(move, after);
    if (next.kind === 'arrived') return steps;
    move = next.move;
  }
  throw new Error('a move that does not arrive');
}

describe('a move of the clock', () => {
  it('stops at each instant at which something is scheduled, and at the target', () => {
    expect(stepsOf(0, 30, [20, 10, 40])).toEqual([
      'waiting 0',
      ...['taking 10', 'beginning 10', 'settling 10'],
      ...['taking 20', 'beginning 20', 'settling 20'],
      ...['taking 30', 'beginning 30', 'settling 30'],
    ]);
  });

  it('to the present instant begins again what is due at it', () => {
    expect(stepsOf(5, 5, [5])).toEqual(['waiting 5', 'taking 5', 'beginning 5', 'settling 5']);
  });

  it('arrives, never goes back, and skips nothing that is scheduled', () => {
    const minutes = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(fc.array(minutes), minutes, (scheduled, to) => {
        const begun = stepsOf(0, to, scheduled)
          .filter((step) => step.startsWith('beginning'))
          .map((step) => Number(step.split(' ')[1]));
        const wanted = new Set([...scheduled.filter((due) => due > 0 && due < to), to]);
        return JSON.stringify(begun) === JSON.stringify([...wanted].sort((a, b) => a - b));
      }),
    );
  });

  it('ignores what is overdue: it was begun, and holds the move up by not being idle', () => {
    const move: Move = { now: at(10), target: at(20), step: 'settling' };
    const next = advance(move, [at(5), at(10)]);
    expect(next).toEqual({ kind: 'goes-on', move: { ...move, now: at(20), step: 'taking' } });
  });

  it.each([
    ['waiting', 'waiting'],
    ['taking', 'taking'],
    ['beginning', 'taking'],
    ['settling', 'taking'],
  ] as const)('taken over while %s goes on with %s', (step, expected) => {
    expect(takenOver({ now: at(1), target: at(2), step }).step).toBe(expected);
  });
});
