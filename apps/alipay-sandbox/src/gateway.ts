import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorPage, payPage } from './batch-page.js';
import { checkCall, checkSigned, parseBiz } from './checks.js';
import type { CheckedCall, Checked } from './checks.js';
import { realNowMs } from './clock.js';
import { faultFor, planOf } from './faults.js';
import type { FaultPlan } from './faults.js';
import { numberIn, textOf } from './fields.js';
import { METHODS } from './method-names.js';
import { HANDLERS } from './methods.js';
import type { MerchantKeys, Node, Params } from './protocol.js';
import type { FaultRecord, RequestRecord } from './records.js';
import { refusal, success } from './refusals.js';
import { checkV3Call } from './v3.js';
import type { V3Request } from './v3.js';
import { BAD_GATEWAY, v2Wire, v3Wire } from './wire.js';
import type { Reply, Wire } from './wire.js';
import type { World } from './world.js';

/** Alipay's gateway for both protocols: checks, faults, business, book, answer. */
export class Gateway {
  /** Numbers that are being worked on: a second call of one is told to wait. */
  readonly #inProcess = new Set<string>();
  readonly #perSecond = new Map<string, { second: number; count: number }>();

  constructor(private readonly world: World) {}

  /** Serves one call of protocol v2. Nothing is answered before it is in the book. */
  serve(params: Params, origin: string): Promise<Reply> {
    const checked = checkCall(params, (appId) => this.world.merchant(appId));
    return this.#serve(checked, v2Wire(params, origin));
  }

  /** The page to which a payer's signed link leads. */
  async servePage(params: Params): Promise<Reply> {
    const { state, clock } = this.world;
    const signed = checkSigned(params, (appId) => this.world.merchant(appId));
    const node = signed.ok ? success({}) : signed.node;
    const verified = signed.ok || signed.verified;
    await this.world.commit([this.#logged(v2Wire(params, ''), { node, verified })]);
    if (!signed.ok) return errorPage(textOf(signed.node, 'sub_code'));
    return payPage(state, signed.call.merchant, signed.call.biz, clock.nowMs());
  }

  /** Serves one call of protocol v3, by the same handlers. */
  serveV3(request: V3Request, origin: string): Promise<Reply> {
    const { checked, ...known } = checkV3Call(request, (appId) => this.world.merchant(appId));
    return this.#serve(checked, v3Wire(known, origin));
  }

  async #serve(checked: Checked, wire: Wire): Promise<Reply> {
    this.world.work += 1;
    if (!checked.ok) return this.#refuse(wire, checked.keys, checked.node, checked.verified);
    const { call } = checked;
    const lock = HANDLERS[call.method].lockOf?.(call) ?? null;
    const busy = lock !== null && this.#inProcess.has(lock);
    if (busy) return this.#refuse(wire, call.keys, refusal(busySubCode(call)), true);
    const over = this.#overRate(call);
    if (over !== undefined) return this.#refuse(wire, call.keys, refusal(over), true);
    const fault = this.#takeFault(call);
    const plan = planOf(fault);
    if (!plan.executes) return this.#withoutEffect(wire, call, plan, fault);
    return this.#withEffect(wire, call, plan, fault, lock);
  }

  async #refuse(
    wire: Wire,
    keys: MerchantKeys | null,
    node: Node,
    verified: boolean,
  ): Promise<Reply> {
    await this.world.commit([this.#logged(wire, { node, verified })]);
    return wire.write(node, keys, 'right');
  }

  async #withoutEffect(
    wire: Wire,
    call: CheckedCall,
    plan: FaultPlan,
    fault: FaultRecord | undefined,
  ): Promise<Reply> {
    const node = plan.node ?? refusal('SYSTEM_ERROR');
    await this.world.commit([this.#logged(wire, { node, verified: true, fault, plan })]);
    return reply(wire, node, call.keys, plan);
  }

  /**
   * Between the decision and its effect no other call is served; the answer waits for the book. The
   * number is free as soon as the effect is there: a repeat's answer stands behind it in the book.
   */
  async #withEffect(
    wire: Wire,
    call: CheckedCall,
    plan: FaultPlan,
    fault: FaultRecord | undefined,
    lock: string | null,
  ): Promise<Reply> {
    if (lock !== null) this.#inProcess.add(lock);
    if (plan.delayMs > 0) await sleep(plan.delayMs);
    let node: Node;
    let durable: Promise<void>;
    try {
      const { state, clock } = this.world;
      const { fate, billFlaw } = plan;
      const circumstances = { at: clock.nowMs(), fate, billFlaw, origin: wire.origin };
      const result = HANDLERS[call.method].decide(state, call, circumstances);
      node = plan.node ?? result.node;
      const { executed } = result;
      const request = this.#logged(wire, { node, verified: true, fault, plan, executed });
      durable = this.world.commit([...result.records, request]);
    } finally {
      if (lock !== null) this.#inProcess.delete(lock);
    }
    await durable;
    return reply(wire, node, call.keys, plan);
  }

  #takeFault(call: CheckedCall): FaultRecord | undefined {
    const { state } = this.world;
    const fault = faultFor(state, {
      appId: call.merchant.terms.appId,
      method: call.method,
      outBizNo: numberIn(call.biz),
      identities: HANDLERS[call.method].identitiesIn?.(state, call) ?? [],
    });
    if (fault === undefined) return undefined;
    void this.world.commit([{ t: 'fault-hit', id: fault.record.id }]).catch(() => undefined);
    return fault.record;
  }

  /** The sub-code of the rate that this call is above, in real seconds. */
  #overRate(call: CheckedCall): string | undefined {
    const { perSecond, settlePerSecond } = this.world.state.settings.limits;
    const isSettle = call.method === METHODS.settle.method;
    if (perSecond === null && !isSettle) return undefined;
    const who = `${call.merchant.terms.appId}|${call.method}`;
    const second = Math.floor(realNowMs() / 1000);
    const counted = this.#perSecond.get(who);
    const count = counted?.second === second ? counted.count + 1 : 1;
    this.#perSecond.set(who, { second, count });
    if (perSecond !== null && count > perSecond) return 'isv.method-call-limited';
    const isAbove = isSettle && typeof settlePerSecond === 'number' && count > settlePerSecond;
    return isAbove ? 'ACQ.FREQUENCY_LIMITED' : undefined;
  }

  #logged(
    wire: Wire,
    what: {
      node: Node;
      verified: boolean;
      fault?: FaultRecord | undefined;
      plan?: FaultPlan;
      executed?: boolean;
    },
  ): RequestRecord {
    const { node, plan } = what;
    const { appId, method, bizText } = wire;
    const says = plan === undefined || plan.outgoing === 'answer';
    const word = (name: string): string | null => textOf(node, name) || null;
    return {
      t: 'request',
      at: this.world.clock.nowMs(),
      realAt: wire.cameAt,
      appId,
      method,
      outBizNo: numberIn(parseBiz(bizText) ?? {}),
      verified: what.verified,
      answer: says
        ? { code: word('code') ?? '', subCode: word('sub_code'), status: word('status') }
        : null,
      fault: what.fault?.fault ?? null,
      executed: what.executed ?? false,
      bizContentSha256:
        bizText === '' ? null : createHash('sha256').update(bizText, 'utf8').digest('hex'),
    };
  }
}

/** What a second call of a number is told while the first is being worked on. */
function busySubCode({ method }: CheckedCall): string {
  return method.startsWith('alipay.trade.') ? 'ACQ.SYSTEM_ERROR' : 'REQUEST_PROCESSING';
}

function reply(wire: Wire, node: Node, keys: MerchantKeys, plan: FaultPlan): Reply {
  switch (plan.outgoing) {
    case 'hang':
      return { kind: 'hang', forMs: plan.hangMs };
    case 'reset':
      return { kind: 'reset' };
    case 'http-502':
      return BAD_GATEWAY;
    case 'truncated': {
      const written = wire.write(node, keys, plan.signing);
      return { ...written, body: written.body.slice(0, Math.floor(written.body.length / 2)) };
    }
    case 'answer':
      return wire.write(node, keys, plan.signing);
  }
}
