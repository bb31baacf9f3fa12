import { VirtualClock } from '@qingfen/clock';
import type { EventData } from '@qingfen/contracts';
import type { RawMessage } from '@qingfen/messaging';
import { windowEnd, yuanOf, type Hearing, type ReferenceShop } from '@qingfen/testing';
import type { HeardTopic } from '../books.fixture.js';
import { refusal, type Desk } from '../manual.fixture.js';
import { rebindingsDue } from '../rebinding.store.js';
import { lacksEvidence, unfinishedRuns } from '../run.store.js';
import { anythingDue } from '../schedule.store.js';
import { teamsLackEvidence } from '../team.store.js';
import { compare } from './compare.fixture.js';
import type { Tally } from './tally.fixture.js';
import type { Cut, Rooms, Workshop } from './workshop.fixture.js';
import type { World } from './world.fixture.js';

/** A message that was heard, and what the reference makes of it. */
interface Heard {
  readonly topic: HeardTopic;
  readonly message: RawMessage;
  /** Whether it became a dead letter, at once or when its order came: it has left no mark. */
  readonly isRefused: () => boolean;
}

/** How time passes. */
interface Passing {
  /** Nobody is there meanwhile: what was due is done at the end. */
  readonly away: boolean;
  /** So many processes execute the runs. */
  readonly replicas: number;
  readonly cut: Cut | null;
}

const attended: Passing = { away: false, replicas: 1, cut: null };
const boundAtOnce = 500;

/**
 * Does everything twice: to the calculator, over a real database, and to the model. Where a cut is given
 * the line to the database breaks while it is done; then all memory is lost, and it is done again.
 */
export class Player {
  private readonly clock: VirtualClock;
  private readonly heard: Heard[] = [];
  private rooms: Rooms;

  constructor(
    readonly workshop: Workshop,
    readonly world: World,
    readonly tally: Tally,
  ) {
    this.clock = new VirtualClock(new Date(world.nowMs));
    this.rooms = workshop.rooms(this.clock);
  }

  /** All memory is lost: what is known is in the database. */
  restart(): void {
    this.rooms = this.workshop.rooms(this.clock);
  }

  /** Facts that are heard together, on one partition. */
  async hear<T extends HeardTopic>(
    topic: T,
    facts: readonly EventData[T][],
    cut: Cut | null = null,
  ): Promise<readonly Hearing[]> {
    if (facts.length === 0) return [];
    const saidMs = this.world.tellingMs();
    const batch = this.workshop.batch(topic, facts, new Date(saidMs));
    await this.do(`hear ${topic}`, cut, ({ books }) => books.take(batch));
    const hearings = this.world.hear(topic, facts, saidMs);
    for (const [index, message] of batch.messages.entries()) {
      const hearing = hearings[index] ?? 'refused';
      const fact = facts[index];
      const isRefused = (): boolean =>
        hearing === 'refused' || (fact !== undefined && this.world.isRefusedByNow(topic, fact));
      this.heard.push({ topic, message, isRefused });
      this.tally.count('heard', `${endOf(topic, fact)}: ${hearing}`);
    }
    return hearings;
  }

  /**
   * What somebody does by hand. A cut comes before the act is committed: one whose fate its maker does
   * not know is asked about, not done again.
   * @returns `not refused`, or the refusal
   */
  async act(
    what: string,
    work: (desk: Desk) => Promise<unknown>,
    cut: Cut | null = null,
  ): Promise<string> {
    let outcome = '';
    const early = cut === null ? null : { ...cut, isHeard: false };
    await this.do(what, early, async ({ desk }) => {
      outcome = await refusal(work(desk));
    });
    this.tally.count('by hand', `${what}: ${outcome}`);
    return outcome;
  }

  /** Time passes, with runs at their instants or, where nobody was there, all at its end. */
  async pass(hours: number, how: Passing = attended): Promise<void> {
    const untilMs = this.world.nowMs + hours * 3_600_000;
    await this.bindAnew();
    const stops = how.away ? [] : this.runsUntil(untilMs);
    for (const atMs of [...new Set([...stops, untilMs])]) {
      this.world.nowMs = atMs;
      this.clock.take(new Date(atMs));
      await this.tellWindows();
      await this.runDue(how);
    }
  }

  /** Binds what versions that came meanwhile bind. */
  async bindAnew(cut: Cut | null = null): Promise<void> {
    await this.do('bind anew', cut, bindAnew);
    for (const shop of this.world.shops.values()) {
      const before = versionsOf(shop);
      shop.bindAnew();
      for (const [orderId, version] of versionsOf(shop)) {
        const was = before.get(orderId) ?? null;
        if (version !== was) this.tally.count('besides', bindingOf(was, version));
      }
    }
  }

  /** Compares the calculator with the model. @throws Error with every difference */
  async look(when: string): Promise<void> {
    await compare(this.rooms.books, this.world, when);
    this.tally.count('besides', 'books compared with the model');
  }

  /**
   * Everything that counted is heard again: at its old place, at its old place by a consumer whose offsets
   * were lost, and as something new.
   */
  async hearAllAgain(): Promise<void> {
    const { workshop } = this;
    const byTopic = new Map<HeardTopic, RawMessage[]>();
    for (const { topic, message, isRefused } of this.heard) {
      if (!isRefused()) byTopic.set(topic, [...(byTopic.get(topic) ?? []), message]);
    }
    for (const make of [same, same, (message: RawMessage) => workshop.anew(message)]) {
      for (const [topic, messages] of byTopic) {
        await this.rooms.books.take(workshop.batchOf(topic, messages.map(make)));
        this.tally.count('besides', 'messages heard again', messages.length);
      }
      await workshop.database.query('UPDATE consumer_offset SET next_offset = 0');
    }
    await bindAnew(this.rooms);
    await executeDue(this.rooms);
  }

  /** Everything that is left of every order goes back to its buyer. */
  async refundAll(): Promise<void> {
    const facts = [...this.world.shops.values()].flatMap((shop) => wholeRefunds(this.world, shop));
    await this.hear('order-refunded', facts);
    this.tally.count('besides', 'orders refunded whole at the end', facts.length);
    await this.look('after everything was refunded');
    const rows = await this.workshop.database.query<{ line: string }>(
      `SELECT concat_ws(' ', e.shop_id, e.order_id, e.item_id, e.kind, e.level, e.payee_id,
                        sum(e.amount_minor + coalesce(a.sum, 0))) AS line
         FROM entry e
         LEFT JOIN (SELECT shop_id, entry_id, sum(amount_minor) AS sum FROM entry_adjustment
                     GROUP BY 1, 2) a USING (shop_id, entry_id)
        WHERE e.shop_id = ANY ($1)
          AND e.cause IN ('order', 'refund', 'refund-reversal', 'rebinding')
        GROUP BY e.shop_id, e.order_id, e.item_id, e.kind, e.level, e.payee_id
       HAVING sum(e.amount_minor + coalesce(a.sum, 0)) <> 0`,
      [this.world.shopIds],
    );
    if (rows.length === 0) return;
    throw new Error(['a full refund leaves:', ...rows.map(({ line }) => line)].join('\n'));
  }

  /** The id of the demand that a shop made so many demands ago. */
  async recoveryId(shopId: string, index: number): Promise<string> {
    const rows = await this.workshop.database.query<{ id: string }>(
      `SELECT 'rc_' || recovery_id AS id FROM recovery WHERE shop_id = $1 ORDER BY recovery_id`,
      [shopId],
    );
    return rows[index]?.id ?? '';
  }

  private async runDue(how: Passing): Promise<void> {
    const runs = [...this.world.shops.values()].map((shop) => shop.runsToCome(this.world.nowMs));
    if (runs.every(({ length }) => length === 0)) return;
    await this.do('run', how.cut, async (rooms) => {
      const others = Array.from({ length: how.replicas - 1 }, () =>
        this.workshop.rooms(this.clock, rooms.books.database),
      );
      await Promise.all([rooms, ...others].map(executeDue));
    });
    for (const shop of this.world.shops.values()) {
      for (const run of shop.runsToCome(this.world.nowMs)) {
        const before = shop.state.statements.size;
        shop.execute(run);
        this.tally.count('runs', `${run.kind}: executed`);
        this.tally.count('runs', `${run.kind}: statements`, shop.state.statements.size - before);
        if (how.away) this.tally.count('runs', 'caught up after nobody was there');
        if (how.replicas > 1) this.tally.count('runs', 'executed by two processes at once');
      }
    }
  }

  private runsUntil(untilMs: number): number[] {
    const runs = [...this.world.shops.values()].flatMap((shop) => shop.runsToCome(untilMs));
    // What was missed before anybody was there is caught up now.
    const instants = runs.map(({ scheduledMs }) => Math.max(scheduledMs, this.world.nowMs));
    return instants.sort((one, other) => one - other);
  }

  /** What `order` says at the end of return windows, for those of whom it knows in time. */
  private async tellWindows(): Promise<void> {
    const told = [...this.world.shops.values()].flatMap((shop) => windowsToTell(this.world, shop));
    await this.hear('return-window-closed', told);
  }

  private async do(
    what: string,
    cut: Cut | null,
    work: (rooms: Rooms) => Promise<void>,
  ): Promise<void> {
    if (cut === null) return work(this.rooms);
    const cuts = this.workshop.cuts;
    const isDone = await this.workshop.cutDuring(cut, this.clock, work);
    if (this.workshop.cuts > cuts) {
      this.tally.count('line cut during', what);
      this.tally.count('line cut at', placeOf(cut));
    }
    this.restart();
    if (!isDone) await work(this.rooms);
  }
}

/** A topic; of payouts' ends, with which end it is. */
function endOf<T extends HeardTopic>(topic: T, fact: EventData[T] | undefined): string {
  const isEnd = topic === 'payout-result' && fact !== undefined && 'status' in fact;
  return isEnd ? `${topic} ${fact.status}` : topic;
}

function placeOf({ at, isHeard }: Cut): string {
  const message = at === 'commit' ? 'COMMIT' : 'another message';
  return `${message}, which was ${isHeard ? 'heard' : 'not heard'}`;
}

function versionsOf({ state }: ReferenceShop): ReadonlyMap<string, number | null> {
  return new Map(
    [...state.orders].map(([orderId, { version }]) => [orderId, version?.version ?? null]),
  );
}

function bindingOf(was: number | null, is: number | null): string {
  if (was === null) return 'orders bound that no version had fitted';
  return is === null ? 'orders bound no more' : 'orders bound anew';
}

function wholeRefunds(world: World, { state }: ReferenceShop): EventData['order-refunded'][] {
  return [...state.orders.values()].flatMap(({ data, lines }) => {
    const items = lines.flatMap(({ item, amountFen, subsidyFen }) =>
      amountFen + subsidyFen === 0n
        ? []
        : [{ itemId: item.itemId, amount: yuanOf(amountFen), subsidy: yuanOf(subsidyFen) }],
    );
    if (items.length === 0) return [];
    const { shopId, orderId } = data;
    return [{ shopId, orderId, refundId: 'r-whole', refundedAt: world.hours(0), items }];
  });
}

function same(message: RawMessage): RawMessage {
  return message;
}

/** As RunWorker does it, before runs are noted. */
async function bindAnew({ books }: Rooms): Promise<void> {
  const { units, database, accrual, rebinding } = books;
  while ((await units.run((unit) => accrual.bindWaiting(unit, boundAtOnce))) === boundAtOnce);
  while ((await rebindingsDue(database)) > 0) {
    await units.run((unit) => rebinding.rebind(unit, boundAtOnce));
  }
}

/** As RunWorker does it, with no patience for evidence that is missing. */
async function executeDue({ books }: Rooms): Promise<void> {
  const { database, units, runs } = books;
  // What a process that is gone had in its hands is free as soon as PostgreSQL knows.
  while (await anythingDue(database, books.clock.now())) await books.planDue();
  for (;;) {
    const [run] = await unfinishedRuns(database, 1);
    if (run === undefined) return;
    if (run.state === 'due') {
      const isLacking =
        (await lacksEvidence(database, run)) ||
        (run.kind === 'team-reward' && (await teamsLackEvidence(database, run)));
      await units.run((unit) => runs.begin(unit, run, isLacking));
    }
    while ((await units.run((unit) => runs.chunk(unit, run))) === 'stated');
  }
}

function windowsToTell(
  world: World,
  { state }: ReferenceShop,
): EventData['return-window-closed'][] {
  const told: EventData['return-window-closed'][] = [];
  for (const order of state.orders.values()) {
    const { orderId, completedAt } = order.data;
    if (order.version === null || world.cardOf(orderId).window !== 'told') continue;
    const closedMs = windowEnd(order, order.version.plan);
    const knownMs = state.evidence.get(`${orderId} ${order.completedMs}`) ?? 0;
    if (closedMs > world.nowMs || knownMs >= closedMs) continue;
    const closedAt = new Date(closedMs).toISOString();
    told.push({ shopId: state.shopId, orderId, completedAt, closedAt });
  }
  return told;
}
