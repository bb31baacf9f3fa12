import type { DeadLetterReplay, DeadLetterReplayBody } from '@qingfen/contracts';

/** What a replay has come to. */
export type Replayed = Omit<DeadLetterReplay, 'topic'>;

/** Sent back by one call; the answer says where the next one goes on. */
const lettersMax = 10_000;
/** Real time after which a call answers: below the 60 s after which its key counts as given up. */
const courseMsMax = 40_000;

/** Which letters one replay sends back, and how far it has come. */
export class ReplayCourse {
  private readonly chosen: ReadonlySet<bigint> | null;
  private readonly from: bigint;
  /** The first offset that is not sent. */
  private readonly end: bigint;
  private readonly endsAtMs: number;
  private replayed = 0;
  private left = 0;
  private next: bigint;

  constructor(
    body: Pick<DeadLetterReplayBody, 'offsets' | 'from'>,
    standing: { readonly low: bigint; readonly end: bigint },
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    const offsets = body.offsets?.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
    this.chosen = offsets === undefined ? null : new Set(offsets);
    const wished = offsets?.[0] ?? BigInt(body.from ?? '0');
    this.from = wished > standing.low ? wished : standing.low;
    this.end = offsets === undefined ? standing.end : (offsets.at(-1) ?? 0n) + 1n;
    this.next = this.from;
    this.endsAtMs = nowMs() + courseMsMax;
  }

  isEmpty(): boolean {
    return this.from >= this.end;
  }

  first(): bigint {
    return this.from;
  }

  /** What was asked for, for the audit. */
  wanted(): { readonly offsets: string[] } | { readonly from: string; readonly until: string } {
    if (this.chosen !== null) return { offsets: [...this.chosen].map(String) };
    return { from: String(this.from), until: String(this.end) };
  }

  wants(letter: { readonly offset: string }): boolean {
    const offset = BigInt(letter.offset);
    if (offset >= this.end || this.isOver()) return false;
    this.next = offset;
    return this.chosen?.has(offset) ?? true;
  }

  /** A wanted letter was sent, or its value had not been kept. */
  note(letter: { readonly offset: string }, isSent: boolean): void {
    if (isSent) this.replayed += 1;
    else this.left += 1;
    this.next = BigInt(letter.offset) + 1n;
  }

  isOver(): boolean {
    if (this.next >= this.end || this.replayed + this.left >= lettersMax) return true;
    return this.nowMs() >= this.endsAtMs;
  }

  done(): Replayed {
    const nextOffset = this.next < this.end ? String(this.next) : null;
    return { replayed: this.replayed, left: this.left, nextOffset };
  }
}
