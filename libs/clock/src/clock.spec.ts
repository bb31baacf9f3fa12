import { describe, expect, it } from '@jest/globals';
import { SystemClock } from './clock.js';
import { parseClockSetting } from './clock-setting.js';
import { ClockWouldGoBack, VirtualClock } from './virtual-clock.js';

const start = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');

describe('VirtualClock', () => {
  it('stands still, moves when told, and lets work begin in a step of its own', () => {
    const clock = new VirtualClock(start);
    let calls = 0;
    const stop = clock.onBegin(() => (calls += 1));
    clock.take(later);
    expect([clock.now(), clock.begunUntil(), calls]).toEqual([later, start, 0]);
    clock.begin();
    expect([clock.begunUntil(), calls]).toEqual([later, 1]);
    stop();
    clock.begin();
    expect(calls).toBe(1);
  });

  it('takes the same instant again and refuses an earlier one', () => {
    const clock = new VirtualClock(later);
    clock.take(later);
    expect(() => clock.take(start)).toThrow(ClockWouldGoBack);
    expect(clock.now()).toEqual(later);
  });

  it('cannot be moved through a date that it gave away', () => {
    const clock = new VirtualClock(start);
    clock.now().setFullYear(1999);
    expect(clock.now()).toEqual(start);
  });
});

describe('SystemClock', () => {
  it('lets all work begin that is due now', () => {
    const clock = new SystemClock();
    const before = clock.now().getTime();
    expect(clock.begunUntil().getTime()).toBeGreaterThanOrEqual(before);
  });
});

describe('parseClockSetting', () => {
  it.each([undefined, '', 'system'])('reads %s as the system clock', (text) => {
    expect(parseClockSetting(text)).toEqual({ mode: 'system' });
  });

  it('reads an instant with an offset', () => {
    const setting = parseClockSetting('virtual:2026-01-01T08:00:00+08:00');
    expect(setting).toEqual({ mode: 'virtual', start });
  });

  it.each(['virtual', 'virtual:', 'virtual:2026-01-01', 'virtual:2026-01-01T08:00:00', 'fast'])(
    'refuses %s',
    (text) => {
      expect(() => parseClockSetting(text)).toThrow(RangeError);
    },
  );
});
