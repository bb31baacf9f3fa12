import { isMeant } from './faults.js';
import type { Part } from './method-names.js';
import type { BookRecord, FaultRecord } from './records.js';
import type { SandboxState } from './state.js';

/** Faults that hit single parts of a call; each hit is counted before the next part is looked at. */
export class DetailFaults {
  readonly #taken = new Map<string, number>();

  constructor(
    private readonly state: SandboxState,
    private readonly appId: string,
    private readonly part: Part,
  ) {}

  /** The fault of this part, which is used up by asking; undefined when all is well. */
  take(outBizNo: string, identity: string): FaultRecord | undefined {
    const { appId, part: method } = this;
    const subject = { appId, method, outBizNo, identities: [identity] };
    const found = this.state.settings.faults.find(({ record, left }) => {
      const leftNow = left === null ? 1 : left - (this.#taken.get(record.id) ?? 0);
      return leftNow > 0 && isMeant(this.state, record, subject);
    });
    if (found === undefined) return undefined;
    const { id } = found.record;
    this.#taken.set(id, (this.#taken.get(id) ?? 0) + 1);
    return found.record;
  }

  /** What the book must hear of: one line for every hit. */
  hits(): BookRecord[] {
    return [...this.#taken].flatMap(([id, count]) =>
      Array.from({ length: count }, (): BookRecord => ({ t: 'fault-hit', id })),
    );
  }
}
