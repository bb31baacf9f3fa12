import { Inject, Injectable } from '@nestjs/common';
import { comesInside } from '@qingfen/core-settlement';
import { advisoryLock } from '@qingfen/database';
import type { Unit } from '@qingfen/messaging';
import { lockBuckets } from './bucket.js';
import { EntryBook, entriesLock } from './entry-book.js';
import { nextBatchId } from './journal.store.js';
import { settleOutside, takeMaturedEntries } from './outside.store.js';
import { subjectOf } from './rollout-place.js';
import {
  advanceClosing,
  lockClosing,
  nextOwnersOfClosing,
  type OutsideClosing,
} from './rollout.store.js';
import {
  forgetTeamsBefore,
  leadersOf,
  teamOfOwner,
  teamOwner,
  uncountedTeams,
} from './team.store.js';

const ownersPerChunk = 200;
const teamsMax = 100_000;

/** Closes what payees were owed before they came inside the rollout: settled elsewhere, never paid. */
@Injectable()
export class ClosingService {
  constructor(@Inject(EntryBook) private readonly book: EntryBook) {}

  /** Closes for the next owners. @returns whether there was anything to do that nobody else is at */
  async chunk(unit: Unit): Promise<boolean> {
    const closing = await lockClosing(unit.tx);
    if (closing === undefined) return false;
    const { shop_id: shopId, kind } = closing;
    if (kind === 'team-reward' && closing.last_owner_id === '') await closeTeams(unit, closing);
    const owners = await nextOwnersOfClosing(unit.tx, closing, ownersPerChunk);
    const coming = await whoComes(unit, closing, owners);
    await lockBuckets(
      unit.tx,
      coming.map((payeeId) => ({ shopId, kind, payeeId })),
      'exclusive',
    );
    const entries = await takeMaturedEntries(unit.tx, closing, coming);
    await settleOutside(this.book, unit, {
      shopId,
      causeId: `rollout ${kind} ${closing.settled_before.toISOString()}`,
      entries,
    });
    await advanceClosing(unit.tx, closing, {
      lastOwnerId: owners.length < ownersPerChunk ? null : (owners.at(-1) ?? null),
      entries: entries.length,
      settledMinor: entries.reduce((sum, { amount_minor: amount }) => sum + amount, 0n),
    });
    return true;
  }
}

/** Performance of before is spent as a run would have spent it, and a carry of before is gone. */
async function closeTeams(unit: Unit, closing: OutsideClosing): Promise<void> {
  const { shop_id: shopId, settled_before: before } = closing;
  // As a run does: all that is counted stands in earlier batches.
  await advisoryLock(unit.tx, entriesLock(shopId), 'exclusive');
  const teamIds = await uncountedTeams(unit.tx, shopId, before, teamsMax);
  const owners = teamIds.map(teamOwner);
  const coming = (await whoComes(unit, closing, owners)).flatMap(
    (owner) => teamOfOwner(owner) ?? [],
  );
  const batchId = await nextBatchId(unit.tx);
  await forgetTeamsBefore(unit.tx, shopId, before, { teamIds: coming, batchId });
}

/** Owners that come inside with the change; a team comes with its leader, and without one with all. */
async function whoComes(
  unit: Unit,
  { shop_id: shopId, rollout_before: before, rollout_after: after }: OutsideClosing,
  owners: readonly string[],
): Promise<string[]> {
  const teamIds = owners.flatMap((owner) => teamOfOwner(owner) ?? []);
  const leaders = await leadersOf(unit.tx, shopId, teamIds);
  return owners.filter((owner) => {
    const teamId = teamOfOwner(owner);
    if (teamId === null) return comesInside(before, after, subjectOf(shopId, owner));
    const [leader, second] = leaders.get(teamId) ?? [];
    if (leader === undefined || second !== undefined) return after.mode === 'all';
    return comesInside(before, after, subjectOf(shopId, leader));
  });
}
