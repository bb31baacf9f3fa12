import { dayAfter, isMonday } from '@qingfen/testing';

/** Something bad that happens on a day, in the middle of that day's runs or around it. */
export type Mishap =
  | { readonly what: 'kill'; readonly part: string }
  | { readonly what: 'stop-and-start' }
  | { readonly what: 'power-cut' }
  | { readonly what: 'downtime'; readonly days: number };

/** What is done to a passage on purpose. */
export interface Trouble {
  readonly duplicates: boolean;
  /** Messages of a day are published in an order that this seed decides; null: as in the file. */
  readonly shuffleSeed: number | null;
  readonly kills: boolean;
  /** Everything is stopped in the middle of a run, and once cut off, and started again. */
  readonly restarts: boolean;
  readonly downtime: boolean;
}

/** A passage that nothing happens to. */
export const noTrouble: Trouble = {
  duplicates: false,
  shuffleSeed: null,
  kills: false,
  restarts: false,
  downtime: false,
};

/** How the services of a system run. */
export interface Layout {
  readonly processes: 'one' | 'each';
  /** How often each service runs. */
  readonly replicas: number;
}

const servers = ['postgres', 'kafka', 'alipay-sandbox'] as const;
const servicesInOrder = {
  one: ['services'],
  each: [
    'settlement-calculator',
    'payout',
    'order',
    'rules',
    'notification',
    'reconciliation',
    'gateway',
  ],
} as const;

/** The parts of a system, every replica by itself. */
export function partsOfSystem({ processes, replicas }: Layout): readonly string[] {
  const services: readonly string[] = servicesInOrder[processes];
  const numbered = services.flatMap((name) =>
    Array.from({ length: replicas }, (_, index) => `${name}-${index + 1}`),
  );
  return [...(replicas === 1 ? services : numbered), ...servers];
}

const downtimeDays = 3;

/**
 * On which day what happens: one thing a day from a Monday on which suppliers and distributors are
 * paid, so that each finds a run to disturb.
 */
export function mishapsFrom(
  monday: string,
  trouble: Trouble,
  layout: Layout,
): ReadonlyMap<string, Mishap> {
  if (!isMonday(monday)) throw new Error(`${monday} is no Monday`);
  const mishaps: Mishap[] = [];
  if (trouble.kills) {
    mishaps.push(...partsOfSystem(layout).map((part) => ({ what: 'kill', part }) as const));
  }
  if (trouble.restarts) mishaps.push({ what: 'stop-and-start' }, { what: 'power-cut' });
  if (trouble.downtime) mishaps.push({ what: 'downtime', days: downtimeDays });
  return new Map(mishaps.map((mishap, index) => [dayAfter(monday, index), mishap]));
}
