import {
  decideIntent,
  decideOutcome,
  decideResend,
  decideSend,
  decideStopped,
  decideUnsendable,
  type Confirmation,
  type Decision,
  type Payout,
  type QueryAnswer,
} from '@qingfen/core-payout';
import { isInfrastructureError, type Database } from '@qingfen/database';
import type { Unit, Units } from '@qingfen/messaging';
import { withCorrelation, type Logger, type WorkCounter } from '@qingfen/telemetry';
import type { ConfirmationDesk } from './confirmation.desk.js';
import { credentialSummaries, type CredentialSummary } from './credential.store.js';
import { recordVerdicts } from './decision-book.js';
import type { Verdict } from './decision.store.js';
import { isStopped, readStops } from './emergency-stop.store.js';
import type { GatewayReach } from './gateway-reach.js';
import { makeRequest } from './alipay-merchant.js';
import type { Merchant } from './merchant.js';
import type { Merchants } from './merchants.js';
import { payeeKey, type PayeeStore } from './payee.store.js';
import { keyText, loadPayouts, type HeldPayout, type PayoutKey } from './payout.store.js';
import { enterSendGate } from './send-gate.js';
import { findRequested, findUnsent, headsOfFundsQueues, type RequestStore } from './send.store.js';
import { shopNames } from './shop.store.js';
import type { VerdictWriter } from './verdict-writer.js';

/** How far ahead the oldest requested payouts are looked at, and confirmed, at once. */
const lookAhead = 200;
/** How many more than can be sent are locked, for those that turn out to wait. */
const spare = 32;

/** What a sender needs; all of it is shared with the other workers of the process. */
export interface SenderParts {
  readonly database: Database;
  readonly units: Units;
  readonly payees: PayeeStore;
  readonly requests: RequestStore;
  readonly merchants: Merchants;
  readonly confirmations: ConfirmationDesk;
  readonly reach: GatewayReach;
  readonly writer: VerdictWriter;
  readonly work: WorkCounter;
  readonly logger: Logger;
  /** Names this sender; a crashed one's payouts are asked about by others. */
  readonly owner: string;
  /** Calls under way at most. */
  readonly concurrency: number;
  /** Called when a call has ended and its outcome is written. */
  readonly onDone: (decision: Decision | null) => void;
}

interface Intent extends Verdict {
  readonly text: string;
  readonly merchant: Merchant;
}

/**
 * Sends requested payouts: the intent with its stored request is committed first, then Alipay is
 * called outside of any transaction with what was stored, then the outcome is written.
 */
export class Sender {
  private readonly running = new Map<string, { key: PayoutKey; done: Promise<void> }>();

  constructor(private readonly parts: SenderParts) {}

  /** The payouts that this sender is sending. */
  mine(): PayoutKey[] {
    return [...this.running.values()].map(({ key }) => key);
  }

  /** Resolves when every call under way has ended and is written. */
  async rest(): Promise<void> {
    await Promise.allSettled([...this.running.values()].map(({ done }) => done));
  }

  /** Looks once at what is to be sent. Answers whether anything came of it. */
  async round(): Promise<boolean> {
    const { database, reach, confirmations } = this.parts;
    const free = this.parts.concurrency - this.running.size;
    if (free <= 0) return false;
    const [unsent, requested] = await Promise.all([
      findUnsent(database, free),
      findRequested(database, lookAhead),
    ]);
    if (unsent.length + requested.length === 0) return false;
    const asked = await this.worthAsking(requested.map(({ payout }) => payout));
    const confirmed =
      asked.length === 0 ? new Map<string, Confirmation>() : await confirmations.ask(asked);
    const isReachable = await reach.isReachable();
    const merchants = await this.merchantsOf([...unsent, ...requested]);
    const oldest = requested.slice(0, free + spare);
    const look = { unsent, requested: oldest, confirmed, merchants, free: isReachable ? free : 0 };
    // The gate stays open to us until our calls have started: a stop that is set afterwards finds
    // none on its way between the intent and Alipay.
    return database.transaction(async (gate) => {
      await enterSendGate(gate);
      const verdicts = await this.parts.units.run((unit) => this.decide(unit, look));
      for (const verdict of verdicts) if ('text' in verdict) this.start(verdict);
      return verdicts.length > 0;
    });
  }

  /** Never sent, and stopped by nothing that is known without asking. */
  private async worthAsking(requested: readonly Payout[]): Promise<Payout[]> {
    const first = requested.filter(({ appId }) => appId === null);
    if (first.length === 0) return [];
    const { database, payees } = this.parts;
    const [stops, known, merchants] = await Promise.all([
      readStops(database),
      payees.load(database, first),
      credentialSummaries(database, shopsOf(first)),
    ]);
    return first.filter((payout) => {
      if (isStopped(stops, payout.shopId) || !merchants.has(payout.shopId)) return false;
      return (known.get(payeeKey(payout))?.account ?? null) !== null;
    });
  }

  /** Ready applications; null for a shop whose keys cannot be used: its payouts wait for others. */
  private async merchantsOf(held: readonly HeldPayout[]): Promise<Map<string, Merchant | null>> {
    const shopIds = shopsOf(held.map(({ payout }) => payout));
    const summaries = await credentialSummaries(this.parts.database, shopIds);
    const ready = new Map<string, Merchant | null>();
    for (const [shopId, summary] of summaries) {
      try {
        ready.set(shopId, await this.parts.merchants.of(shopId, summary));
      } catch (error) {
        if (isInfrastructureError(error)) throw error;
        this.parts.logger.error({ err: error, shopId }, "a shop's Alipay keys cannot be used");
        ready.set(shopId, null);
      }
    }
    return ready;
  }

  private async decide(unit: Unit, look: Look): Promise<(Verdict | Intent)[]> {
    const keys = [...look.unsent, ...look.requested].map(({ payout }) => payout);
    const locked = await loadPayouts(unit.tx, keys, 'skip-locked');
    const open = locked.filter(({ payout }) => payout.state === 'requested' || payout.isUnsent);
    const scene = await this.sceneFor(unit, open);
    const verdicts: (Verdict | Intent)[] = [];
    let free = look.free;
    for (const held of open.sort(byAge)) {
      const verdict = this.judge(held, { ...look, free, scene, now: unit.now });
      if (verdict === null) continue;
      if ('text' in verdict) free -= 1;
      verdicts.push(verdict);
    }
    await this.keepRequests(unit, verdicts, scene);
    return recordVerdicts(unit, verdicts);
  }

  private async sceneFor(unit: Unit, open: readonly HeldPayout[]): Promise<Scene> {
    const payouts = open.map(({ payout }) => payout);
    const shopIds = shopsOf(payouts);
    const { tx } = unit;
    const stops = await readStops(tx);
    const summaries = await credentialSummaries(tx, shopIds);
    const payees = await this.parts.payees.load(tx, payouts);
    const heads = await headsOfFundsQueues(tx, shopIds);
    const names = await shopNames(tx, shopIds);
    const texts = await this.parts.requests.load(
      tx,
      payouts.filter(({ appId }) => appId !== null),
    );
    return { stops, summaries, payees, heads, names, texts };
  }

  private judge(held: HeldPayout, look: Judging): Verdict | Intent | null {
    const { payout } = held;
    const { scene, now } = look;
    const merchant = look.merchants.get(payout.shopId);
    const stopped = isStopped(scene.stops, payout.shopId);
    if (payout.state === 'sending') {
      if (stopped) return { held, decision: decideStopped(payout, now) };
      const text = scene.texts.get(keyText(payout));
      if (look.free <= 0 || text === undefined) return null;
      if (!merchant || merchant.appId !== payout.appId) return null;
      return { held, decision: decideResend(payout), owner: this.parts.owner, text, merchant };
    }
    const confirmation = look.confirmed.get(keyText(payout)) ?? null;
    const summary = scene.summaries.get(payout.shopId);
    const account = scene.payees.get(payeeKey(payout))?.account ?? null;
    const isFirst = payout.appId === null;
    const facts = {
      isStopped: stopped,
      merchantAppId: merchant === null ? null : (summary?.appId ?? null),
      hasPayeeAccount: account !== null,
      confirmation,
      lacksFunds: isBehind(payout, scene.heads.get(payout.shopId)),
    };
    const isBarred = stopped || summary === undefined || merchant === null || account === null;
    if (isFirst && confirmation === null && !isBarred) return null;
    const decision = decideSend(payout, facts, now);
    if (decision !== null) return { held, decision };
    // Keys that were changed since they were read: the next round has the new ones.
    if (look.free <= 0 || !merchant || merchant.appId !== summary?.appId) return null;
    const shopName = scene.names.get(payout.shopId) ?? payout.shopId;
    const stored = scene.texts.get(keyText(payout));
    if (stored === undefined && (account === null || !isFirst)) return null;
    const made =
      stored === undefined && account !== null
        ? makeRequest({ payout, account, shopName }, merchant.appId)
        : { text: stored ?? '' };
    if ('problem' in made) return { held, decision: decideUnsendable(payout, made.problem, now) };
    const intent = decideIntent(payout, merchant.appId, now);
    return { held, decision: intent, owner: this.parts.owner, text: made.text, merchant };
  }

  private async keepRequests(
    unit: Unit,
    verdicts: readonly (Verdict | Intent)[],
    scene: Scene,
  ): Promise<void> {
    const made = verdicts.flatMap((verdict) => {
      if (!('text' in verdict) || scene.texts.has(keyText(verdict.held.payout))) return [];
      const { shopId, payoutId } = verdict.held.payout;
      return [{ shopId, payoutId, appId: verdict.merchant.appId, text: verdict.text }];
    });
    await this.parts.requests.add(unit.tx, made, unit.now);
  }

  private start(intent: Intent): void {
    const { payout } = intent.decision;
    const key = { shopId: payout.shopId, payoutId: payout.payoutId };
    this.parts.work.begin();
    const done = withCorrelation({ correlationId: intent.held.correlationId }, () =>
      this.carryOut(intent),
    );
    const ended = done.then(
      (decision) => {
        this.running.delete(keyText(key));
        this.parts.onDone(decision);
      },
      (error: unknown) => {
        this.running.delete(keyText(key));
        this.parts.logger.error({ err: error, ...key }, 'a send was lost by a bug');
        this.parts.onDone(null);
      },
    );
    this.running.set(keyText(key), { key, done: ended });
  }

  private async carryOut({ held, decision, text, merchant }: Intent): Promise<Decision | null> {
    const { payout } = decision;
    const { logger, reach, writer } = this.parts;
    const startedMs = performance.now();
    const outcome = await merchant.send(text, payout);
    if (outcome.kind === 'not-sent') reach.noteUnreachable();
    else reach.noteReached();
    const needsCheck = outcome.kind === 'refused' && ['N', 'R'].includes(outcome.class);
    const check: QueryAnswer | null = needsCheck ? await merchant.ask(payout) : null;
    logger.info(
      {
        shopId: payout.shopId,
        payoutId: payout.payoutId,
        outBizNo: payout.outBizNo,
        attempt: payout.attempts,
        outcome: outcome.kind,
        check: check?.kind,
        tookMs: Math.round(performance.now() - startedMs),
      },
      'a payout was given to Alipay',
    );
    const sent: HeldPayout = { ...held, payout, revision: held.revision + 1 };
    const decide = (now: Date): Decision => decideOutcome(payout, outcome, now, check);
    return writer.write({ held: sent, decide });
  }
}

interface Look {
  readonly unsent: readonly HeldPayout[];
  readonly requested: readonly HeldPayout[];
  readonly confirmed: ReadonlyMap<string, Confirmation>;
  readonly merchants: ReadonlyMap<string, Merchant | null>;
  /** How many more calls may start. */
  readonly free: number;
}

interface Scene {
  readonly stops: Awaited<ReturnType<typeof readStops>>;
  readonly summaries: ReadonlyMap<string, CredentialSummary>;
  readonly payees: Awaited<ReturnType<PayeeStore['load']>>;
  readonly heads: Awaited<ReturnType<typeof headsOfFundsQueues>>;
  readonly names: ReadonlyMap<string, string>;
  /** Stored requests, by key. */
  readonly texts: ReadonlyMap<string, string>;
}

interface Judging extends Look {
  readonly scene: Scene;
  readonly now: Date;
}

function shopsOf(payouts: readonly Payout[]): string[] {
  return [...new Set(payouts.map(({ shopId }) => shopId))];
}

function byAge(a: HeldPayout, b: HeldPayout): number {
  const gapMs = a.payout.requestedAt.getTime() - b.payout.requestedAt.getTime();
  if (gapMs !== 0) return gapMs;
  return a.payout.payoutId < b.payout.payoutId ? -1 : 1;
}

function isBehind(
  payout: Payout,
  head: { readonly requestedAt: Date; readonly payoutId: string } | undefined,
): boolean {
  if (head === undefined) return false;
  const gapMs = head.requestedAt.getTime() - payout.requestedAt.getTime();
  return gapMs < 0 || (gapMs === 0 && head.payoutId < payout.payoutId);
}
