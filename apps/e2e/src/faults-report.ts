import { yuanOf } from '@qingfen/testing';

import type {
  AloneSeen,
  FailpointSeen,
  KillSeen,
  Observation,
  RecoverySeen,
} from './observations.js';

/** What jest counted. */
export interface JestCounts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

/** Session time-out of the local system; a killed member's partitions are free after it. */
const sessionTimeoutMs = 3_000;
const graceMs = 2_000;

/** The report as a document for programs and as a page for people. */
export function faultsReport(run: {
  readonly at: string;
  readonly isPassed: boolean;
  readonly source: unknown;
  readonly counts: JestCounts;
  readonly seen: readonly Observation[];
}): { readonly document: object; readonly page: string } {
  const { at, isPassed, source, counts } = run;
  const kills = run.seen.filter((each): each is KillSeen => each.what === 'kill');
  const failpoints = run.seen.filter((each): each is FailpointSeen => each.what === 'failpoint');
  const recoveries = run.seen
    .filter((each): each is RecoverySeen => each.what === 'recovery')
    .map((each) => ({
      ...each,
      ms: Math.round(each.ms),
      isWithin: each.ms <= sessionTimeoutMs + graceMs,
    }));
  const alone = run.seen
    .filter((each): each is AloneSeen => each.what === 'alone')
    .map((each) => ({ ...each, ms: Math.round(each.ms) }));
  const document = {
    at,
    passed: isPassed,
    source,
    tests: { passed: counts.numPassedTests, failed: counts.numFailedTests },
    sessionTimeoutMs,
    recoveryMsWanted: sessionTimeoutMs + graceMs,
    kills,
    failpoints,
    recoveries,
    alone,
  };
  const page = [
    '# Faults',
    '',
    `Run of ${at}: ${isPassed ? 'passed' : 'FAILED'}, ${counts.numPassedTests} tests passed, ` +
      `${counts.numFailedTests} failed. Sources: \`${JSON.stringify(source)}\`.`,
    '',
    '## kill -9 in the middle of a day',
    '',
    'Every message was published twice. What the sandbox paid is what the reference says, account',
    'by account, and no number moved money twice.',
    '',
    '| part | during | process before → after | orders | accounts paid | CNY |',
    '| --- | --- | --- | --- | --- | --- |',
    ...kills.map(
      ({ part, moment, pidBefore, pidAfter, orders, payees, paidMinor }) =>
        `| ${part} | ${moment} | ${pidBefore} → ${pidAfter} | ${orders} | ${payees} | ` +
        `${yuanOf(BigInt(paidMinor))} |`,
    ),
    '',
    '## kill -9 at a step of the pipeline',
    '',
    'A process died right behind the step that the place names, at the given way past it: each was seen',
    'to. The same is compared as above, and every order stands in the books.',
    '',
    '| seed | during | place | way past it | process | CNY |',
    '| --- | --- | --- | --- | --- | --- |',
    ...failpoints.map(
      ({ seed, moment, point, turn, pid, paidMinor }) =>
        `| ${seed} | ${moment} | ${point} | ${turn} | ${pid} | ${yuanOf(BigInt(paidMinor))} |`,
    ),
    '',
    '## One of two replicas, alone',
    '',
    'The other one was killed, and the process that was to take its place was kept from coming up.',
    'Milliseconds are from the kill to the last order booked, the last payout ended.',
    '',
    '| away | during | done meanwhile | ms |',
    '| --- | --- | --- | --- |',
    ...alone.map(({ part, moment, done, ms }) => `| ${part} | ${moment} | ${done} | ${ms} |`),
    '',
    '## From kill -9 to work again',
    '',
    `Wanted: ${sessionTimeoutMs + graceMs} ms (session time-out ${sessionTimeoutMs} ms + ` +
      `${graceMs} ms).`,
    '',
    '| service | sign | ms | within |',
    '| --- | --- | --- | --- |',
    ...recoveries.map(
      ({ service, sign, ms, isWithin }) =>
        `| ${service} | next ${sign} | ${ms} | ${isWithin ? 'yes' : 'no'} |`,
    ),
    '',
  ];
  return { document, page: page.join('\n') };
}
