import { describe, expect, it } from '@jest/globals';
import { ReplayCourse } from './replay-course.js';

const standing = { low: 3n, end: 8n };
const at = (offset: number): { offset: string } => ({ offset: String(offset) });

/** Lets every letter from the first on pass, and tells which were sent. */
function passing(course: ReplayCourse, unkept: readonly number[] = []): number[] {
  const sent: number[] = [];
  for (let offset = Number(course.first()); offset < 10 && !course.isOver(); offset += 1) {
    if (!course.wants(at(offset))) continue;
    const isKept = !unkept.includes(offset);
    if (isKept) sent.push(offset);
    course.note(at(offset), isKept);
  }
  return sent;
}

describe('a replay of dead letters', () => {
  it('sends all that stood when it began, and no later ones', () => {
    const course = new ReplayCourse({}, standing);
    expect(course.wanted()).toEqual({ from: '3', until: '8' });
    expect(passing(course, [5])).toEqual([3, 4, 6, 7]);
    expect(course.done()).toEqual({ replayed: 4, left: 1, nextOffset: null });
  });

  it('sends the chosen ones, in the order of the topic', () => {
    const course = new ReplayCourse({ offsets: ['7', '4', '4'] }, standing);
    expect(course.wanted()).toEqual({ offsets: ['4', '7'] });
    expect(passing(course)).toEqual([4, 7]);
    expect(course.done()).toEqual({ replayed: 2, left: 0, nextOffset: null });
  });

  it('goes on from where an earlier call has come to', () => {
    const course = new ReplayCourse({ from: '6' }, standing);
    expect(passing(course)).toEqual([6, 7]);
  });

  it('has nothing to do where nothing stands', () => {
    expect(new ReplayCourse({}, { low: 8n, end: 8n }).isEmpty()).toBe(true);
    const behind = new ReplayCourse({ from: '9' }, standing);
    expect(behind.isEmpty()).toBe(true);
    expect(behind.done()).toEqual({ replayed: 0, left: 0, nextOffset: null });
  });

  it('answers in time, and says where the next call goes on', () => {
    let nowMs = 0;
    const course = new ReplayCourse({}, standing, () => nowMs);
    course.note(at(3), true);
    nowMs = 40_000;
    expect([course.isOver(), course.wants(at(4))]).toEqual([true, false]);
    expect(course.done()).toEqual({ replayed: 1, left: 0, nextOffset: '4' });
  });

  it('sends no more than 10,000 at once', () => {
    const course = new ReplayCourse({}, { low: 0n, end: 20_000n });
    let offset = 0;
    for (; !course.isOver(); offset += 1) course.note(at(offset), true);
    expect(course.done()).toEqual({ replayed: 10_000, left: 0, nextOffset: '10000' });
  });
});
