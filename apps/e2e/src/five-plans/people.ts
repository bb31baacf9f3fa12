import type { UpsertedPayee } from '@qingfen/testing';

import type { FileMessage, Told } from '../half-year/message.js';
import { chance } from './chance.js';

/** Days at whose ends the shop that follows facts tells of its payees again. */
export const newsDays = ['2011-01-31', '2011-02-28', '2011-03-31', '2011-04-30'] as const;

type News = (typeof newsDays)[number];

/** Of those who have not done a task at first, so many do it by the end of each of these days. */
const doneBy: Readonly<Record<string, readonly (readonly [News, number])[]>> = {
  kyc: [
    ['2011-01-31', 0.3],
    ['2011-02-28', 0.6],
    ['2011-04-30', 0.9],
  ],
  contract: [
    ['2011-01-31', 0.5],
    ['2011-02-28', 1],
  ],
};
/** How many have done it before the first order. */
const doneAtFirst: Readonly<Record<string, number>> = { kyc: 0.6, contract: 0.7 };
/** How many have no account before a day, and how many rise by a level on a day. */
const lateAccounts = { share: 0.04, from: '2011-01-31' } as const;
const risers = { share: 0.35, on: ['2011-01-31', '2011-03-31'] } as const;

/** A team whose leader comes late, one that has two for a time, and one whose leader learns late. */
const leaders = {
  late: { payeeId: 'l-eire', from: '2011-02-28' },
  second: { payeeId: 'l-germany-2', teamId: 'team-germany', until: '2011-03-31' },
  learning: { payeeId: 'l-united-kingdom', from: '2011-02-28' },
} as const;

type PayeeMessage = Told<'payee-upserted'>;

/** What the shop that follows facts tells of its payees before the first order. */
export function peopleAtFirst(payees: readonly PayeeMessage[]): readonly PayeeMessage[] {
  return [...payees, ...secondLeader(payees)]
    .filter(({ value }) => value.data.payeeId !== leaders.late.payeeId)
    .map((message) => withData(message, asOf(message.value.data, null)));
}

/** Whom it tells of again at the end of a day: those of whom something has changed. */
export function peopleOn(day: News, payees: readonly PayeeMessage[]): readonly PayeeMessage[] {
  const before = newsDays[newsDays.indexOf(day) - 1] ?? null;
  return [...payees, ...secondLeader(payees)].flatMap((message) => {
    const { payeeId } = message.value.data;
    const isLate = payeeId === leaders.late.payeeId;
    if (isLate && day < leaders.late.from) return [];
    const isFirst = isLate && day === leaders.late.from;
    const [was, is] = [asOf(message.value.data, before), asOf(message.value.data, day)];
    if (!isFirst && JSON.stringify(was) === JSON.stringify(is)) return [];
    const told = withData(message, is);
    const id = `${message.value.id}-${day}`;
    return [{ ...told, value: { ...told.value, id, time: `${day}T12:00:00+08:00` } }];
  });
}

/** A second leader of a team, whom the files do not have: like the first of their payees. */
function secondLeader([like]: readonly PayeeMessage[]): readonly PayeeMessage[] {
  if (like === undefined) return [];
  const { payeeId, teamId } = leaders.second;
  const { shopId } = like.value.data;
  const data: UpsertedPayee = {
    shopId,
    payeeId,
    name: payeeId,
    roles: ['team-leader'],
    teamId,
    alipay: {
      identityType: 'ALIPAY_LOGON_ID',
      identity: `${shopId}.${payeeId}@example.test`,
      name: payeeId,
    },
  };
  return [{ ...like, key: payeeId, value: { ...like.value, id: `pu-${payeeId}`, data } }];
}

/** A payee as it is after what a day has told; null: before the first order. */
function asOf(payee: UpsertedPayee, day: News | null): UpsertedPayee {
  const { payeeId, alipay, teamId, ...rest } = payee;
  const isSince = (since: string): boolean => day !== null && day >= since;
  const isLate = chance(payeeId, 'account') < lateAccounts.share && rest.roles[0] === 'distributor';
  const rises = risers.on.filter((on) => isSince(on) && chance(payeeId, on) < risers.share).length;
  const level = Math.floor(chance(payeeId, 'level') * 3) + rises;
  const isGone = payeeId === leaders.second.payeeId && isSince(leaders.second.until);
  const tasks = [
    ...Object.keys(doneBy).filter((task) => hasDone(payeeId, task, day)),
    ...(payeeId !== leaders.learning.payeeId || isSince(leaders.learning.from) ? ['training'] : []),
  ];
  return {
    ...rest,
    payeeId,
    ...(alipay === undefined || (isLate && !isSince(lateAccounts.from)) ? {} : { alipay }),
    ...(teamId === undefined || isGone ? {} : { teamId }),
    level: String(level),
    tasks,
  };
}

function hasDone(payeeId: string, task: string, day: News | null): boolean {
  if (chance(payeeId, task) < (doneAtFirst[task] ?? 0)) return true;
  const steps = doneBy[task] ?? [];
  const share = steps.findLast(([since]) => day !== null && day >= since)?.[1] ?? 0;
  return chance(payeeId, task, 'later') < share;
}

function withData(message: PayeeMessage, data: UpsertedPayee): PayeeMessage {
  return { ...message, value: { ...message.value, data } };
}

/** Whether a message of the files is about a payee. */
export function isOfPayee(message: FileMessage): message is PayeeMessage {
  return message.topic === 'payee-upserted';
}
