import { Inject, Injectable } from '@nestjs/common';
import { decideAct, type Act, type Actor, type Payout } from '@qingfen/core-payout';
import { Database, type Tx } from '@qingfen/database';
import { audit, conflict, forbidden, notFound, ServiceClient, ServiceEnv } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import type { Caller } from '@qingfen/security';
import { approvalHashOf } from './approval-hash.js';
import { recordVerdicts } from './decision-book.js';
import { Merchants } from './merchants.js';
import { payeeKey, PayeeStore } from './payee.store.js';
import { loadPayouts, type HeldPayout, type PayoutKey } from './payout.store.js';
import { Wake } from './wake.js';

/** What an operator wants of a payout, and why. */
export interface ActOrder {
  readonly key: PayoutKey;
  readonly act: Act;
  readonly caller: Caller;
  readonly reason: string;
  /** The hash that was shown of what is approved; null: not named. */
  readonly believedHash?: string | null;
}

const hourMs = 3_600_000;

/** Carries out what operators decide about payouts (R-OPS-2). */
@Injectable()
export class PayoutService {
  /** For how long an approval counts. */
  private readonly approvalMs: number;

  constructor(
    private readonly database: Database,
    private readonly units: Units,
    private readonly merchants: Merchants,
    @Inject(ServiceClient) private readonly client: Pick<ServiceClient, 'request'>,
    private readonly wake: Wake,
    private readonly payees: PayeeStore,
    @Inject(ServiceEnv) env: Pick<ServiceEnv, 'count'>,
  ) {
    this.approvalMs = env.count('PAYOUT_APPROVAL_HOURS', 72) * hourMs;
  }

  /** One payout. @throws ProblemError 404 */
  async find(key: PayoutKey): Promise<HeldPayout> {
    const [held] = await loadPayouts(this.database, [key]);
    if (held === undefined) throw notFound(`The shop has no payout ${key.payoutId}.`);
    return held;
  }

  /** Does what is wanted. @throws ProblemError 403, 404 or 409 */
  async act(order: ActOrder): Promise<void> {
    const seen = await this.find(order.key);
    const { state } = seen.payout;
    if (order.act === 'retry' && ['failed', 'cancelled', 'returned'].includes(state)) {
      await this.restate(order);
      return;
    }
    if (order.act === 'cancel' || order.act === 'reject') await this.refuseIfPaid(seen);
    await this.units.run(async (unit) => {
      const [held] = await loadPayouts(unit.tx, [order.key], 'lock');
      if (held === undefined) throw notFound(`The shop has no payout ${order.key.payoutId}.`);
      if (held.payout.seq !== seen.payout.seq) {
        throw conflict('changed-meanwhile', 'The payout has moved meanwhile; look and try again.');
      }
      const { act, caller, reason } = order;
      const actor = await this.actorOf(unit.tx, order, held.payout);
      const verdict = decideAct(held.payout, act, actor, unit.now);
      if (verdict.kind === 'refused') {
        if (verdict.code === 'maker-may-not-approve')
          throw forbidden(verdict.code, verdict.message);
        throw conflict(verdict.code, verdict.message);
      }
      await recordVerdicts(unit, [{ held, decision: verdict.decision }]);
      const { payout } = verdict.decision;
      await audit(unit.tx, {
        caller,
        action: `payout.${act}`,
        subject: { type: 'payout', id: payout.payoutId },
        shopId: payout.shopId,
        before: { state: held.payout.state, reason: held.payout.reason },
        after: { state: payout.state, reason: payout.reason },
        reason,
        at: unit.now,
      });
    });
    this.wake.now();
  }

  private async actorOf(tx: Tx, order: ActOrder, payout: Payout): Promise<Actor> {
    const { caller, reason, believedHash = null } = order;
    const changers = await this.payees.changersOf(tx, [payout]);
    const payee = (await this.payees.load(tx, [payout])).get(payeeKey(payout));
    return {
      userId: caller.subject,
      reason,
      hasChangedAccount: changers.get(payeeKey(payout)) === caller.subject,
      hash: approvalHashOf(payout, payee?.account ?? null),
      believedHash,
      approvalMs: this.approvalMs,
    };
  }

  /**
   * What was given to Alipay once is ended only when Alipay, asked now, says that nothing moved.
   * A merchant that was changed cannot be asked; its last answer was a refusal that says so.
   */
  private async refuseIfPaid({ payout }: HeldPayout): Promise<void> {
    if (payout.appId === null) return;
    const merchant = await this.merchants.of(payout.shopId);
    if (merchant === null || merchant.appId !== payout.appId) return;
    const answer = await merchant.ask(payout);
    if (answer.kind === 'not-found' || answer.kind === 'ended') return;
    const detail = 'It was given to Alipay, which does not say now that nothing moved; retry it.';
    throw conflict('may-be-paid', detail);
  }

  /** The money of a final payout stands in its give-back, which the ledger's owner states. */
  private async restate({ key, reason, caller }: ActOrder): Promise<void> {
    const answer = await this.client.request<{ code?: string; detail?: string } | null>({
      service: 'settlement-calculator',
      method: 'POST',
      path: `/internal/shops/${key.shopId}/payouts/${key.payoutId}/restate`,
      body: { reason },
      caller,
    });
    if (answer.status >= 200 && answer.status < 300) return;
    if (answer.status === 404) {
      throw conflict('already-stated', 'Its give-back is stated by the next run of its kind.');
    }
    const code = answer.body?.code ?? 'already-stated';
    const detail = answer.body?.detail ?? 'Its give-back is stated by a run.';
    throw conflict(code, detail);
  }
}
