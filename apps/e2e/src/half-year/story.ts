import { dayOf, type ReferencePlan } from '@qingfen/testing';

import type { BuyerAct } from './buyers.js';
import type { FileMessage } from './message.js';

/** A shop as it stands before its first order. */
export interface StoryShop {
  readonly shopId: string;
  readonly name: string;
  readonly timezone: string;
  readonly transferMax: string;
  readonly plan: ReferencePlan;
}

/** What a shop's owner does. */
export type OwnerAct =
  | { readonly what: 'notice'; readonly shopId: string; readonly days: number }
  | {
      readonly what: 'publish';
      readonly shopId: string;
      readonly plan: ReferencePlan;
      /** Left out: as soon as the shop's notice allows. */
      readonly effectiveFrom?: string;
    }
  | { readonly what: 'withdraw'; readonly shopId: string; readonly version: number };

/** What is published together, in any order: what an answer rests on is told before it. */
export type Telling = readonly FileMessage[];

/** What a passage lives through. */
export interface Story {
  readonly shops: readonly StoryShop[];
  /** Known before the first order. */
  readonly payees: readonly FileMessage[];
  /** What is told of a day, one telling after the other; a day with nothing is not there. */
  readonly tellings: ReadonlyMap<string, readonly Telling[]>;
  /** What owners do at the midnight that ends a day, when all of its tellings are heard. */
  readonly acts: ReadonlyMap<string, readonly OwnerAct[]>;
  /** What buyers do at Alipay on a day; empty where nobody asks what was paid there. */
  readonly buyers: ReadonlyMap<string, readonly BuyerAct[]>;
}

/** Messages by the Shanghai day of their time. */
export function byDay(messages: readonly FileMessage[]): ReadonlyMap<string, FileMessage[]> {
  const days = new Map<string, FileMessage[]>();
  for (const message of messages) {
    const day = dayOf(Date.parse(message.value.time));
    const others = days.get(day);
    if (others === undefined) days.set(day, [message]);
    else others.push(message);
  }
  return days;
}
