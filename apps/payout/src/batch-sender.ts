import {
  decideBatchIntent,
  decideBatchOutcome,
  decideCompanion,
  decideResend,
  decideStopped,
  decideUnsendable,
  standingApprovals,
  type Confirmation,
  type Decision,
} from '@qingfen/core-payout';
import { failpoint } from '@qingfen/failpoint';
import type { Unit } from '@qingfen/messaging';
import { invariant } from '@qingfen/money';
import { withCorrelation } from '@qingfen/telemetry';
import { makeBatch } from './alipay-batches.js';
import { approvalHashOf } from './approval-hash.js';
import {
  batchKeyText,
  batchNoOf,
  findGroups,
  lockMembers,
  membersOf,
  noteBatchTransId,
  type BatchGroup,
  type BatchKey,
  type BatchStore,
} from './batch.store.js';
import { factsOf, problemOf, shopNameOf, waitOf, type Judged, type Ready } from './batch-member.js';
import { comes, Turns } from './call-rate.js';
import { recordVerdicts } from './decision-book.js';
import type { Verdict } from './decision.store.js';
import type { Gathering } from './gathering.js';
import type { BatchLook, Merchant } from './merchant.js';
import { readyMerchants } from './merchants.js';
import { payeeKey } from './payee.store.js';
import {
  keyText,
  loadPayouts,
  olderFirst,
  type HeldPayout,
  type PayoutKey,
} from './payout.store.js';
import { RiskScene } from './risk-scene.js';
import { enterSendGate, type SendPass } from './send-gate.js';
import { judgeReady } from './send-judge.js';
import { readScenes, type ShopScene } from './send-scene.store.js';
import type { SenderParts } from './sender.js';

/** Batches under way at most: each is many payouts. */
const atOnceMax = 2;
/** Groups that are looked at in one round. */
const groupsMax = 20;
const turnMs = 250;

/** What a sender of batches needs besides what every sender does. */
export interface BatchSenderParts extends Omit<SenderParts, 'requests' | 'concurrency'> {
  readonly batches: BatchStore;
  readonly gathering: Gathering;
  /** Payouts in one batch at most. */
  readonly membersMax: number;
}

/** A stored batch that is given to Alipay now. */
interface BatchIntent {
  readonly key: BatchKey;
  readonly text: string;
  readonly merchant: Merchant;
  /** Its turn, on `performance.now()`. */
  readonly startAtMs: number;
  readonly members: readonly Verdict[];
}

interface Look {
  readonly group: BatchGroup;
  readonly keys: readonly PayoutKey[];
  readonly confirmed: ReadonlyMap<string, Confirmation>;
  readonly merchant: Merchant | null | undefined;
}

/**
 * Sends payouts in batches: one stored request for many, committed with all their intents before Alipay
 * is called. What becomes of each is asked right after, and decided for each by itself.
 */
export class BatchSender {
  private readonly running = new Map<string, { members: PayoutKey[]; done: Promise<void> }>();

  constructor(private readonly parts: BatchSenderParts) {}

  /** The payouts that this sender is sending. */
  mine(): PayoutKey[] {
    return [...this.running.values()].flatMap(({ members }) => members);
  }

  /** Resolves when every call under way has ended and is written. */
  async rest(): Promise<void> {
    await Promise.allSettled([...this.running.values()].map(({ done }) => done));
  }

  /** Looks once at what is to be sent. Answers whether anything came of it. */
  async round(): Promise<boolean> {
    const { database, gathering, membersMax } = this.parts;
    if (this.running.size >= atOnceMax) return false;
    const groups = gathering.ready(await findGroups(database, groupsMax), membersMax);
    for (const group of groups) if (await this.take(group)) return true;
    return false;
  }

  /** Judges one group and sends what may go of it. Answers whether anything came of it. */
  private async take(group: BatchGroup): Promise<boolean> {
    const { database, units, reach, membersMax, confirmations, brake } = this.parts;
    await brake.check([group.shopId]);
    const members = await membersOf(database, group, membersMax);
    const scenes = await readScenes(database, [group.shopId]);
    const scene = scenes.get(group.shopId);
    const isAsked = scene?.isStopped !== true && scene?.credential !== null;
    const asked = members.filter(({ payout, hasAccount }) => payout.appId === null && hasAccount);
    const merchants = await readyMerchants(this.parts, scenes);
    const look: Look = {
      group,
      keys: members.map(({ payout }) => payout),
      confirmed: await confirmations.ask(isAsked ? asked.map(({ payout }) => payout) : []),
      merchant: merchants.get(group.shopId),
    };
    const isReachable = await reach.isReachable();
    return database.transaction(async (gate) => {
      const pass = await enterSendGate(gate);
      const came = await units.run((unit) => this.decide(unit, look, isReachable));
      if (came.intent !== null) {
        failpoint('intents-committed');
        await this.start(came.intent, pass);
      }
      return came.count > 0;
    });
  }

  private async decide(
    unit: Unit,
    look: Look,
    isReachable: boolean,
  ): Promise<{ intent: BatchIntent | null; count: number }> {
    const { shopId, batchNo } = look.group;
    const locked =
      batchNo === null
        ? await loadPayouts(unit.tx, look.keys, 'skip-locked')
        : await lockMembers(unit.tx, { shopId, batchNo });
    const scene = (await readScenes(unit.tx, [shopId])).get(shopId);
    const { merchant } = look;
    const appId = merchant?.appId ?? '';
    const wanted = new Map(isReachable && merchant ? [[appId, 1]] : []);
    const { rates } = this.parts;
    const turns = await Turns.take(unit.tx, { api: 'transfer', rates, wanted, horizonMs: turnMs });
    const nextTurn = wanted.size > 0 && turns.has(appId) ? () => turns.next(appId) : null;
    const judged = await this.judge(unit, locked, look, scene);
    const made =
      batchNo === null
        ? await this.makeOne(unit, judged, nextTurn)
        : await this.sendAgain(unit, { shopId, batchNo }, judged, { scene, merchant, nextTurn });
    await turns.giveBackUnused(unit.tx);
    const recorded = await recordVerdicts(unit, [...made.others, ...(made.intent?.members ?? [])]);
    if (made.intent === null) return { intent: null, count: recorded.length };
    failpoint('intents-recorded');
    return { intent: made.intent, count: recorded.length };
  }

  /** Judges each requested payout by itself; those that may go are `ready`. */
  private async judge(
    unit: Unit,
    locked: readonly HeldPayout[],
    look: Look,
    scene: ShopScene | undefined,
  ): Promise<Judged> {
    const { payees, risks: book } = this.parts;
    const payouts = locked.map(({ payout }) => payout);
    const accounts = await payees.load(unit.tx, payouts);
    const risks = await RiskScene.read(unit.tx, book, payouts, unit.now);
    const ready: Ready[] = [];
    const others: Verdict[] = [];
    const rest: HeldPayout[] = [];
    for (const held of [...locked].sort(olderFirst)) {
      const { payout } = held;
      const account = accounts.get(payeeKey(payout))?.account ?? null;
      if (payout.state !== 'requested') {
        rest.push(held);
        continue;
      }
      const approved = standingApprovals(payout, approvalHashOf(payout, account), unit.now);
      const verdict = judgeReady(held, {
        risk: risks.judge(payout, approved),
        approved,
        scene,
        merchant: look.merchant,
        account,
        confirmation: look.confirmed.get(keyText(payout)) ?? null,
        now: unit.now,
      });
      if (verdict === null) rest.push(held);
      else if ('decision' in verdict) others.push(verdict);
      else {
        risks.note(payout);
        ready.push({
          held,
          merchant: verdict.merchant,
          account,
          shopName: shopNameOf(scene, held),
        });
      }
    }
    return { ready, others, rest };
  }

  /** Makes a batch of what may go; what Alipay would refuse for its form is taken aside. */
  private async makeOne(
    unit: Unit,
    { ready, others }: Judged,
    nextTurn: (() => number) | null,
  ): Promise<Made> {
    const sendable: Ready[] = [];
    const aside: Verdict[] = [];
    for (const one of ready) {
      const problem = problemOf(one);
      if (problem === null) sendable.push(one);
      else
        aside.push({
          held: one.held,
          decision: decideUnsendable(one.held.payout, problem, unit.now),
        });
    }
    const verdicts = [...others, ...aside];
    const [first] = sendable;
    if (first === undefined || nextTurn === null) return { others: verdicts, intent: null };
    const { merchant } = first;
    const { shopId, kind } = first.held.payout;
    const batchNo = batchNoOf(sendable.map(({ held }) => held.payout));
    const { appId, batchMode: mode } = merchant;
    const made = makeBatch({ appId, batchNo, mode, members: sendable.map(factsOf) });
    invariant('text' in made, 'payments that are sendable one by one are so together');
    const amountMinor = sendable.reduce((sum, { held }) => sum + held.payout.amountMinor, 0n);
    const payouts = sendable.length;
    const batch = { shopId, batchNo, appId, kind, mode, payouts, amountMinor, text: made.text };
    await this.parts.batches.add(unit.tx, batch, unit.now);
    const members = sendable.map(({ held }) => ({
      held,
      decision: decideBatchIntent(held.payout, { appId, batchNo }, unit.now),
      owner: this.parts.owner,
    }));
    const startAtMs = nextTurn();
    const key = { shopId, batchNo };
    return { others: verdicts, intent: { key, text: made.text, merchant, startAtMs, members } };
  }

  /** Sends a stored batch again, if every payout of it may go; else all of them wait. */
  private async sendAgain(
    unit: Unit,
    key: BatchKey,
    { ready, others, rest }: Judged,
    by: {
      readonly scene: ShopScene | undefined;
      readonly merchant: Merchant | null | undefined;
      readonly nextTurn: (() => number) | null;
    },
  ): Promise<Made> {
    const unsent = rest.filter(({ payout }) => payout.state === 'sending' && payout.isUnsent);
    const { now } = unit;
    if (unsent.length > 0 && by.scene?.isStopped === true) {
      const stopped = unsent.map((held) => ({ held, decision: decideStopped(held.payout, now) }));
      return { others: [...others, ...stopped], intent: null };
    }
    const isWhole = others.length === 0 && unsent.length === rest.length;
    const { merchant, nextTurn } = by;
    if (!isWhole) {
      const undecided = rest.some(({ payout }) => payout.state === 'requested');
      if (undecided && others.length === 0) return { others, intent: null };
      const reason = waitOf(others, rest);
      const waiting = [...ready.map(({ held }) => held), ...unsent].map((held) => {
        return { held, decision: decideCompanion(held.payout, reason, now) };
      });
      return { others: [...others, ...waiting], intent: null };
    }
    const isTheirs = [...ready.map(({ held }) => held), ...unsent].every(
      ({ payout }) => payout.appId === merchant?.appId,
    );
    if (!merchant || nextTurn === null || !isTheirs) return { others: [], intent: null };
    const { appId } = merchant;
    const { batchNo } = key;
    const { owner } = this.parts;
    const members = [
      ...unsent.map((held) => ({ held, decision: decideResend(held.payout), owner })),
      ...ready.map(({ held }) => {
        return { held, decision: decideBatchIntent(held.payout, { appId, batchNo }, now), owner };
      }),
    ];
    const text = await this.parts.batches.textOf(unit.tx, key);
    return { others: [], intent: { key, text, merchant, startAtMs: nextTurn(), members } };
  }

  /** Resolves when the call has begun, at its turn. */
  private start(intent: BatchIntent, pass: SendPass): Promise<void> {
    const members = intent.members.map(({ decision: { payout } }) => payout);
    this.parts.work.begin();
    const begun = comes(intent.startAtMs).then(() => {
      pass.check();
    });
    const [first] = intent.members;
    const correlationId = first?.held.correlationId ?? intent.key.batchNo;
    const done = withCorrelation({ correlationId }, async () => {
      await begun;
      return this.carryOut(intent);
    });
    const key = batchKeyText(intent.key);
    const ended = done.then(
      (decisions) => {
        this.running.delete(key);
        for (const decision of decisions) this.parts.onDone(decision);
      },
      (error: unknown) => {
        this.running.delete(key);
        this.parts.logger.error(
          { err: error, ...intent.key },
          'a batch was lost; it is asked about',
        );
        this.parts.onDone(null);
      },
    );
    this.running.set(key, { members, done: ended });
    return begun;
  }

  private async carryOut({
    key,
    text,
    merchant,
    members,
  }: BatchIntent): Promise<readonly (Decision | null)[]> {
    const { logger, reach, writer, database } = this.parts;
    const answered = merchant.sendBatch(text);
    setImmediate(() => {
      failpoint('request-sent');
    });
    const outcome = await answered;
    failpoint('answer-read');
    if (outcome.kind === 'not-sent') reach.noteUnreachable();
    else reach.noteReached();
    let look: BatchLook | null = null;
    if (outcome.kind !== 'not-sent') look = await merchant.askBatch(key.batchNo);
    const batchTransId = look?.batchTransId ?? null;
    if (batchTransId !== null) await noteBatchTransId(database, key, batchTransId);
    const payouts = members.length;
    logger.info({ ...key, payouts, outcome: outcome.kind }, 'a batch was given to Alipay');
    const findings = members.map(({ held, decision: { payout } }) => {
      const detail = look?.detailOf(payout.outBizNo) ?? null;
      const sent = { ...held, payout, revision: held.revision + 1 };
      const decide = (now: Date): Decision => decideBatchOutcome(payout, outcome, detail, now);
      return writer.write({ held: sent, decide });
    });
    return Promise.all(findings);
  }
}

interface Made {
  readonly others: readonly Verdict[];
  readonly intent: BatchIntent | null;
}
