import { setTimeout as wait } from 'node:timers/promises';
import type { Decision } from '@qingfen/core-payout';
import { isInfrastructureError } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import { GroupCommit } from '@qingfen/hosting';
import type { Units } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';
import { recordVerdicts } from './decision-book.js';
import type { HeldPayout } from './payout.store.js';

/** What is to be written about a payout, decided at the instant of the writing. */
export interface Finding {
  readonly held: HeldPayout;
  readonly decide: (now: Date) => Decision;
}

/** Much less than a call takes, and enough for those that were begun together. */
const companyMs = 15;
const waitsMs = [100, 200, 400, 800, 1_600, 3_200, 5_000];

/** Writes what came of sends and queries, as many as there are at once. */
export class VerdictWriter {
  private readonly group: GroupCommit<Finding, Decision | null>;

  constructor(
    private readonly units: Units,
    private readonly logger: Logger,
    /** Whether calls are under way, whose outcomes come in a moment. */
    isCalling: () => boolean,
  ) {
    const company = { isExpected: isCalling, waitMs: companyMs };
    this.group = new GroupCommit((findings) => this.commitPatiently(findings), company);
  }

  /**
   * Answers the decision when it is written; null when somebody else had changed the payout
   * meanwhile, or the finding could not be written by a bug (the log says which): the payout is
   * asked about instead.
   */
  async write(finding: Finding): Promise<Decision | null> {
    try {
      return await this.group.add(finding);
    } catch (error) {
      this.logger.error({ err: error }, 'an outcome could not be written: a bug');
      return null;
    }
  }

  private async commitPatiently(
    findings: readonly Finding[],
  ): Promise<readonly (Decision | null)[]> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.commit(findings);
      } catch (error) {
        if (!isInfrastructureError(error)) throw error;
        this.logger.warn({ err: error, tries }, 'outcomes are not written yet; tried again');
        await wait(waitsMs[Math.min(tries, waitsMs.length - 1)]);
      }
    }
  }

  private async commit(findings: readonly Finding[]): Promise<readonly (Decision | null)[]> {
    const kept = await this.units.run((unit) => {
      const verdicts = findings.map((finding) => {
        const decision = finding.decide(unit.now);
        return { held: finding.held, decision, finding };
      });
      return recordVerdicts(unit, verdicts);
    });
    failpoint('outcome-committed');
    const decided = new Map(kept.map(({ finding, decision }) => [finding, decision]));
    return findings.map((finding) => decided.get(finding) ?? null);
  }
}
