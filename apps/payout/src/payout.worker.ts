import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { BATCH_ITEMS_MAX } from '@qingfen/alipay-batch';
import { Clock } from '@qingfen/clock';
import { checkPayoutMoves, decideLost, type Decision } from '@qingfen/core-payout';
import { Database } from '@qingfen/database';
import { LOGGER, ServiceClient, ServiceEnv, WorkLoop } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { Metrics, WorkCounter, type Logger } from '@qingfen/telemetry';
import { Asker } from './asker.js';
import { Brake } from './brake.js';
import { BatchAsker } from './batch-asker.js';
import { BatchSender } from './batch-sender.js';
import { BatchStore } from './batch.store.js';
import { BillWitness } from './bill-witness.js';
import { callRatesOf } from './call-rate-settings.js';
import { ConfirmationDesk } from './confirmation.desk.js';
import { recordVerdicts } from './decision-book.js';
import { Gathering } from './gathering.js';
import { GatewayReach } from './gateway-reach.js';
import { Merchants } from './merchants.js';
import { PayeeStore } from './payee.store.js';
import { RiskBook } from './risk-book.js';
import { endPulse, findLost, notePulse, RequestStore } from './send.store.js';
import { Sender } from './sender.js';
import { TradeFinisher } from './trade-finisher.js';
import { VerdictWriter } from './verdict-writer.js';
import { WaitingRoom } from './waiting-room.js';
import { Wake } from './wake.js';

const pulseMs = 1_000;
/** A sender that was not seen for so long is gone; what it was sending is asked about. */
const silenceMs = 5_000;
const restMs = 20_000;

/** Runs the senders, the askers and the waiting room of this process, from start to stop. */
@Injectable()
export class PayoutWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly owner = randomUUID();
  private readonly sender: Sender;
  private readonly batchSender: BatchSender;
  private readonly asker: Asker;
  private readonly batchAsker: BatchAsker;
  private readonly room: WaitingRoom;
  private readonly loops: Readonly<
    Record<'send' | 'sendBatches' | 'ask' | 'wait' | 'finish' | 'pulse', WorkLoop>
  >;
  private readonly ends: (() => void)[] = [];
  /** A step of the clock that the waiting room has not looked at yet. */
  private begun: { readonly everything: boolean } | null = null;
  /** Shops of which a payout has ended since what waits for funds behind it was last looked at. */
  private ended = new Set<string>();
  private lastBegunMs: number;

  constructor(
    @Inject(ServiceEnv)
    env: Pick<
      ServiceEnv,
      'alipayGateway' | 'alipayTimeoutMs' | 'count' | 'setting' | 'environment'
    >,
    private readonly database: Database,
    private readonly units: Units,
    private readonly clock: Clock,
    private readonly work: WorkCounter,
    private readonly wake: Wake,
    payees: PayeeStore,
    requests: RequestStore,
    batches: BatchStore,
    merchants: Merchants,
    risks: RiskBook,
    @Inject(ServiceClient) client: Pick<ServiceClient, 'request'>,
    metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // Enough for 300 calls a second where Alipay takes 200 ms. What is under way at once is also what is
    // committed at once: with 16 a run of 60 payouts took a quarter more processor time.
    const concurrency = env.count('PAYOUT_CONCURRENCY', 64);
    const writer = new VerdictWriter(units, logger, () => this.sender.isCalling);
    const moved = metrics.counter('payout_moves_total', 'Payouts by where they went', ['state']);
    const onDone = (decision: Decision | null): void => {
      if (decision !== null) this.noteDone(decision);
      const states = (decision?.transitions ?? []).map(({ to }) => to);
      for (const state of states) moved.inc({ state });
      // There is room for another one; only what is in doubt is anything to ask about.
      this.loops.send.wake();
      if (states.includes('unknown')) this.wake.now();
    };
    const rates = callRatesOf(env);
    const shared = { database, units, merchants, rates, writer, work, logger, concurrency, onDone };
    const confirmations = new ConfirmationDesk(client, logger);
    const reach = new GatewayReach(env.alipayGateway);
    const brake = new Brake({ database, units, clock, merchants, risks, logger });
    const sending = { ...shared, payees, risks, brake, confirmations, reach, owner: this.owner };
    this.sender = new Sender({ ...sending, requests });
    const gathering = new Gathering(env.count('PAYOUT_BATCH_GATHER_MS', 1_000));
    const membersMax = Math.min(env.count('PAYOUT_BATCH_MAX', 500), BATCH_ITEMS_MAX);
    this.batchSender = new BatchSender({ ...sending, batches, gathering, membersMax });
    // Headers and body have a time-out each, and a broken socket is tried once more underneath.
    const leaseMs = env.alipayTimeoutMs * 4 + 1_000;
    const bills = new BillWitness(client, logger);
    this.asker = new Asker({ ...shared, bills, clock, leaseMs });
    this.batchAsker = new BatchAsker({ ...shared, clock, leaseMs });
    this.room = new WaitingRoom({ database, units, payees, merchants, work, logger });
    const finisher = new TradeFinisher({ database, clock, merchants, client, rates, logger });
    this.lastBegunMs = clock.begunUntil().getTime();
    const loop = (name: string, pollMs: number, round: () => Promise<boolean>): WorkLoop => {
      return new WorkLoop({ name, round, pollMs, logger });
    };
    this.loops = {
      send: loop('send', 500, () => this.sender.round()),
      sendBatches: loop('send-batches', 250, () => this.batchSender.round()),
      ask: loop('ask', 200, () => this.askRound()),
      wait: loop('wait', 1_000, () => this.lookAtWaits()),
      finish: loop('finish', 1_000, () => finisher.round()),
      pulse: loop('pulse', pulseMs, () => this.pulse()),
    };
  }

  /** In words, what this process has still to look at. */
  holdingUp(): string[] {
    const isLooking = this.begun !== null || this.ended.size > 0;
    return isLooking ? ['waiting payouts are looked at again'] : [];
  }

  async onApplicationBootstrap(): Promise<void> {
    checkPayoutMoves();
    // What was due when this process was last stopped may not have been looked at.
    this.begun = { everything: false };
    await notePulse(this.database, this.owner);
    const wakeAll = (): void => {
      this.loops.send.wake();
      this.loops.sendBatches.wake();
      this.loops.ask.wake();
    };
    this.ends.push(this.wake.on(wakeAll));
    this.ends.push(this.clock.onBegin(() => this.noteBegin()));
    for (const loop of Object.values(this.loops)) loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const end of this.ends) end();
    await Promise.all(Object.values(this.loops).map((loop) => loop.stop()));
    const rest = Promise.allSettled(
      [this.sender, this.batchSender, this.asker, this.batchAsker].map((one) => one.rest()),
    );
    await Promise.race([rest, wait(restMs, undefined, { ref: false })]);
    try {
      await endPulse(this.database, this.owner);
    } catch (error) {
      this.logger.warn({ err: error }, 'the end of this sender is not noted; others see it anyway');
    }
  }

  private noteBegin(): void {
    const begunMs = this.clock.begunUntil().getTime();
    // The same instant again is how somebody asks for everything that waits to be looked at now.
    const everything = begunMs === this.lastBegunMs || this.begun?.everything === true;
    this.lastBegunMs = begunMs;
    this.begun = { everything };
    this.work.begin();
    const { send, sendBatches, ask, wait: waits, finish } = this.loops;
    for (const loop of [send, sendBatches, ask, waits, finish]) loop.wake();
  }

  private async lookAtWaits(): Promise<boolean> {
    await this.lookBehindEnded();
    const { begun } = this;
    const isStep = begun !== null;
    // At a step of the virtual clock everything but dated waits is looked at, due or not.
    const dueBy = this.clock.begunUntil();
    if (isStep || this.clock.mode === 'system') {
      const everything = begun?.everything ?? false;
      const resumed = await this.room.round({ dueBy, everything, isStep });
      if (this.begun === begun) this.begun = null;
      if (resumed) this.wake.now();
    }
    return this.begun !== null;
  }

  private async askRound(): Promise<boolean> {
    const found = await Promise.all([this.asker.round(), this.batchAsker.round()]);
    return found.includes(true);
  }

  private noteDone({ payout, transitions }: Decision): void {
    if (!transitions.some(({ to }) => to === 'succeeded' || to === 'failed')) return;
    this.ended.add(payout.shopId);
    this.loops.wait.wake();
  }

  private async lookBehindEnded(): Promise<void> {
    if (this.ended.size === 0) return;
    const { ended } = this;
    this.ended = new Set();
    try {
      if (await this.room.noteEnded([...ended])) this.wake.now();
    } catch (error) {
      for (const shopId of ended) this.ended.add(shopId);
      throw error;
    }
  }

  /** Says that this sender lives, and takes over what others that do not live were sending. */
  private async pulse(): Promise<boolean> {
    await notePulse(this.database, this.owner);
    const lost = await this.units.run(async (unit) => {
      const mine = [...this.sender.mine(), ...this.batchSender.mine()];
      const found = await findLost(unit.tx, { owner: this.owner, mine, silenceMs });
      const verdicts = found.map((held) => ({ held, decision: decideLost(held.payout, unit.now) }));
      return recordVerdicts(unit, verdicts);
    });
    if (lost.length === 0) return false;
    this.logger.warn({ payouts: lost.length }, 'senders were lost; their payouts are asked about');
    this.work.begin(lost.length);
    this.wake.now();
    return false;
  }
}
