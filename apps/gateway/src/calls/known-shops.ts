import { Inject, Injectable } from '@nestjs/common';
import { notFound, ServiceClient } from '@qingfen/hosting';
import type { Caller } from '@qingfen/security';
import { bodyOrRefusal } from './bodies.js';

/** Tells a shop in which there is nothing from one that is not there. */
@Injectable()
export class KnownShops {
  constructor(@Inject(ServiceClient) private readonly client: ServiceClient) {}

  /**
   * To be asked when a list has come out empty: a service that keeps copies knows nothing of either.
   *
   * @throws ProblemError 404 when nobody has created the shop
   */
  async insist(shopId: string, caller: Caller): Promise<void> {
    const path = `/internal/shops/${encodeURIComponent(shopId)}`;
    const call = { service: 'rules', method: 'GET', path, caller } as const;
    const answer = await this.client.request<unknown>(call);
    if (answer.status === 404) throw notFound(`There is no shop "${shopId}".`);
    bodyOrRefusal(answer);
  }
}

/** Whether an answer is a list, or a trial balance, of nothing. */
export function isNothing(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return ['items', 'currencies'].some((name) => {
    const list: unknown = Reflect.get(body, name);
    return Array.isArray(list) && list.length === 0;
  });
}
