import {
  decideOutcome,
  standingApprovals,
  type Confirmation,
  type Decision,
  type Payout,
  type QueryAnswer,
} from '@qingfen/core-payout';
import type { Database, Tx } from '@qingfen/database';
import { failpoint } from '@qingfen/failpoint';
import type { Unit, Units } from '@qingfen/messaging';
import { withCorrelation, type Logger, type WorkCounter } from '@qingfen/telemetry';
import type { Brake } from './brake.js';
import { comes, gapMsOf, Spacing, Turns, type CallRates } from './call-rate.js';
import { approvalHashOf } from './approval-hash.js';
import type { ConfirmationDesk } from './confirmation.desk.js';
import { recordVerdicts } from './decision-book.js';
import type { Verdict } from './decision.store.js';
import type { GatewayReach } from './gateway-reach.js';
import type { Merchant } from './merchant.js';
import { readyMerchants, type Merchants } from './merchants.js';
import { payeeKey, type PayeeStore } from './payee.store.js';
import {
  keyText,
  loadPayouts,
  olderFirst,
  type HeldPayout,
  type PayoutKey,
} from './payout.store.js';
import type { RiskBook } from './risk-book.js';
import { RiskScene } from './risk-scene.js';
import { enterSendGate, type SendPass } from './send-gate.js';
import { judgeSend, type Intent } from './send-judge.js';
import { readScenes, shopIdsIn, type ShopScene } from './send-scene.store.js';
import {
  findRequested,
  findUnsent,
  type Candidate,
  type MadeRequest,
  type RequestStore,
} from './send.store.js';
import { modesOf, noteTrades, tradeKey, type SplitTrade } from './trade-finish.store.js';
import type { VerdictWriter } from './verdict-writer.js';

/** How many are confirmed at once, so that the ledger's owner is asked seldom. */
const lookAhead = 300;
/** How many more than can be sent are locked, for those that turn out to wait. */
const spare = 16;
/** Outcomes that may wait to be written, as a multiple of the calls under way. */
const unwrittenFactor = 4;
/** No call is promised later than so many milliseconds from when its round begins. */
const turnsMs = 250;
/** Real milliseconds after which a round is worth it for a few. */
const roundGapMs = 50;

/** What a sender needs; all of it is shared with the other workers of the process. */
export interface SenderParts {
  readonly database: Database;
  readonly units: Units;
  readonly payees: PayeeStore;
  readonly requests: RequestStore;
  readonly merchants: Merchants;
  readonly confirmations: ConfirmationDesk;
  readonly risks: RiskBook;
  readonly brake: Brake;
  readonly rates: CallRates;
  readonly reach: GatewayReach;
  readonly writer: VerdictWriter;
  readonly work: WorkCounter;
  readonly logger: Logger;
  /** Names this sender; a crashed one's payouts are asked about by others. */
  readonly owner: string;
  /** Calls under way at most. */
  readonly concurrency: number;
  /** Called when a call has ended, and again with the decision when its outcome is written. */
  readonly onDone: (decision: Decision | null) => void;
}

interface Round {
  readonly unsent: readonly HeldPayout[];
  readonly requested: readonly Candidate[];
  readonly confirmed: ReadonlyMap<string, Confirmation>;
  readonly merchants: ReadonlyMap<string, Merchant | null>;
  /** How many calls may start. */
  readonly room: number;
}

/**
 * Sends requested payouts: the intent with its stored request is committed first, then Alipay is
 * called outside of any transaction with what was stored, then the outcome is written.
 */
export class Sender {
  private readonly running = new Map<string, { key: PayoutKey; done: Promise<void> }>();
  private readonly spacing: Spacing;
  private calls = 0;
  private lastRoundMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: SenderParts) {
    this.spacing = new Spacing(gapMsOf(parts.rates, 'transfer'));
  }

  /** Whether any call has not ended yet. */
  get isCalling(): boolean {
    return this.calls > 0;
  }

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
    const { database, units, reach, concurrency } = this.parts;
    const free = concurrency - this.calls;
    if (free <= 0 || this.running.size >= concurrency * unwrittenFactor) return false;
    // A round costs the same for one as for many: it waits a little for half of the calls to end.
    const startedMs = performance.now();
    if (free < concurrency / 2 && startedMs - this.lastRoundMs < roundGapMs) return false;
    this.lastRoundMs = startedMs;
    const [unsent, requested] = await Promise.all([
      findUnsent(database, free),
      findRequested(database, free + spare),
    ]);
    if (unsent.length + requested.length === 0) return false;
    const shopIds = shopIdsIn([...unsent, ...requested]);
    await this.parts.brake.check(shopIds);
    const scenes = await readScenes(database, shopIds);
    const confirmed = await this.confirm(requested, scenes);
    const merchants = await readyMerchants(this.parts, scenes);
    const room = (await reach.isReachable()) ? free : 0;
    const look: Round = { unsent, requested, confirmed, merchants, room };
    // The gate stays open to us until our calls have started: a stop that is set afterwards finds
    // none on its way between the intent and Alipay.
    return database.transaction(async (gate) => {
      const pass = await enterSendGate(gate);
      const verdicts = await units.run((unit) => this.decide(unit, look));
      if (verdicts.some((verdict) => 'text' in verdict)) failpoint('intents-committed');
      // Else the intents stand and nobody sends them: they are asked about like any lost sender's.
      const begun = verdicts.flatMap((verdict) =>
        'text' in verdict ? [this.start(verdict, pass)] : [],
      );
      await Promise.all(begun);
      return verdicts.length > 0;
    });
  }

  /** Asks about first sends that nothing else is known to stop, and some behind them with them. */
  private async confirm(
    requested: readonly Candidate[],
    scenes: ReadonlyMap<string, ShopScene>,
  ): Promise<ReadonlyMap<string, Confirmation>> {
    const { confirmations, database } = this.parts;
    const isAsked = ({ payout, hasAccount }: Candidate): boolean => {
      const scene = scenes.get(payout.shopId);
      if (scene?.isStopped === true || scene?.credential === null) return false;
      return payout.appId === null && hasAccount;
    };
    const now = requested.filter(isAsked);
    if (now.length === 0) return new Map();
    if (now.every(({ payout }) => confirmations.knows(payout))) return confirmations.ask([]);
    const more = (await findRequested(database, lookAhead)).filter(isAsked);
    return confirmations.ask([...now, ...more].map(({ payout }) => payout));
  }

  private async decide(unit: Unit, look: Round): Promise<(Verdict | Intent)[]> {
    const keys = [...look.unsent, ...look.requested].map(({ payout }) => payout);
    const locked = await loadPayouts(unit.tx, keys, 'skip-locked');
    const open = locked.filter(({ payout }) => payout.state === 'requested' || payout.isUnsent);
    const payouts = open.map(({ payout }) => payout);
    const scenes = await readScenes(unit.tx, shopIdsIn(open));
    const payees = await this.parts.payees.load(unit.tx, payouts);
    const sentBefore = payouts.filter(({ appId }) => appId !== null);
    const texts = await this.parts.requests.load(unit.tx, sentBefore);
    const risks = await RiskScene.read(unit.tx, this.parts.risks, payouts, unit.now);
    const turns = await this.takeTurns(unit.tx, open, look);
    const modes = await modesOf(unit.tx, payouts.flatMap(tradeOf));
    const verdicts: (Verdict | Intent)[] = [];
    let { room } = look;
    for (const held of open.sort(olderFirst)) {
      const { payout } = held;
      const account = payees.get(payeeKey(payout))?.account ?? null;
      const approved = standingApprovals(payout, approvalHashOf(payout, account), unit.now);
      const merchant = look.merchants.get(payout.shopId);
      const appId = merchant?.appId ?? '';
      const verdict = judgeSend(held, {
        risk: risks.judge(payout, approved),
        approved,
        scene: scenes.get(payout.shopId),
        merchant,
        account,
        confirmation: look.confirmed.get(keyText(payout)) ?? null,
        stored: texts.get(keyText(payout)),
        splitMode: tradeOf(payout).map((trade) => modes.get(tradeKey(trade)))[0],
        nextTurn: room > 0 && turns.has(appId) ? () => turns.next(appId) : null,
        owner: this.parts.owner,
        now: unit.now,
      });
      if (verdict === null) continue;
      if ('text' in verdict) {
        room -= 1;
        if (payout.state === 'requested') risks.note(payout);
      }
      verdicts.push(verdict);
    }
    const first = verdicts.flatMap((verdict) => {
      return 'text' in verdict && !texts.has(keyText(verdict.held.payout)) ? [verdict] : [];
    });
    await turns.giveBackUnused(unit.tx);
    await this.parts.requests.add(unit.tx, first.map(requestIn), unit.now);
    await noteTrades(unit.tx, first.flatMap(tradeIn), unit.now);
    const recorded = await recordVerdicts(unit, verdicts);
    if (first.length > 0) failpoint('intents-recorded');
    return recorded;
  }

  /** As many as may be needed; what is judged otherwise gives them back. */
  private takeTurns(tx: Tx, open: readonly HeldPayout[], look: Round): Promise<Turns> {
    const wanted = new Map<string, number>();
    for (const { payout } of open) {
      const appId = look.merchants.get(payout.shopId)?.appId;
      if (appId !== undefined) wanted.set(appId, (wanted.get(appId) ?? 0) + 1);
    }
    for (const [appId, count] of wanted) wanted.set(appId, Math.min(count, look.room));
    const { rates } = this.parts;
    return Turns.take(tx, { api: 'transfer', rates, wanted, horizonMs: turnsMs });
  }

  /** Resolves when the call has begun, at its turn; it is this sender's from now on. */
  private start(intent: Intent, pass: SendPass): Promise<void> {
    const { payout } = intent.decision;
    const key = { shopId: payout.shopId, payoutId: payout.payoutId };
    this.parts.work.begin();
    const { appId } = intent.merchant;
    const startMs = this.spacing.startOf(appId, intent.startAtMs, performance.now());
    const begun = comes(startMs).then(() => {
      pass.check();
    });
    const done = withCorrelation({ correlationId: intent.held.correlationId }, async () => {
      await begun;
      return this.carryOut(intent);
    });
    const ended = done.then(
      (decision) => {
        this.running.delete(keyText(key));
        this.parts.onDone(decision);
      },
      (error: unknown) => {
        this.running.delete(keyText(key));
        this.parts.logger.error({ err: error, ...key }, 'a send was lost; it is asked about');
        this.parts.onDone(null);
      },
    );
    this.running.set(keyText(key), { key, done: ended });
    return begun;
  }

  private async carryOut(intent: Intent): Promise<Decision | null> {
    const { held, decision } = intent;
    const { payout } = decision;
    const { outcome, check } = await this.call(intent);
    const sent: HeldPayout = { ...held, payout, revision: held.revision + 1 };
    const decide = (now: Date): Decision => decideOutcome(payout, outcome, now, check);
    return this.parts.writer.write({ held: sent, decide });
  }

  /** Gives Alipay the stored request; a refusal that may end the payout is checked by a query. */
  private async call({ decision: { payout }, text, merchant }: Intent): Promise<{
    outcome: Awaited<ReturnType<Merchant['send']>>;
    check: QueryAnswer | null;
  }> {
    const { logger, reach } = this.parts;
    const startedMs = performance.now();
    this.calls += 1;
    try {
      const answered = merchant.send(text, payout);
      setImmediate(() => {
        failpoint('request-sent');
      });
      const outcome = await answered;
      failpoint('answer-read');
      if (outcome.kind === 'not-sent') reach.noteUnreachable();
      else reach.noteReached();
      const needsCheck = outcome.kind === 'refused' && ['N', 'R'].includes(outcome.class);
      const check = needsCheck ? await merchant.ask(payout) : null;
      const { shopId, payoutId, outBizNo, attempts } = payout;
      const tookMs = Math.round(performance.now() - startedMs);
      logger.info(
        { shopId, payoutId, outBizNo, attempts, outcome: outcome.kind, check: check?.kind, tookMs },
        'a payout was given to Alipay',
      );
      return { outcome, check };
    } finally {
      this.calls -= 1;
      this.parts.onDone(null);
    }
  }
}

function tradeOf({ shopId, tradeNo }: Payout): Pick<SplitTrade, 'shopId' | 'tradeNo'>[] {
  return tradeNo === null ? [] : [{ shopId, tradeNo }];
}

function requestIn({ held: { payout }, merchant: { appId }, text }: Intent): MadeRequest {
  const { shopId, payoutId } = payout;
  return { shopId, payoutId, appId, text };
}

/** Where the trade was split before, what is noted of it stays. */
function tradeIn({ held: { payout }, merchant: { appId, splitMode: mode } }: Intent): SplitTrade[] {
  return tradeOf(payout).map((trade) => ({ ...trade, appId, mode }));
}
