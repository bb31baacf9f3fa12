import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { resultOf } from './business.js';
import { checkCall, TRANSFER } from './checks.js';
import type { CheckedCall } from './checks.js';
import { realNowMs } from './clock.js';
import { faultFor, planOf } from './faults.js';
import type { FaultPlan } from './faults.js';
import { answerBody } from './protocol.js';
import type { MerchantKeys, Node, Params } from './protocol.js';
import { findTransfer, textOf } from './query.js';
import type { FaultRecord, RequestRecord } from './records.js';
import { refusal } from './refusals.js';
import { transferKey } from './state.js';
import type { World } from './world.js';

/** What goes back over the wire, or does not. */
export type Reply =
  | { readonly kind: 'body'; readonly text: string }
  | { readonly kind: 'http-502' }
  | { readonly kind: 'hang'; readonly forMs: number }
  | { readonly kind: 'reset' };

/** Alipay's gateway, protocol v2: checks, faults, business, book, answer. */
export class Gateway {
  /** Numbers that are being worked on: a second call of one is told to wait. */
  readonly #inProcess = new Set<string>();
  readonly #perSecond = new Map<string, { second: number; count: number }>();

  constructor(private readonly world: World) {}

  /** Serves one call. Nothing is answered before it is in the book. */
  async serve(params: Params): Promise<Reply> {
    this.world.work += 1;
    const checked = checkCall(params, (appId) => this.world.merchant(appId));
    if (!checked.ok) {
      return this.#refuse(params, checked.keys, checked.node, checked.verified);
    }
    const { call } = checked;
    const number = numberOf(call);
    const busy = number !== null && this.#inProcess.has(number);
    if (busy) return this.#refuse(params, call.keys, refusal('REQUEST_PROCESSING'), true);
    if (this.#isOverRate(call)) {
      return this.#refuse(params, call.keys, refusal('isv.method-call-limited'), true);
    }
    const fault = this.#takeFault(call);
    const plan = planOf(fault);
    if (!plan.executes) return this.#withoutEffect(params, call, plan, fault);
    return this.#withEffect(params, call, plan, fault, number);
  }

  async #refuse(
    params: Params,
    keys: MerchantKeys | null,
    node: Node,
    verified: boolean,
  ): Promise<Reply> {
    await this.world.commit([this.#logged(params, { node, verified })]);
    return body(params, node, keys, 'right');
  }

  async #withoutEffect(
    params: Params,
    call: CheckedCall,
    plan: FaultPlan,
    fault: FaultRecord | undefined,
  ): Promise<Reply> {
    const node = plan.node ?? refusal('SYSTEM_ERROR');
    await this.world.commit([this.#logged(params, { node, verified: true, fault, plan })]);
    return reply(params, node, call.keys, plan);
  }

  /** Between the decision and its effect no other call is served; the answer waits for the book. */
  async #withEffect(
    params: Params,
    call: CheckedCall,
    plan: FaultPlan,
    fault: FaultRecord | undefined,
    number: string | null,
  ): Promise<Reply> {
    if (number !== null) this.#inProcess.add(number);
    try {
      if (plan.delayMs > 0) await sleep(plan.delayMs);
      const { state, clock } = this.world;
      const { records, executed, ...result } = resultOf(state, call, plan.fate, clock.nowMs());
      const node = plan.node ?? result.node;
      const request = this.#logged(params, { node, verified: true, fault, plan, executed });
      await this.world.commit([...records, request]);
      return reply(params, node, call.keys, plan);
    } finally {
      if (number !== null) this.#inProcess.delete(number);
    }
  }

  #takeFault(call: CheckedCall): FaultRecord | undefined {
    const { state } = this.world;
    const fault = faultFor(state, {
      appId: call.merchant.terms.appId,
      method: call.method,
      outBizNo: textOf(call.biz, 'out_biz_no') || null,
      identity: this.#identityOf(call),
    });
    if (fault === undefined) return undefined;
    void this.world.commit([{ t: 'fault-hit', id: fault.record.id }]).catch(() => undefined);
    return fault.record;
  }

  #identityOf(call: CheckedCall): string | null {
    if (call.method !== TRANSFER) {
      const found = findTransfer(this.world.state, call.merchant, call.biz);
      return 'transfer' in found ? found.transfer.record.identity : null;
    }
    const payee = call.biz['payee_info'];
    if (typeof payee !== 'object' || payee === null) return null;
    return textOf({ ...payee }, 'identity') || null;
  }

  #isOverRate(call: CheckedCall): boolean {
    const { perSecond } = this.world.state.limits;
    if (perSecond === null) return false;
    const who = `${call.merchant.terms.appId}|${call.method}`;
    const second = Math.floor(realNowMs() / 1000);
    const counted = this.#perSecond.get(who);
    const count = counted?.second === second ? counted.count + 1 : 1;
    this.#perSecond.set(who, { second, count });
    return count > perSecond;
  }

  #logged(
    params: Params,
    what: {
      node: Node;
      verified: boolean;
      fault?: FaultRecord | undefined;
      plan?: FaultPlan;
      executed?: boolean;
    },
  ): RequestRecord {
    const { node, plan } = what;
    const bizText = params['biz_content'] ?? '';
    const says = plan === undefined || plan.outgoing === 'answer';
    return {
      t: 'request',
      at: this.world.clock.nowMs(),
      realAt: realNowMs(),
      appId: params['app_id'] ?? null,
      method: params['method'] ?? null,
      outBizNo: numberIn(bizText),
      verified: what.verified,
      answer: says
        ? {
            code: node['code'] ?? '',
            subCode: node['sub_code'] ?? null,
            status: node['status'] ?? null,
          }
        : null,
      fault: what.fault?.fault ?? null,
      executed: what.executed ?? false,
      bizContentSha256:
        bizText === '' ? null : createHash('sha256').update(bizText, 'utf8').digest('hex'),
    };
  }
}

function reply(params: Params, node: Node, keys: MerchantKeys, plan: FaultPlan): Reply {
  switch (plan.outgoing) {
    case 'hang':
      return { kind: 'hang', forMs: plan.hangMs };
    case 'reset':
      return { kind: 'reset' };
    case 'http-502':
      return { kind: 'http-502' };
    case 'truncated': {
      const { text } = body(params, node, keys, plan.signing);
      return { kind: 'body', text: text.slice(0, Math.floor(text.length / 2)) };
    }
    case 'answer':
      return body(params, node, keys, plan.signing);
  }
}

function body(
  params: Params,
  node: Node,
  keys: MerchantKeys | null,
  signing: FaultPlan['signing'],
): Extract<Reply, { kind: 'body' }> {
  return { kind: 'body', text: answerBody(params['method'] ?? '', node, keys, signing) };
}

/** The key of the number that a transfer is for; null for queries. */
function numberOf(call: CheckedCall): string | null {
  if (call.method !== TRANSFER) return null;
  const { appId } = call.merchant.terms;
  const [product, scene, number] = ['product_code', 'biz_scene', 'out_biz_no'].map((name) =>
    textOf(call.biz, name),
  );
  return number === undefined || number === ''
    ? null
    : transferKey(appId, product ?? '', scene ?? '', number);
}

/** The number of a request that may be anything at all. */
function numberIn(bizText: string): string | null {
  try {
    const biz: unknown = JSON.parse(bizText);
    if (typeof biz !== 'object' || biz === null) return null;
    return textOf({ ...biz }, 'out_biz_no').slice(0, 64) || null;
  } catch {
    return null;
  }
}
