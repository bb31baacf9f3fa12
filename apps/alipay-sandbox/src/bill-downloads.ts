import { setTimeout as sleep } from 'node:timers/promises';

import { appIdIn, billFileAt } from './bill-address.js';
import { billZip } from './bill-file.js';
import { realNowMs } from './clock.js';
import { faultFor, planOf } from './faults.js';
import type { FaultPlan } from './faults.js';
import type { FaultRecord } from './records.js';
import { BAD_GATEWAY } from './wire.js';
import type { Reply, Written } from './wire.js';
import type { World } from './world.js';

const PART = 'bill-file';

/** Serves the files whose addresses the gateway gave: plain GET, no signature. */
export class BillDownloads {
  constructor(private readonly world: World) {}

  async serve(query: URLSearchParams): Promise<Reply> {
    this.world.work += 1;
    const appId = appIdIn(query);
    const merchant = this.world.state.money.merchants.get(appId ?? '');
    const file = merchant && billFileAt(query, merchant.terms, realNowMs());
    if (merchant === undefined || file === undefined) {
      await this.#log(appId, null, undefined);
      return page(403, '下载链接已失效');
    }
    const number = `${file.period.type}:${file.period.date}`;
    const fault = this.#fault(merchant.terms.appId, number);
    await this.#log(appId, number, fault);
    const plan = planOf(fault);
    if (plan.delayMs > 0) await sleep(plan.delayMs);
    const body = await billZip(merchant, file);
    const headers = { 'content-type': 'application/octet-stream' };
    return faulty({ kind: 'body', status: 200, headers, body }, plan);
  }

  #fault(appId: string, outBizNo: string): FaultRecord | undefined {
    const { state } = this.world;
    return faultFor(state, { appId, method: PART, outBizNo, identities: [] })?.record;
  }

  #log(
    appId: string | null,
    outBizNo: string | null,
    fault: FaultRecord | undefined,
  ): Promise<void> {
    return this.world.commit([
      ...(fault === undefined ? [] : [{ t: 'fault-hit', id: fault.id } as const]),
      {
        t: 'request',
        at: this.world.clock.nowMs(),
        realAt: realNowMs(),
        appId,
        method: PART,
        outBizNo,
        verified: outBizNo !== null,
        answer: null,
        fault: fault?.fault ?? null,
        executed: false,
        bizContentSha256: null,
      },
    ]);
  }
}

function faulty(whole: Written, plan: FaultPlan): Reply {
  switch (plan.outgoing) {
    case 'hang':
      return { kind: 'hang', forMs: plan.hangMs };
    case 'reset':
      return { kind: 'reset' };
    case 'http-502':
      return BAD_GATEWAY;
    case 'truncated':
      return { ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) };
    case 'answer':
      return whole;
  }
}

function page(status: number, text: string): Written {
  const headers = { 'content-type': 'text/html;charset=utf-8' };
  return { kind: 'body', status, headers, body: `<html><body>${text}</body></html>` };
}
