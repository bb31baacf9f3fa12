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
/** Of a span that has too many lines, to halve it: half a day becomes a minute. */
const triesMax = 12;
/** So many pieces of a busy account are read by one look. */
const piecesMax = 24;
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

  /** What a busy account has is read piece by piece, so many at most: the next look goes on behind them. */
  async look(shopId: string): Promise<LogLook> {
    const now = this.clock.begunUntil();
    const to = wholeSecond(new Date(now.getTime() - settledMs));
    let [lines, found, until] = [0, 0, to];
    for (let piece = 0; piece < piecesMax; piece += 1) {
      const span = await this.spanUpTo(shopId, to, piece === 0 ? overlapMs : 0);
      if (span.from >= to) break;
      const read = await this.read(shopId, span);
      if (read.kind !== 'read') return read;
      // After the log: whatever it has of ours has been told by then.
      if (!(await this.heard.everything())) return { kind: 'later', why: 'topics are not heard' };
      lines += read.lines.length;
      found += await this.note(shopId, now, read);
      ({ until } = read);
      if (until >= to) break;
    }
    return { kind: 'looked', until, lines, found };
  }

  /** Of the Beijing day of its end, from where the last look stopped. */
  private async spanUpTo(shopId: string, to: Date, overlap: number): Promise<Span> {
    const start = dayStart(beijingDay(to));
    const mark = laterOf(start, (await readUntil(this.database, shopId)) ?? start);
    return { from: laterOf(start, new Date(mark.getTime() - overlap)), mark, to };
  }

  private async note(shopId: string, now: Date, read: ReadSpan): Promise<number> {
    const numbers = read.lines.map(({ outNo }) => outNo).filter(isOurNumber);
    const known = await payoutsOfNumbers(this.database, shopId, numbers);
    const findings = compareLogged(read.lines, known).map((one) => ({ ...one, currency }));
    await this.units.run(async (unit) => {
      const of = { shopId, day: beijingDay(read.until) };
      const noted = { findings, lookedAt: [], seenIn: 'account-log' } as const;
      if (findings.length > 0) await this.differences.note(unit, of, noted);
      await noteRead(unit.tx, shopId, { now, until: read.until });
    });
    return findings.length;
  }

  /** A span with more lines than are read at once is halved until it has fewer. */
  private async read(shopId: string, { from, mark, to }: Span): Promise<ReadSpan | NotLooked> {
    let [begin, until] = [from, to];
    for (let tries = 0; tries < triesMax; tries += 1) {
      const answer = await this.ask(shopId, { from: begin, to: until });
      if (answer.status >= 500) return { kind: 'later', why: answer.why };
      if (answer.status !== 200) return { kind: 'refused', why: answer.why };
      if (answer.lines !== null) return { kind: 'read', lines: answer.lines, until };
      // Where it is so busy, what was read before is not read again.
      if (begin < mark && mark < until) begin = mark;
      else until = wholeSecond(new Date((begin.getTime() + until.getTime()) / 2));
    }
    return { kind: 'refused', why: `too many movements after ${begin.toISOString()}` };
  }

  private async ask(
    shopId: string,
    { from, to }: Omit<Span, 'mark'>,
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
  /** Up to where it was read before. */
  readonly mark: Date;
  readonly to: Date;
}

type NotLooked = Exclude<LogLook, { kind: 'looked' }>;

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

function laterOf(one: Date, other: Date): Date {
  return other > one ? other : one;
}
