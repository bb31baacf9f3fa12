import { setTimeout as wait } from 'node:timers/promises';
import type { Decision } from '@qingfen/core-payout';
import { isInfrastructureError } from '@qingfen/database';
import type { Units } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';
import { recordVerdicts } from './decision-book.js';
import type { HeldPayout } from './payout.store.js';

/** What is to be written about a payout, decided at the instant of the writing. */
export interface Finding {
  readonly held: HeldPayout;
  readonly decide: (now: Date) => Decision;
}

interface Waiting extends Finding {
  readonly done: (decision: Decision | null) => void;
}

const atOnceMax = 200;
const waitsMs = [100, 200, 400, 800, 1_600, 3_200, 5_000];

/**
 * Writes what came of sends and queries. Findings that come while a transaction is under way go
 * together into the next one: none waits for company, many share one commit.
 */
export class VerdictWriter {
  private readonly queue: Waiting[] = [];
  private isWriting = false;

  constructor(
    private readonly units: Units,
    private readonly logger: Logger,
  ) {}

  /**
   * Answers the decision when it is written; null when somebody else had changed the payout
   * meanwhile, or the finding could not be written by a bug (the log says which): the payout is
   * asked about instead.
   */
  write(finding: Finding): Promise<Decision | null> {
    return new Promise((done) => {
      this.queue.push({ ...finding, done });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.queue.length > 0) await this.writeSome(this.queue.splice(0, atOnceMax));
    this.isWriting = false;
  }

  private async writeSome(findings: readonly Waiting[]): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        await this.commit(findings);
        return;
      } catch (error) {
        if (isInfrastructureError(error)) {
          this.logger.warn({ err: error, tries }, 'outcomes are not written yet; tried again');
          await wait(waitsMs[Math.min(tries, waitsMs.length - 1)]);
          continue;
        }
        if (findings.length > 1) {
          for (const finding of findings) await this.writeSome([finding]);
          return;
        }
        this.logger.error({ err: error }, 'an outcome could not be written: a bug');
        for (const { done } of findings) done(null);
        return;
      }
    }
  }

  private async commit(findings: readonly Waiting[]): Promise<void> {
    const kept = await this.units.run((unit) => {
      const verdicts = findings.map((finding) => {
        const decision = finding.decide(unit.now);
        return { held: finding.held, decision, finding };
      });
      return recordVerdicts(unit, verdicts);
    });
    const decided = new Map(kept.map(({ finding, decision }) => [finding, decision]));
    for (const finding of findings) finding.done(decided.get(finding) ?? null);
  }
}
