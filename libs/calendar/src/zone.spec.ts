import { describe, expect, it } from '@jest/globals';
import { zoneOf } from './zone.js';

describe('zones by name', () => {
  it('are made once: Intl takes a millisecond for each', () => {
    expect(zoneOf('Asia/Shanghai')).toBe(zoneOf('Asia/Shanghai'));
    expect(zoneOf('Asia/Shanghai')).not.toBe(zoneOf('Europe/London'));
  });
});
