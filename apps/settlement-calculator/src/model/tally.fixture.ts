import type { HeardTopic } from '../books.fixture.js';
import { kinds } from './deck.fixture.js';

const groups = [
  'wished for',
  'heard',
  'by hand',
  'runs',
  'line cut during',
  'line cut at',
  'besides',
] as const;

type Group = (typeof groups)[number];

/** What has happened, group by group: how often, by name. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

const topicsOfOrders: readonly HeardTopic[] = [
  'order-completed',
  'order-refunded',
  'order-refund-reversed',
  'order-disputed',
  'order-dispute-resolved',
];
const otherTopics: readonly HeardTopic[] = [
  'settlement-plan-published',
  'shop-upserted',
  'payee-upserted',
  'return-window-closed',
];
const ends = ['succeeded', 'failed', 'cancelled', 'returned'] as const;
const acts = [
  'hold payee',
  'release payee',
  'mend payee',
  'hold order',
  'release order',
  'adjust',
  'bind',
  'retry',
  'demand',
  'receive',
  'withdraw demand',
] as const;

/** What must be seen to happen, besides every wish: what was never tried is proven of nothing. */
const mustHappen: Readonly<Record<Exclude<Group, 'wished for'>, readonly string[]>> = {
  heard: [
    ...topicsOfOrders.flatMap((topic) => [
      `${topic}: counts`,
      `${topic}: known`,
      `${topic}: refused`,
    ]),
    ...otherTopics.map((topic) => `${topic}: counts`),
    ...ends.map((status) => `payout-result ${status}: counts`),
  ],
  'by hand': acts.map((act) => `${act}: not refused`),
  runs: [
    ...kinds.flatMap((kind) => [`${kind}: executed`, `${kind}: statements`]),
    'caught up after nobody was there',
    'executed by two processes at once',
  ],
  'line cut during': [
    ...[...topicsOfOrders, ...otherTopics, 'payout-result'].map((topic) => `hear ${topic}`),
    ...acts,
    'run',
    'bind anew',
  ],
  'line cut at': [
    'COMMIT, which was heard',
    'COMMIT, which was not heard',
    'another message, which was heard',
    'another message, which was not heard',
  ],
  besides: [
    'orders bound that no version had fitted',
    'orders bound anew',
    'orders bound no more',
    'books compared with the model',
    'messages heard again',
    'orders refunded whole at the end',
    'sequences in two shops',
    'pairs of interleavings compared',
  ],
};

/** Counts what happens while sequences are played; a count of zero is what should have happened. */
export class Tally {
  private readonly counted = new Map<Group, Map<string, number>>();

  constructor(wishes: readonly string[]) {
    for (const group of groups) {
      const names = group === 'wished for' ? wishes : mustHappen[group];
      this.counted.set(group, new Map(names.map((name) => [name, 0])));
    }
  }

  count(group: Group, name: string, times = 1): void {
    const names = this.counted.get(group);
    names?.set(name, (names.get(name) ?? 0) + times);
  }

  counts(): Counts {
    return Object.fromEntries(
      [...this.counted].map(([group, names]) => [group, Object.fromEntries([...names].sort())]),
    );
  }
}
