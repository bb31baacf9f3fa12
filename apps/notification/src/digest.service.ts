import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import { dailyReportSchema, type DailyReport, type EventData } from '@qingfen/contracts';
import { Database } from '@qingfen/database';
import { ServiceClient, ServiceUnavailable } from '@qingfen/hosting';
import { Units, type IncomingEvent, type Unit } from '@qingfen/messaging';
import { attemptsMax, pauseMsAfter } from './back-off.js';
import { noteDeliveries } from './delivery.service.js';
import { isQuiet, tellingOfDay } from './digest.js';
import {
  awaitDayEnd,
  claimDigest,
  endDigest,
  noteDigests,
  postponeDigest,
  type ClaimedDigest,
} from './digest.store.js';
import { Mailer } from './mailer.js';

/** Alerts of the same comparison come on a topic of their own: they are let in first. */
const settlesMs = 2_000;
/** Sums over what is open, in several services. */
const readingMs = 20_000;
/** Longer than one may take: nobody else asks while this one still may. */
const leaseMs = 60_000;

/**
 * Writes a shop's operator one mail for each day that was compared (R-OPS-1). The report is read when the
 * mail is written down and not when the day is told, since nothing may be asked over the network in the
 * transaction that takes the event; from then on the text stays, so that a mail that is sent again under
 * its Message-ID is the same mail.
 */
@Injectable()
export class DigestService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Pick<Clock, 'begunUntil'>,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(Mailer) private readonly mailer: Pick<Mailer, 'tellsOperatorOf'>,
  ) {}

  /** Once for a shop and day, and once more where the day comes to something else; nothing without an address. */
  async note(
    unit: Unit,
    events: readonly IncomingEvent<'reconciliation-completed'>[],
  ): Promise<void> {
    const latest = new Map<string, { shopId: string; day: string; outcome: string }>();
    for (const { data } of events) {
      const { shopId, day } = data;
      if (!this.mailer.tellsOperatorOf(shopId)) continue;
      latest.set(`${shopId} ${day}`, { shopId, day, outcome: outcomeOf(data) });
    }
    if (latest.size === 0) return;
    await noteDigests(unit.tx, [...latest.values()], { now: unit.now, pauseMs: settlesMs });
  }

  /** Writes one that is due, so that a broken one holds up no other; returns whether there may be more. */
  async writeDue(): Promise<boolean> {
    const digest = await claimDigest(this.database, { now: this.clock.begunUntil(), leaseMs });
    if (digest !== null) await this.write(digest);
    return digest !== null;
  }

  private async write(digest: ClaimedDigest): Promise<void> {
    if (digest.attempts > attemptsMax) return this.fail(digest, 'every try ended in a crash');
    const read = await this.read(digest);
    if (typeof read === 'string') {
      if (digest.attempts >= attemptsMax) return this.fail(digest, read);
      const pauseMs = pauseMsAfter(digest.attempts, Math.random());
      return postponeDigest(this.database, digest, pauseMs);
    }
    const dayEnd = parseInstant(read.to);
    if (parseInstant(read.asOf) < dayEnd) return awaitDayEnd(this.database, digest, dayEnd);
    const { shopId, day, edition, hasMail } = digest;
    // Whoever was told of the day is told too that nothing of it is left.
    const isWritten = hasMail || !isQuiet(read);
    await this.units.run(async (unit) => {
      const isOurs = await endDigest(unit.tx, digest, isWritten ? 'written' : 'quiet');
      if (!isOurs || !isWritten) return;
      const telling = tellingOfDay(read, { shopId, day, edition, corrects: hasMail });
      await noteDeliveries(unit, [telling]);
    });
  }

  /** @returns the report, or why there is none now */
  private async read({ shopId, day }: ClaimedDigest): Promise<DailyReport | string> {
    const path = `/internal/shops/${encodeURIComponent(shopId)}/reports/daily/${day}`;
    try {
      const call = {
        service: 'reconciliation',
        method: 'GET',
        path,
        timeoutMs: readingMs,
      } as const;
      const { status, body } = await this.client.request<unknown>(call);
      return status === 200 ? dailyReportSchema.parse(body) : `reconciliation answered ${status}`;
    } catch (error) {
      if (error instanceof ServiceUnavailable) return error.message;
      throw error;
    }
  }

  private async fail(digest: ClaimedDigest, why: string): Promise<void> {
    const { shopId, day } = digest;
    await this.units.run(async (unit) => {
      if (!(await endDigest(unit.tx, digest, 'failed'))) return;
      unit.alert({
        class: 'delivery-failed',
        severity: 'warning',
        ends: 'when-acknowledged',
        shopId,
        subject: { type: 'digest', id: day },
        message: `The operator could not be told of ${day}: ${why}`,
        messageZh: `未能向运营者发送 ${day} 的日报：${why}`,
      });
    });
  }
}

/** A comparison that comes to the same is no news. */
function outcomeOf({ counts, differenceCount }: EventData['reconciliation-completed']): string {
  const { orders, entries, statements, payouts, billLines } = counts;
  return [orders, entries, statements, payouts, billLines, differenceCount].join('/');
}
