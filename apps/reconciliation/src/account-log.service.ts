import { Inject, Injectable } from '@nestjs/common';
import { parseInstant } from '@qingfen/calendar';
import { Clock } from '@qingfen/clock';
import type { AccountLog } from '@qingfen/contracts';
import {
  beijingDay,
  compareLogged,
  dayStart,
  isOurNumber,
  type LoggedLine,
} from '@qingfen/core-reconciliation';
import { Database } from '@qingfen/database';
import { ServiceClient } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { parseSignedAmount } from '@qingfen/money';
import { noteRead, payoutsOfNumbers, readUntil } from './account-log.store.js';
import { DifferenceService } from './difference.service.js';
import { Heard } from './heard.js';

/** What a look at a shop's account log came to. */
export type LogLook =
  | {
      readonly kind: 'looked';
      readonly until: Date;
      readonly lines: number;
      readonly found: number;
    }
  /** What stands on the topics is not heard yet, or nobody answers: to be tried again. */
  | { readonly kind: 'later'; readonly why: string }
  /** Somebody has to do something first. */
  | { readonly kind: 'refused'; readonly why: string };

/** What we have sent is told on the topics before it is this old. */
const settledMs = 60_000;
/** The log follows the payments: lines may come late. */
const overlapMs = 10 * 60_000;
/** Halves of a span that has too many lines: a day becomes twenty minutes. */
const halvingsMax = 6;
/** Payout reads some pages. */
const askingMs = 60_000;
/** Of the bills, and so of the log. */
const currency = 'CNY';

/**
 * Looks into a shop's account log for what should be known before the bill comes: somebody paid by hand, a
 * payment that no payout explains (R-REC-4). It reads the Beijing day of now from where it stopped, and what
 * it finds is the very difference that the bill will confirm or clear.
 */
@Injectable()
export class AccountLogService {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Units) private readonly units: Units,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    @Inject(Heard) private readonly heard: Pick<Heard, 'everything'>,
    @Inject(DifferenceService) private readonly differences: DifferenceService,
  ) {}

  async look(shopId: string): Promise<LogLook> {
    const now = this.clock.begunUntil();
    const to = wholeSecond(new Date(now.getTime() - settledMs));
    const day = beijingDay(to);
    const before = await readUntil(this.database, shopId);
    const from = laterOf(dayStart(day), before && new Date(before.getTime() - overlapMs));
    if (from >= to) return { kind: 'looked', until: to, lines: 0, found: 0 };
    const read = await this.read(shopId, { from, to });
    if (read.kind !== 'read') return read;
    // After the log: whatever it has of ours has been told by then.
    if (!(await this.heard.everything())) return { kind: 'later', why: 'the topics are not heard' };
    const numbers = read.lines.map(({ outNo }) => outNo).filter(isOurNumber);
    const known = await payoutsOfNumbers(this.database, shopId, numbers);
    const findings = compareLogged(read.lines, known).map((one) => ({ ...one, currency }));
    await this.units.run(async (unit) => {
      const of = { shopId, day };
      const noted = { findings, lookedAt: [], seenIn: 'account-log' } as const;
      if (findings.length > 0) await this.differences.note(unit, of, noted);
      await noteRead(unit.tx, shopId, { now, until: read.until });
    });
    return { kind: 'looked', until: read.until, lines: read.lines.length, found: findings.length };
  }

  /** A span with more lines than are read at once is cut: the next look goes on behind it. */
  private async read(
    shopId: string,
    span: Span,
  ): Promise<ReadSpan | Exclude<LogLook, { kind: 'looked' }>> {
    let { to } = span;
    for (let halvings = 0; halvings <= halvingsMax; halvings += 1) {
      const answer = await this.ask(shopId, { from: span.from, to });
      if (answer.status >= 500) return { kind: 'later', why: answer.why };
      if (answer.status !== 200) return { kind: 'refused', why: answer.why };
      if (answer.lines !== null) return { kind: 'read', lines: answer.lines, until: to };
      to = wholeSecond(new Date((span.from.getTime() + to.getTime()) / 2));
    }
    return { kind: 'refused', why: `too many movements after ${span.from.toISOString()}` };
  }

  private async ask(
    shopId: string,
    { from, to }: Span,
  ): Promise<{
    readonly status: number;
    readonly why: string;
    readonly lines: readonly LoggedLine[] | null;
  }> {
    const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
    const { status, body } = await this.client.request<AccountLog & { readonly detail?: string }>({
      service: 'payout',
      method: 'GET',
      path: `/internal/shops/${encodeURIComponent(shopId)}/alipay/account-log?${query.toString()}`,
      timeoutMs: askingMs,
    });
    if (status !== 200)
      return { status, why: body.detail ?? `payout answered ${status}`, lines: null };
    return { status, why: '', lines: body.movements && body.movements.map(lineOf) };
  }
}

interface Span {
  readonly from: Date;
  readonly to: Date;
}

interface ReadSpan {
  readonly kind: 'read';
  readonly lines: readonly LoggedLine[];
  readonly until: Date;
}

function lineOf({
  at,
  amount,
  ...texts
}: NonNullable<AccountLog['movements']>[number]): LoggedLine {
  return { ...texts, at: parseInstant(at), amountMinor: parseSignedAmount(amount, currency) };
}

/** Alipay's times have no fractions. */
function wholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1_000) * 1_000);
}

function laterOf(one: Date, other: Date | null): Date {
  return other !== null && other > one ? other : one;
}
