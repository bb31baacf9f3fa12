import { isTopic, writerOf } from '@qingfen/contracts';
import { decideIdle, reasonsOf, unfinishedIn } from './decide-idle.js';
import { lagsOf, voicesOf, type EndOffsets, type Sweep } from './sweep.js';

/**
 * Upstream's words may cause ours, ours more of ours: order, window, request, result, alert. So many
 * rounds of "everything that stood there is processed and said" follow each thing to its end.
 */
const roundsNeeded = 6;

/** Before this many sweeps the plain decision is given its chance. */
const patientSweeps = 50;

/** What a watch makes of a sweep. */
export interface Sight {
  /** Whether the wait is over. */
  readonly done: boolean;
  /** Whether this sweep by itself found nothing unfinished: the next one may tell that it is over. */
  readonly isClean: boolean;
  /** What is still waited for. */
  readonly holdingUp: readonly string[];
}

/**
 * Watches sweeps until the system rests. While upstream keeps writing it never rests; then the watch
 * ends when what stood on the topics at its beginning, and all that followed from it, is processed.
 */
export class QuietWatch {
  private readonly opening: EndOffsets | null;
  private last: Sweep;
  private sweeps = 1;
  private rounds = 0;
  private fence: EndOffsets | null;
  /** Services whose outbox was seen empty since the fence was passed. */
  private emptied = new Set<string>();

  constructor(first: Sweep) {
    this.opening = first.ends;
    this.last = first;
    this.fence = first.ends;
  }

  /** Takes the next sweep. */
  see(sweep: Sweep): Sight {
    const { idle, holdingUp } = decideIdle(this.last, sweep);
    const isClean = reasonsOf(sweep).length === 0;
    this.last = sweep;
    this.sweeps += 1;
    if (idle) return { done: true, isClean, holdingUp };
    this.follow(sweep);
    const isPatient = this.rounds >= roundsNeeded && this.sweeps > patientSweeps;
    const done = isPatient && this.upstreamGoesOn(sweep) && isSettled(sweep);
    return { done, isClean, holdingUp };
  }

  private follow(sweep: Sweep): void {
    if (this.fence === null || sweep.ends === null) {
      // Without an end to compare with nothing is known; the count begins anew.
      this.fence = sweep.ends;
      this.rounds = 0;
      return;
    }
    if (!isSettled(sweep) || lagsOf(sweep, this.fence).some(({ lag }) => lag > 0n)) return;
    for (const { name, status } of voicesOf(sweep.services)) {
      if (status.outboxPending === 0) this.emptied.add(name);
    }
    if (!sweep.services.every(({ name }) => this.emptied.has(name))) return;
    this.rounds += 1;
    this.fence = sweep.ends;
    this.emptied = new Set();
  }

  private upstreamGoesOn(sweep: Sweep): boolean {
    if (this.opening === null || sweep.ends === null) return false;
    for (const [topic, partitions] of sweep.ends) {
      if (!isTopic(topic) || writerOf(topic) !== 'upstream') continue;
      for (const [partition, end] of partitions) {
        if (end > (this.opening.get(topic)?.get(partition) ?? 0n)) return true;
      }
    }
    return false;
  }
}

function isSettled(sweep: Sweep): boolean {
  return unfinishedIn(sweep.services).length === 0;
}
