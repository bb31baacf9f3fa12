import { Book } from './book.js';
import { SandboxClock, realNowMs } from './clock.js';
import type { ClockSetting } from './clock.js';
import { readMerchantKeys } from './protocol.js';
import type { MerchantKeys } from './protocol.js';
import type { BookRecord, MerchantTerms } from './records.js';
import { SandboxState } from './state.js';
import type { Merchant } from './money.js';

/**
 * State, book and clock together: what changes is applied at once and durable before it is told.
 */
export class World {
  /** Begun requests since the start; two equal readings mean that nothing happened between. */
  work = 0;
  readonly startedAtMs = realNowMs();
  #keys = new WeakMap<MerchantTerms, MerchantKeys>();
  #listeners: ((records: readonly BookRecord[]) => void)[] = [];

  private constructor(
    readonly state: SandboxState,
    readonly book: Book,
    readonly clock: SandboxClock,
  ) {}

  /** Rebuilds the world from its book. A virtual clock goes on at the later of both instants. */
  static async open(directory: string, setting: ClockSetting): Promise<World> {
    const state = new SandboxState();
    const book = await Book.open(directory, (record) => state.apply(record));
    const startMs = setting.mode === 'virtual' ? Math.max(setting.startMs, state.clockMs) : 0;
    const world = new World(state, book, new SandboxClock(setting.mode, startMs));
    if (setting.mode === 'virtual' && startMs > state.clockMs) {
      await world.commit([{ t: 'clock', now: startMs }]);
    }
    return world;
  }

  /**
   * Applies the records now, all or none of them seen by others; resolves when they are durable.
   */
  commit(records: readonly BookRecord[]): Promise<void> {
    for (const record of records) this.state.apply(record);
    const durable = this.book.append(records);
    for (const listener of this.#listeners) listener(records);
    return durable;
  }

  /** Hears every record right after it was applied. */
  listen(listener: (records: readonly BookRecord[]) => void): void {
    this.#listeners.push(listener);
  }

  merchant(appId: string): { merchant: Merchant; keys: MerchantKeys } | undefined {
    const merchant = this.state.money.merchants.get(appId);
    if (merchant === undefined) return undefined;
    let keys = this.#keys.get(merchant.terms);
    if (keys === undefined) {
      keys = readMerchantKeys(merchant.terms);
      this.#keys.set(merchant.terms, keys);
    }
    return { merchant, keys };
  }
}
