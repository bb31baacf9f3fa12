import { dayAfter, instantOf, textOf, until } from '@qingfen/testing';

import type { FileMessage } from './message.js';
import { type Mishap, mishapsFrom, type Trouble } from './mishaps.js';
import { appOf, Owners } from './owners.js';
import type { RunningSystem } from './running-system.js';
import { seededNumbers, shuffled } from './seeded.js';
import type { Span } from './span.js';
import type { OwnerAct, Story, Telling } from './story.js';
import { transfersSince } from './transfers.js';
import { ReferenceWorld } from './world.js';

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
  /** Messages told, each once; payees known from the beginning left out. */
  told = 0;
  readonly #system: RunningSystem;
  readonly #story: Story;
  readonly #owners: Owners;
  readonly #span: Span;
  readonly #trouble: Trouble;
  readonly #mishaps: ReadonlyMap<string, Mishap>;
  readonly #next: () => number;
  readonly #say: (line: string) => void;

  constructor(
    system: RunningSystem,
    options: {
      readonly story: Story;
      readonly span: Span;
      readonly trouble: Trouble;
      readonly say: (line: string) => void;
    },
  ) {
    const { story, span, trouble, say } = options;
    this.#system = system;
    this.#story = story;
    this.#span = span;
    this.#trouble = trouble;
    this.#say = say;
    this.#mishaps = mishapsFrom(span.troubleMonday, trouble, system.layout);
    this.#next = seededNumbers(trouble.shuffleSeed ?? 0);
    this.world = new ReferenceWorld(story.shops, instantOf(span.firstDay));
    this.#owners = new Owners(system, this.world);
  }

  /** Merchants, shops, plans and payees: everything that stands before the first order. */
  async prepare(): Promise<void> {
    const startedAt = performance.now();
    for (const shop of this.#story.shops) await this.#owners.open(shop);
    await this.#publish(this.#story.payees);
    await this.#system.gateway.waitForIdle();
    this.world.hear(this.#story.payees);
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
    this.#tellOfVersions();
  }

  async #liveDay(day: string, mishap: Mishap | undefined): Promise<void> {
    await this.#buy(day);
    const midnight = textOf(instantOf(dayAfter(day)));
    if (mishap === undefined) await this.#moveOn(midnight);
    else await this.#disturb(mishap, day, midnight);
    await this.#tell(day);
  }

  /**
   * What buyers do on a day stands in the sandbox's book before the day is lived through, each thing at its
   * own instant: nothing that happens on the day can keep it from the bill.
   */
  async #buy(day: string): Promise<void> {
    const { sandbox } = this.#system;
    for (const act of this.#story.buyers.get(day) ?? []) {
      const { shopId, tradeNo, amount, at } = act;
      const deed = { tradeNo, amount, at };
      if (act.what === 'pay') await sandbox.pay(appOf(shopId), deed);
      else await sandbox.refund(appOf(shopId), { ...deed, requestNo: act.requestNo });
      this.world.buyerActs.push(act);
    }
  }

  /** The quiet way: one answer when everything that was due is done. */
  async #moveOn(to: string): Promise<void> {
    const startedAt = performance.now();
    await this.#system.gateway.moveClock(to);
    this.world.live(Date.parse(to));
    this.durations.move += seconds(startedAt);
  }

  /** Publishes what was said on a day, at the midnight that ends it; then owners act. */
  async #tell(day: string): Promise<void> {
    const startedAt = performance.now();
    const { gateway } = this.#system;
    const tellings = this.#story.tellings.get(day) ?? [];
    const again = this.#trouble.duplicates ? this.#messagesOf(dayAfter(day, -1)) : [];
    for (const [index, telling] of tellings.entries()) {
      if (index > 0) await gateway.waitForIdle();
      const isLast = index === tellings.length - 1;
      await this.#publish(this.#inOrder([...telling, ...(isLast ? again : [])]));
      this.told += telling.length;
      this.world.hear(telling);
    }
    const acts = this.#story.acts.get(day) ?? [];
    if (acts.length > 0) await gateway.waitForIdle();
    for (const act of acts) {
      const bound = await this.#owners.do(act);
      const anew = bound === 0 ? '' : `; ${bound} orders are bound anew`;
      this.#tellOf(`${day}: ${act.shopId}, ${textOfAct(act)}${anew}`);
    }
    this.durations.publish += seconds(startedAt);
  }

  #messagesOf(day: string): Telling {
    return (this.#story.tellings.get(day) ?? []).flat();
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
    if (missed.some((each) => this.#story.acts.has(each))) {
      throw new Error(`owners would act while everybody is away from ${day} on`);
    }
    for (const each of missed) await this.#buy(each);
    const messages = missed.flatMap((each) => this.#messagesOf(each));
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
    for (const shopId of this.world.shopIds) {
      const { balanced } = await this.#system.gateway.trialBalance(shopId);
      if (!balanced) throw new Error(`the books of ${shopId} do not balance on ${day}`);
    }
    const { publish, move } = this.durations;
    const orders = `${this.told} messages told, ${this.world.statements.length} statements due`;
    this.#say(`${day}: ${orders}; publishing ${publish.toFixed(1)} s, moving ${move.toFixed(1)} s`);
  }

  async #publish(messages: Telling): Promise<void> {
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

  #inOrder(messages: Telling): Telling {
    return this.#trouble.shuffleSeed === null ? messages : shuffled(messages, this.#next);
  }

  /** Of a shop whose owner acted, how many orders each version binds in the end. */
  #tellOfVersions(): void {
    const acting = new Set([...this.#story.acts.values()].flat().map(({ shopId }) => shopId));
    for (const shopId of acting) {
      const counts = [...this.world.ordersByVersion(shopId)];
      const texts = counts.map(([version, count]) => `${count} by version ${version}`);
      this.#tellOf(`${shopId}: orders bound in the end: ${texts.join(', ')}`);
    }
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

function textOfAct(act: OwnerAct): string {
  switch (act.what) {
    case 'notice':
      return `a notice of ${act.days} days from now on`;
    case 'publish':
      return `another version, from ${act.effectiveFrom ?? 'the end of the notice'} on`;
    case 'withdraw':
      return `version ${act.version} withdrawn`;
    default: {
      const never: never = act;
      return never;
    }
  }
}

function wireOf({ topic, key, value }: FileMessage): {
  readonly topic: FileMessage['topic'];
  readonly key: string;
  readonly value: string;
} {
  return { topic, key, value: JSON.stringify(value) };
}

function seconds(sinceMs: number): number {
  return (performance.now() - sinceMs) / 1_000;
}
