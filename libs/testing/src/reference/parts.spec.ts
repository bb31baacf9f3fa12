import { describe, expect, it } from '@jest/globals';

import { amountsOf } from './parts.js';

describe('amountsOf', () => {
  it('gives full parts first, and a rest too small gets what it lacks', () => {
    expect(amountsOf(30_000n, 30_000n)).toEqual([30_000n]);
    expect(amountsOf(70_000n, 30_000n)).toEqual([30_000n, 30_000n, 10_000n]);
    expect(amountsOf(60_003n, 30_000n)).toEqual([30_000n, 29_993n, 10n]);
    expect(amountsOf(30_010n, 30_000n)).toEqual([30_000n, 10n]);
  });
});
