import { request } from 'undici';
import { GAPS_MS, notificationForm } from './notification.js';
import type { BookRecord } from './records.js';
import type { PendingNotification } from './settings.js';
import type { World } from './world.js';

const AT_ONCE_MAX = 8;
const ANSWER_TIMEOUT_MS = 5_000;
/** Deliveries of one notification in `duplicate` mode: as many as Alipay ever makes. */
const DUPLICATES = 8;
/** A sleeping timer wakes at least so often; Node's timers cannot wait longer than 24.8 days. */
const SLEEP_MAX_MS = 86_400_000;

/** Delivers notifications when business time says so, on the schedule of alipay.md 5. */
export class Notifier {
  readonly #inFlight = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #scheduled = false;

  constructor(private readonly world: World) {
    world.listen((records) => this.#heard(records));
  }

  /** Begins what is due; later dues on a system clock wake it by themselves. */
  pump(): void {
    this.#scheduled = false;
    if (this.#stopped) return;
    const { notifications } = this.world.state.settings;
    const untilMs = this.world.clock.beginsUntilMs();
    for (const [notifyId, pending] of notifications) {
      if (this.#inFlight.size >= AT_ONCE_MAX) return;
      if (pending.dueAt <= untilMs && !this.#inFlight.has(notifyId)) this.#begin(pending);
    }
    this.#sleep();
  }

  /** The next instant at which a notification becomes due, null when none waits for one. */
  nextDueAtMs(): number | null {
    const nowMs = this.world.clock.nowMs();
    let next: number | null = null;
    for (const { dueAt } of this.world.state.settings.notifications.values()) {
      if (dueAt > nowMs && (next === null || dueAt < next)) next = dueAt;
    }
    return next;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #heard(records: readonly BookRecord[]): void {
    if (this.#scheduled || this.#stopped) return;
    if (!records.some(({ t }) => t === 'notification')) return;
    this.#scheduled = true;
    setImmediate(() => this.pump());
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    if (this.world.clock.mode !== 'system') return;
    const nextMs = this.nextDueAtMs();
    if (nextMs === null) return;
    const waitMs = Math.min(Math.max(nextMs - this.world.clock.nowMs(), 0), SLEEP_MAX_MS);
    this.#timer = setTimeout(() => this.pump(), waitMs);
    this.#timer.unref();
  }

  #begin(pending: PendingNotification): void {
    const { notifyId } = pending.record;
    this.#inFlight.add(notifyId);
    void this.#deliver(pending)
      .catch(() => this.stop()) // only a broken book ends up here
      .finally(() => {
        this.#inFlight.delete(notifyId);
        this.pump();
      });
  }

  async #deliver(pending: PendingNotification): Promise<void> {
    const { record } = pending;
    const known = this.world.merchant(record.appId);
    const url = known?.merchant.terms.notifyUrl ?? null;
    // The event is durable before anybody hears of it.
    await this.world.book.settled();
    let answer = 'nobody to tell';
    if (known !== undefined && url !== null) {
      const form = notificationForm(record, known.keys.alipayPrivateKey);
      const copies = record.mode === 'duplicate' ? DUPLICATES : 1;
      const answers = await Promise.all(Array.from({ length: copies }, () => post(url, form)));
      answer = answers.find((text) => text === 'success') ?? answers[0] ?? '';
    }
    const gapMs = GAPS_MS[pending.deliveries];
    const isLast = answer === 'success' || url === null || record.mode === 'forged';
    const nextDueAt = isLast || gapMs === undefined ? null : this.world.clock.nowMs() + gapMs;
    await this.world.commit([
      { t: 'delivery', notifyId: record.notifyId, at: this.world.clock.nowMs(), answer, nextDueAt },
    ]);
  }
}

/** The body answered with status 200, else what went wrong. Redirects are not followed. */
async function post(url: string, form: string): Promise<string> {
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
      body: form,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const text = (await body.text()).trim();
    return statusCode === 200 ? text.slice(0, 100) : `HTTP ${statusCode}`;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 100) : 'no answer';
  }
}
