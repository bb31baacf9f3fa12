import { dayAfter, dayOf, instantOf, textOf, until } from '@qingfen/testing';

import { readOrderMessages, readPayeeMessages } from './data-files.js';
import { type Mishap, mishapsFrom, type Trouble } from './mishaps.js';
import type { FileMessage } from './reference/message.js';
import { ReferenceWorld } from './reference/world.js';
import type { RunningSystem } from './running-system.js';
import { seededNumbers, shuffled } from './seeded.js';
import type { Span } from './span.js';
import { halfYearPlan, halfYearShops } from './terms.js';
import { transfersSince } from './transfers.js';

const merchantBalance = '100000000.00';
const arrivalMsMax = 240_000;
const daysBetweenSamples = 14;
/** Steps of the time in which nothing new is said. */
const stepDays = 7;
/** So slow that something can happen between two transfers of one run. */
const slowTransferMs = 40;

/** How long what took, in real seconds. */
export interface Durations {
  set: number;
  publish: number;
  move: number;
  mishaps: number;
  slowestDay: { day: string; seconds: number };
}

/** Lives through a span with a system, and tells a reference the same things at the same time. */
export class Passage {
  readonly world: ReferenceWorld;
  readonly durations: Durations = {
    set: 0,
    publish: 0,
    move: 0,
    mishaps: 0,
    slowestDay: { day: '', seconds: 0 },
  };
  /** What happened, in words. */
  readonly happened: string[] = [];
  /** Orders and refunds told, each once. */
  told = 0;
  readonly #system: RunningSystem;
  readonly #span: Span;
  readonly #trouble: Trouble;
  readonly #byDay: ReadonlyMap<string, readonly FileMessage[]>;
  readonly #mishaps: ReadonlyMap<string, Mishap>;
  readonly #next: () => number;
  readonly #say: (line: string) => void;

  constructor(
    system: RunningSystem,
    options: {
      readonly span: Span;
      readonly trouble: Trouble;
      readonly say: (line: string) => void;
    },
  ) {
    const { span, trouble, say } = options;
    this.#system = system;
    this.#span = span;
    this.#trouble = trouble;
    this.#say = say;
    this.#byDay = groupedByDay(readOrderMessages());
    this.#mishaps = mishapsFrom(span.troubleMonday, trouble, system.layout);
    this.#next = seededNumbers(trouble.shuffleSeed ?? 0);
    this.world = new ReferenceWorld(halfYearShops, instantOf(span.firstDay));
  }

  /** Merchants, shops, plans and payees: everything that stands before the first order. */
  async prepare(): Promise<void> {
    const startedAt = performance.now();
    const { gateway, sandbox, gatewayUrl } = this.#system;
    for (const { shopId, transferMax } of halfYearShops) {
      const notifyUrl = `${gatewayUrl}/alipay/notifications/${shopId}`;
      const { alipay } = await sandbox.putMerchant(appOf(shopId), {
        balance: merchantBalance,
        notifyUrl,
      });
      await gateway.putShop(shopId, { name: `网店 ${shopId}`, transferMax, alipay });
      await gateway.publishPlan(shopId, { plan: halfYearPlan });
    }
    const payees = readPayeeMessages();
    await this.#publish(payees);
    await gateway.waitForIdle();
    this.world.hear(payees);
    this.durations.set = seconds(startedAt);
  }

  /** Day by day to the end: the clock at the end of a day, then what was said on that day. */
  async live(): Promise<void> {
    const { firstDay, lastDay, end } = this.#span;
    let day = firstDay;
    let sinceSample = 0;
    while (day <= lastDay) {
      const startedAt = performance.now();
      const mishap = this.#mishaps.get(day);
      const days = mishap?.what === 'downtime' ? mishap.days : 1;
      if (mishap?.what === 'downtime') await this.#beAway(day, days);
      else await this.#liveDay(day, mishap);
      const took = seconds(startedAt);
      if (mishap === undefined) this.#noteSlow(day, took);
      else this.durations.mishaps += took;
      day = dayAfter(day, days);
      sinceSample += days;
      if (sinceSample >= daysBetweenSamples) {
        sinceSample = 0;
        await this.#sample(day);
      }
    }
    while (instantOf(dayAfter(day, stepDays)) < Date.parse(end)) {
      day = dayAfter(day, stepDays);
      await this.#moveOn(textOf(instantOf(day)));
    }
    await this.#moveOn(end);
  }

  async #liveDay(day: string, mishap: Mishap | undefined): Promise<void> {
    const midnight = textOf(instantOf(dayAfter(day)));
    if (mishap === undefined) await this.#moveOn(midnight);
    else await this.#disturb(mishap, day, midnight);
    await this.#tell(day);
  }

  /** The quiet way: one answer when everything that was due is done. */
  async #moveOn(to: string): Promise<void> {
    const startedAt = performance.now();
    await this.#system.gateway.moveClock(to);
    this.world.live(Date.parse(to));
    this.durations.move += seconds(startedAt);
  }

  /** Publishes what was said on a day, at the midnight that ends it. */
  async #tell(day: string): Promise<void> {
    const startedAt = performance.now();
    const today = this.#byDay.get(day) ?? [];
    const again = this.#trouble.duplicates
      ? [...today, ...(this.#byDay.get(dayAfter(day, -1)) ?? [])]
      : [];
    await this.#publish(this.#inOrder([...today, ...again]));
    this.told += today.length;
    this.world.hear(today);
    this.durations.publish += seconds(startedAt);
  }

  async #disturb(mishap: Mishap, day: string, to: string): Promise<void> {
    const { gateway, sandbox } = this.#system;
    await sandbox.addFault({ fault: 'slow', delayMs: slowTransferMs, times: null });
    const since = textOf(instantOf(day));
    await gateway.beginMove(to);
    const moved = await until(`a transfer of ${day}`, () => this.#transfersSince(since), {
      deadlineMs: arrivalMsMax,
      everyMs: 10,
    });
    const what = mishap.what === 'kill' ? `${mishap.part} killed` : mishap.what;
    await this.#do(mishap);
    await this.#system.gateway.arriveAt(to, arrivalMsMax);
    await this.#clearFaults();
    this.world.live(Date.parse(to));
    const count = await this.#transfersSince(since);
    this.#tellOf(`${day}: ${what} after ${moved} of ${count} transfers`);
  }

  async #do(mishap: Mishap): Promise<void> {
    switch (mishap.what) {
      case 'kill':
        return this.#system.kill(mishap.part);
      case 'stop-and-start':
        return this.#system.restart('stop');
      case 'power-cut':
        return this.#system.restart('power-cut');
      case 'downtime':
        throw new Error('being away is not done in the middle of a run');
    }
  }

  /** Days that nobody lives through: their messages wait, their runs are caught up. */
  async #beAway(day: string, days: number): Promise<void> {
    const missed = Array.from({ length: days }, (_, index) => dayAfter(day, index));
    const messages = missed.flatMap((each) => this.#byDay.get(each) ?? []);
    const back = instantOf(dayAfter(day, days));
    const copies = this.#trouble.duplicates ? [...messages, ...messages] : messages;
    await this.#system.beAway(this.#inOrder(copies).map(wireOf), textOf(back));
    await this.#system.gateway.waitForIdle(arrivalMsMax);
    this.told += messages.length;
    this.world.hear(messages);
    this.world.live(back, { away: true });
    this.#tellOf(`${day}: away for ${days} days with ${copies.length} messages waiting`);
  }

  async #sample(day: string): Promise<void> {
    await this.#system.login();
    for (const { shopId } of halfYearShops) {
      const { balanced } = await this.#system.gateway.trialBalance(shopId);
      if (!balanced) throw new Error(`the books of ${shopId} do not balance on ${day}`);
    }
    const { publish, move } = this.durations;
    const orders = `${this.told} messages told, ${this.world.statements.length} statements due`;
    this.#say(`${day}: ${orders}; publishing ${publish.toFixed(1)} s, moving ${move.toFixed(1)} s`);
  }

  async #publish(messages: readonly FileMessage[]): Promise<void> {
    await this.#system.publish(messages.map(wireOf));
  }

  async #transfersSince(since: string): Promise<number> {
    return (await transfersSince(this.#system.sandboxUrl, since)).length;
  }

  async #clearFaults(): Promise<void> {
    await until('the sandbox to forget its faults', () => this.#clearedFaults(), {
      deadlineMs: arrivalMsMax,
    });
  }

  async #clearedFaults(): Promise<boolean> {
    await this.#system.sandbox.clearFaults();
    return true;
  }

  #inOrder(messages: readonly FileMessage[]): readonly FileMessage[] {
    return this.#trouble.shuffleSeed === null ? messages : shuffled(messages, this.#next);
  }

  #noteSlow(day: string, took: number): void {
    if (took > this.durations.slowestDay.seconds)
      this.durations.slowestDay = { day, seconds: took };
  }

  #tellOf(line: string): void {
    this.happened.push(line);
    this.#say(line);
  }
}

/** The app that a shop has at the sandbox. */
export function appOf(shopId: string): string {
  return `app-${shopId}`;
}

function wireOf({ topic, key, value }: FileMessage): {
  readonly topic: FileMessage['topic'];
  readonly key: string;
  readonly value: string;
} {
  return { topic, key, value: JSON.stringify(value) };
}

function groupedByDay(
  messages: readonly FileMessage[],
): ReadonlyMap<string, readonly FileMessage[]> {
  const byDay = new Map<string, FileMessage[]>();
  for (const message of messages) {
    const day = dayOf(Date.parse(message.value.time));
    const others = byDay.get(day);
    if (others === undefined) byDay.set(day, [message]);
    else others.push(message);
  }
  return byDay;
}

function seconds(sinceMs: number): number {
  return (performance.now() - sinceMs) / 1_000;
}
