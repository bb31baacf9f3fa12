import type { RequestRecord } from './records.js';

/** Every request that reached the gateway, in order. */
export class RequestLog {
  readonly all: RequestRecord[] = [];
  readonly #byNumber = new Map<string, RequestRecord[]>();

  add(record: RequestRecord): void {
    this.all.push(record);
    if (record.outBizNo === null) return;
    const sameNumber = this.#byNumber.get(record.outBizNo);
    if (sameNumber === undefined) this.#byNumber.set(record.outBizNo, [record]);
    else sameNumber.push(record);
  }

  of(outBizNo: string): readonly RequestRecord[] {
    return this.#byNumber.get(outBizNo) ?? [];
  }
}
