import { Injectable } from '@nestjs/common';
import { addDays } from '@qingfen/calendar';
import { topics, type EventData } from '@qingfen/contracts';
import type { Unit } from '@qingfen/messaging';
import {
  announcementDone,
  claimUnlisted,
  claimUntold,
  listPayees,
  takeBackFrom,
  tellPayees,
  type AnnouncedVersion,
} from './notice.store.js';

/** Who had an entry in this time before a version was published is told of it (domain.md 2.2). */
const lookBackDays = 90;
/** Payees told in one transaction. */
const toldAtOnce = 500;

/**
 * Announces versions that take effect later to the payees whom they concern, each once, and tells them when
 * such a version is withdrawn. A version that takes effect at once gives no notice.
 */
@Injectable()
export class NoticeService {
  /**
   * One step: lists whom a new version concerns, or tells some of them.
   * @returns whether there may be more to do
   */
  async step(unit: Unit): Promise<boolean> {
    const fresh = await claimUnlisted(unit.tx, unit.now);
    if (fresh !== undefined) {
      await listPayees(unit.tx, fresh, addDays(fresh.published_at, -lookBackDays));
      return true;
    }
    const version = await claimUntold(unit.tx);
    if (version === undefined) return false;
    const page = { limit: toldAtOnce, at: unit.now };
    const payeeIds =
      version.withdrawn_at === null
        ? await tellPayees(unit.tx, version, page)
        : await takeBackFrom(unit.tx, version, page);
    for (const payeeId of payeeIds) say(unit, version, payeeId);
    if (payeeIds.length < toldAtOnce) await announcementDone(unit.tx, version);
    return true;
  }
}

function say(unit: Unit, version: AnnouncedVersion, payeeId: string): void {
  const data: EventData['plan-change-announced'] = {
    shopId: version.shop_id,
    payeeId,
    version: version.version,
    publishedAt: version.published_at.toISOString(),
    effectiveFrom: version.effective_from.toISOString(),
    ...(version.withdrawn_at === null ? {} : { withdrawnAt: version.withdrawn_at.toISOString() }),
  };
  const correlationId = `plan:${version.shop_id}:${version.version}`;
  unit.say({ topic: topics.planChangeAnnounced, key: payeeId, data, correlationId });
}
