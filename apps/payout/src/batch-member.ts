import type { WaitReason } from '@qingfen/core-payout';
import { invariant } from '@qingfen/money';
import { makeBatch } from './alipay-batches.js';
import { batchNoOf } from './batch.store.js';
import type { Verdict } from './decision.store.js';
import type { Merchant, RequestFacts } from './merchant.js';
import type { HeldPayout } from './payout.store.js';
import type { ShopScene } from './send-scene.store.js';

/** A payout that may go now, and by whom. */
export interface Ready {
  readonly held: HeldPayout;
  readonly merchant: Merchant;
  readonly account: RequestFacts['account'] | null;
  readonly shopName: string;
}

/** The payouts of a group, as they were judged one by one. */
export interface Judged {
  readonly ready: readonly Ready[];
  readonly others: readonly Verdict[];
  /** Those of which nothing was decided: not requested, or nothing can be said of them now. */
  readonly rest: readonly HeldPayout[];
}

/** What its payment is made of. @throws InvariantError for one that has no account */
export function factsOf({ held, account, shopName }: Ready): RequestFacts {
  invariant(account !== null, 'what is ready to be sent first has an account');
  return { payout: held.payout, account, shopName };
}

/** Why Alipay would refuse it for its form; null: it would not. */
export function problemOf(one: Ready): string | null {
  const { appId, batchMode: mode } = one.merchant;
  const batchNo = batchNoOf([one.held.payout]);
  const made = makeBatch({ appId, batchNo, mode, members: [factsOf(one)] });
  return 'problem' in made ? made.problem : null;
}

/** What the payee sees where nothing else is said. */
export function shopNameOf(scene: ShopScene | undefined, { payout }: HeldPayout): string {
  return scene?.shopName ?? payout.shopId;
}

/** For what the rest of a batch waits: what one of it waits for, else it is tried again in a minute. */
export function waitOf(others: readonly Verdict[], rest: readonly HeldPayout[]): WaitReason {
  const payouts = [
    ...others.map(({ decision }) => decision.payout),
    ...rest.map((one) => one.payout),
  ];
  const waiting = payouts.find(({ state }) => state === 'waiting');
  const reason = waiting?.reason as WaitReason | undefined;
  return reason === undefined || reason === 'confirmation' ? 'rate' : reason;
}
