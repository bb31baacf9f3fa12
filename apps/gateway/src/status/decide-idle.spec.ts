import { describe, expect, it } from '@jest/globals';
import type { ServiceStatus } from '@qingfen/contracts';
import { decideIdle } from './decide-idle.js';
import { QuietWatch } from './quiet-watch.js';
import { lagsOf, voicesOf, type ServiceSight, type Sweep } from './sweep.js';

const resting: ServiceStatus = {
  name: 'payout',
  ready: true,
  startedAt: '2026-01-05T00:00:00Z',
  now: '2026-01-05T00:00:00Z',
  work: 7,
  positions: [
    { group: 'g', topic: 'payout-requested', partition: 0, offset: '3' },
    { group: 'g', topic: 'payout-requested', partition: 1, offset: '0' },
  ],
  outboxPending: 0,
  runsDue: 0,
  payouts: {
    requested: 2,
    requestedSendable: 0,
    waiting: { funds: 1 },
    review: 1,
    blocked: 1,
    sending: 0,
    unknown: 1,
    unknownDue: 0,
  },
  nextDueAt: null,
  holdingUp: [],
};

function sweepOf(change: Partial<ServiceStatus> | null = {}, end = 3n): Sweep {
  const status = change === null ? null : { ...resting, ...change };
  const ends = new Map([['payout-requested', new Map([[0, end]])]]);
  const place = { name: 'payout', part: 'payout', replica: 1, url: 'http://127.0.0.1:1' };
  return { ends, services: [{ ...place, status }] };
}

/** The same service twice, as its replicas tell of the rows that they share. */
function twice(...changes: readonly (Partial<ServiceStatus> | null)[]): Sweep {
  const { ends } = sweepOf();
  const services = changes.map((change, index): ServiceSight => {
    const [sight] = sweepOf(change).services;
    if (sight === undefined) throw new Error('a sweep has a sight');
    const replica = index + 1;
    return { ...sight, replica, part: `payout-${replica}`, url: `http://127.0.0.1:${replica}` };
  });
  return { ends, services };
}

function payoutsWith(change: object): Partial<ServiceStatus> {
  return resting.payouts === undefined ? {} : { payouts: { ...resting.payouts, ...change } };
}

describe('decideIdle', () => {
  it('rests when two sweeps found nothing; review, waiting and unknown do not hold it up', () => {
    expect(decideIdle(sweepOf(), sweepOf())).toEqual({ idle: true, holdingUp: [] });
  });

  it.each([
    ['lag', sweepOf({}, 4n), 'g has 1 message(s) of payout-requested to process'],
    ['an outbox', sweepOf({ outboxPending: 2 }), 'payout has 2 message(s) to publish'],
    ['runs', sweepOf({ runsDue: 1 }), 'payout has 1 run(s) due and unfinished'],
    ['sends', sweepOf(payoutsWith({ sending: 1 })), '1 payout(s) being sent'],
    [
      'what may be sent',
      sweepOf(payoutsWith({ requestedSendable: 2 })),
      '2 payout(s) requested and not yet sent',
    ],
    [
      'questions due',
      sweepOf(payoutsWith({ unknownDue: 1 })),
      '1 payout(s) with unknown outcome to ask about',
    ],
    ['a service not ready', sweepOf({ ready: false }), 'payout is not ready'],
    ['a silent service', sweepOf(null), 'payout does not answer'],
    ['its own words', sweepOf({ holdingUp: ['a bill is fetched'] }), 'payout: a bill is fetched'],
    ['silent brokers', { ...sweepOf(), ends: null }, 'the Kafka brokers do not answer'],
  ])('does not rest with %s in either sweep', (_what, sweep, reason) => {
    expect(decideIdle(sweep, sweepOf())).toEqual({ idle: false, holdingUp: [reason] });
    expect(decideIdle(sweepOf(), sweep)).toEqual({ idle: false, holdingUp: [reason] });
  });

  it('does not rest when work was begun between the sweeps', () => {
    const { idle, holdingUp } = decideIdle(sweepOf({ work: 6 }), sweepOf());
    expect([idle, holdingUp]).toEqual([false, ['payout is at work']]);
  });

  it('does not rest when a service was started anew between the sweeps', () => {
    const again = sweepOf({ startedAt: '2026-01-05T00:00:01Z' });
    expect(decideIdle(sweepOf(), again).idle).toBe(false);
  });
});

describe('decideIdle of two replicas', () => {
  it('R-ARC-1 rests when both do, whatever each has begun before', () => {
    const sweep = twice({ work: 7 }, { work: 900 });
    expect(decideIdle(sweep, sweep)).toEqual({ idle: true, holdingUp: [] });
  });

  it.each([
    ['work of the second', twice({}, { work: 8 }), 'payout-2 is at work'],
    ['the second not ready', twice({}, { ready: false }), 'payout-2 is not ready'],
    ['the second silent', twice({}, null), 'payout-2 does not answer'],
    ['the first silent', twice(null, {}), 'payout-1 does not answer'],
    [
      'a run the second knows of',
      twice({}, { runsDue: 1 }),
      'payout has 1 run(s) due and unfinished',
    ],
    [
      'an outbox, once',
      twice({ outboxPending: 2 }, { outboxPending: 2 }),
      'payout has 2 message(s) to publish',
    ],
    ['words of both, once', twice({ holdingUp: ['x'] }, { holdingUp: ['x'] }), 'payout: x'],
  ])('R-ARC-1 does not rest with %s', (_what, sweep, reason) => {
    expect(decideIdle(twice({}, {}), sweep)).toEqual({ idle: false, holdingUp: [reason] });
  });

  it('R-ARC-1 counts rows that both tell of once', () => {
    const told = { ...payoutsWith({ requestedSendable: 3 }), outboxPending: 5 };
    const sweep = twice(null, told, told);
    expect(voicesOf(sweep.services)).toEqual([{ name: 'payout', status: { ...resting, ...told } }]);
    const ends = new Map([['payout-requested', new Map([[0, 4n]])]]);
    expect(lagsOf({ ...sweep, ends }, ends)).toEqual([
      { group: 'g', topic: 'payout-requested', lag: 1n },
    ]);
  });
});

describe('lagsOf', () => {
  it('sums partitions and is never negative', () => {
    const sweep = sweepOf({}, 1n);
    expect(sweep.ends === null ? [] : lagsOf(sweep, sweep.ends)).toEqual([
      { group: 'g', topic: 'payout-requested', lag: 0n },
    ]);
  });
});

describe('QuietWatch', () => {
  const upstream = (position: number, end: number, work: number): Sweep => {
    const positions = [
      { group: 'g', topic: 'order-completed', partition: 0, offset: String(position) },
    ];
    const sweep = sweepOf({ positions, work });
    return { ...sweep, ends: new Map([['order-completed', new Map([[0, BigInt(end)]])]]) };
  };

  it('ends at once when the system rests', () => {
    expect(new QuietWatch(sweepOf()).see(sweepOf()).done).toBe(true);
  });

  it('says when a sweep is clean by itself, so that the next one may be the last', () => {
    const watch = new QuietWatch(sweepOf({ work: 1 }));
    expect(watch.see(sweepOf({ work: 2, outboxPending: 1 }))).toMatchObject({
      done: false,
      isClean: false,
    });
    expect(watch.see(sweepOf({ work: 3 }))).toMatchObject({ done: false, isClean: true });
    expect(watch.see(sweepOf({ work: 3 }))).toMatchObject({ done: true, isClean: true });
  });

  it('ends while upstream keeps writing, once what stood there is processed', () => {
    const watch = new QuietWatch(upstream(0, 10, 0));
    const done: boolean[] = [];
    for (let at = 1; at <= 200; at += 1) done.push(watch.see(upstream(at, at + 10, at)).done);
    expect(done.slice(0, 59)).not.toContain(true);
    expect(done.at(-1)).toBe(true);
  });

  it('does not end while what stood there is not processed', () => {
    const watch = new QuietWatch(upstream(0, 1_000, 0));
    for (let at = 1; at <= 300; at += 1) {
      expect(watch.see(upstream(at, at + 1_000, at)).done).toBe(false);
    }
  });

  it('does not end early when only our own services are at work', () => {
    const watch = new QuietWatch(sweepOf({ work: 0 }));
    for (let work = 1; work <= 200; work += 1) {
      expect(watch.see(sweepOf({ work })).done).toBe(false);
    }
  });
});
