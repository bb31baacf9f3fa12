import { describe, expect, it } from '@jest/globals';

import { shanghai } from './shanghai.js';
import { zoneNamed } from './zone.js';

const london = zoneNamed('Europe/London');

describe('ReferenceZone', () => {
  it('knows the days of Shanghai by arithmetic as the tables of the machine do', () => {
    const named = zoneNamed('Asia/Shanghai');
    for (const text of ['2010-12-01T15:59:59Z', '2010-12-01T16:00:00Z', '2026-07-01T03:04:05Z']) {
      const atMs = Date.parse(text);
      expect(shanghai.textOf(atMs)).toBe(named.textOf(atMs));
      expect(shanghai.instantOf(shanghai.dayOf(atMs), 90)).toBe(
        named.instantOf(named.dayOf(atMs), 90),
      );
    }
    expect(shanghai.textOf(shanghai.instantOf('2010-12-01', 120))).toBe(
      '2010-12-01T02:00:00+08:00',
    );
    expect(shanghai.dayOf(Date.parse('2010-12-01T16:00:00Z'))).toBe('2010-12-02');
  });

  it('R-RUL-3 reads a time that clocks skip with the offset before the gap', () => {
    const text = london.textOf(london.instantOf('2011-03-27', 90));
    expect(text).toBe('2011-03-27T02:30:00+01:00');
  });

  it('R-RUL-3 takes the first of two instants at which clocks show the same', () => {
    const text = london.textOf(london.instantOf('2010-10-31', 90));
    expect(text).toBe('2010-10-31T01:30:00+01:00');
    expect(london.textOf(Date.parse('2010-10-31T01:30:00Z'))).toBe('2010-10-31T01:30:00+00:00');
  });

  it('knows the month before, on its own clocks', () => {
    const atMs = Date.parse('2010-12-31T20:00:00Z');
    expect([london.monthOf(atMs), london.monthBefore(atMs)]).toEqual(['2010-12', '2010-11']);
    expect([shanghai.monthOf(atMs), shanghai.monthBefore(atMs)]).toEqual(['2011-01', '2010-12']);
  });

  it('writes offsets of half an hour and behind UTC', () => {
    const atMs = Date.parse('2011-01-01T00:00:00Z');
    expect(zoneNamed('Asia/Kolkata').textOf(atMs)).toBe('2011-01-01T05:30:00+05:30');
    expect(zoneNamed('America/St_Johns').textOf(atMs)).toBe('2010-12-31T20:30:00-03:30');
  });
});
