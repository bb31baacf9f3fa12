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

/** Days of a run that had failed, and were lived through again. */
export interface DaysAgain {
  readonly days: readonly number[];
  readonly at: string;
  /** What somebody found that the failure was. */
  readonly why: string;
  readonly source: unknown;
}

/** What `docs/reports/faults.json` has. */
export interface FaultsDocument {
  readonly at: string;
  readonly passed: boolean;
  readonly source: unknown;
  /** Those that failed first and passed again count as passed. */
  readonly tests: { readonly passed: number; readonly failed: number };
  readonly again: readonly DaysAgain[];
  readonly sessionTimeoutMs: number;
  readonly recoveryMsWanted: number;
  readonly kills: readonly KillSeen[];
  readonly failpoints: readonly FailpointSeen[];
  readonly recoveries: readonly (RecoverySeen & { readonly isWithin: boolean })[];
  readonly alone: readonly AloneSeen[];
}

/** Session time-out of the local system; a killed member's partitions are free after it. */
const sessionTimeoutMs = 3_000;
const graceMs = 2_000;

/** A run as a document for programs. */
export function faultsDocument(run: {
  readonly at: string;
  readonly isPassed: boolean;
  readonly source: unknown;
  readonly counts: JestCounts;
  readonly seen: readonly Observation[];
}): FaultsDocument {
  const { at, isPassed, source, counts } = run;
  return {
    at,
    passed: isPassed,
    source,
    tests: { passed: counts.numPassedTests, failed: counts.numFailedTests },
    again: [],
    sessionTimeoutMs,
    recoveryMsWanted: sessionTimeoutMs + graceMs,
    kills: run.seen.filter((each): each is KillSeen => each.what === 'kill'),
    failpoints: failpointsOf(run.seen),
    recoveries: run.seen
      .filter((each): each is RecoverySeen => each.what === 'recovery')
      .map((each) => ({
        ...each,
        ms: Math.round(each.ms),
        isWithin: each.ms <= sessionTimeoutMs + graceMs,
      })),
    alone: run.seen
      .filter((each): each is AloneSeen => each.what === 'alone')
      .map((each) => ({ ...each, ms: Math.round(each.ms) })),
  };
}

/** A run with some of its failed days lived through again; it passed when nothing else had failed. */
export function withDaysAgain(
  document: FaultsDocument,
  { seen, ...again }: DaysAgain & { readonly seen: readonly Observation[] },
): FaultsDocument {
  const { days } = again;
  const failed = document.tests.failed - days.length;
  if (failed < 0) throw new Error(`only ${document.tests.failed} tests of the report failed`);
  const others = document.failpoints.filter(({ seed }) => !days.includes(seed));
  return {
    ...document,
    passed: failed === 0,
    tests: { passed: document.tests.passed + days.length, failed },
    again: [...document.again, again],
    failpoints: [...others, ...failpointsOf(seen)].sort((one, other) => one.seed - other.seed),
  };
}

function failpointsOf(seen: readonly Observation[]): FailpointSeen[] {
  return seen.filter((each): each is FailpointSeen => each.what === 'failpoint');
}

/** The same for people. */
export function faultsPage(document: FaultsDocument): string {
  const { at, passed, tests, source, again, kills, failpoints, recoveries, alone } = document;
  const page = [
    '# Faults',
    '',
    `Run of ${at}: ${passed ? 'passed' : 'FAILED'}, ${tests.passed} tests passed, ` +
      `${tests.failed} failed. Sources: \`${JSON.stringify(source)}\`.`,
    '',
    ...again.flatMap(({ days, at: when, why, source: theirs }) => [
      `Days that had failed, and were lived through again at ${when}: ${days.join(', ')}. ${why}`,
      `Sources: \`${JSON.stringify(theirs)}\`.`,
      '',
    ]),
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
  return page.join('\n');
}
