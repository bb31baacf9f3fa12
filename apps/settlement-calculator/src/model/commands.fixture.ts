import type { EventData } from '@qingfen/contracts';
import {
  yuanOf,
  type ReferencePayout,
  type ReferenceShop,
  type ReferenceVersion,
} from '@qingfen/testing';
import type { HeardTopic } from '../books.fixture.js';
import type { Deed, Makers } from './deed.fixture.js';
import { handMakers, reason } from './hand-commands.fixture.js';
import { refundOf } from './refund-wish.fixture.js';
import type { Wish, WishOf } from './wishes.fixture.js';
import type { World } from './world.fixture.js';

/** What of a wish can be done as things stand. */
export function deedOf(wish: Wish, world: World): Deed {
  return made(wish.what, wish, world);
}

function made<K extends Wish['what']>(what: K, wish: Wish, world: World): Deed {
  return isOf(what, wish) ? makers[what](wish, world) : null;
}

function isOf<K extends Wish['what']>(what: K, wish: Wish): wish is WishOf<K> {
  return wish.what === what;
}

const makers: Makers = {
  ...handMakers,

  complete: ({ shop, orders }, world) => {
    const { state } = world.shopAt(shop);
    const facts = orders.map((card): EventData['order-completed'] => {
      const known = state.orders.get(world.orderId(card))?.data;
      // Told before: the same again, or with other data, which must not count.
      if (known === undefined) return world.orderOf(state.shopId, card);
      return card % 2 === 0 ? known : { ...known, distributors: ['d-9'] };
    });
    const early = facts.filter(
      ({ orderId }, index) =>
        !state.orders.has(orderId) &&
        world.cardOf(orderId).window === 'early' &&
        facts.findIndex((fact) => fact.orderId === orderId) === index,
    );
    return async (player, cut) => {
      await player.hear('order-completed', facts, cut);
      const closes = early.map(({ shopId, orderId, completedAt }) => {
        return { shopId, orderId, completedAt, closedAt: completedAt };
      });
      await player.hear('return-window-closed', closes);
    };
  },

  refund: ({ shop, refunds }, world) => {
    const { state } = world.shopAt(shop);
    const facts = refunds.flatMap((wanted) => refundOf(world, state, wanted) ?? []);
    if (facts.length === 0) return null;
    return async (player, cut) => {
      await player.hear('order-refunded', facts, cut);
    };
  },

  reverse: ({ shop, order, refund, isLate, isAgain }, world) => {
    const { shopId, refunds, reversals } = world.shopAt(shop).state;
    const come = isLate ? [...refunds.values()].map(({ data }) => data) : [];
    const { orderId, refundId } = come[(order * 4 + refund) % Math.max(come.length, 1)] ?? {
      orderId: world.orderId(order),
      refundId: `r-${refund}`,
    };
    const knownMs = reversals.get(`${orderId} ${refundId}`);
    const at = isAgain && knownMs !== undefined ? new Date(knownMs).toISOString() : world.hours(-1);
    return hearing('order-refund-reversed', { shopId, orderId, refundId, at });
  },

  dispute: ({ shop, order, dispute }, world) => {
    const { shopId } = world.shopAt(shop).state;
    const [orderId, disputeId] = [world.orderId(order), `x-${dispute}`];
    const openedAt = world.hours(-2);
    return hearing('order-disputed', { shopId, orderId, disputeId, openedAt, reason });
  },

  resolve: ({ shop, order, dispute }, world) => {
    const { shopId } = world.shopAt(shop).state;
    const [orderId, disputeId] = [world.orderId(order), `x-${dispute}`];
    return hearing('order-dispute-resolved', {
      shopId,
      orderId,
      disputeId,
      resolvedAt: world.hours(0),
    });
  },

  closeWindow: ({ shop, order, hours }, world) => {
    const { state } = world.shopAt(shop);
    const known = state.orders.get(world.orderId(order));
    if (known === undefined) return null;
    const { shopId, orderId, completedAt } = known.data;
    const closedMs = world.windowEndOf(known) + hours * 3_600_000;
    const closedAt = new Date(closedMs).toISOString();
    return hearing('return-window-closed', { shopId, orderId, completedAt, closedAt });
  },

  pass:
    ({ hours, isAway, replicas }) =>
    (player, cut) =>
      player.pass(hours, { away: isAway, replicas, cut }),

  publish: ({ shop, plan, hours, isBoundAtOnce }, world) => {
    const { shopId, versions } = world.shopAt(shop).state;
    const version = world.versionOf(shopId, { number: versions.length + 1, plan, hours });
    return hearingOfPlan(version, isBoundAtOnce);
  },

  withdraw: ({ shop, version: number, isBoundAtOnce }, world) => {
    const { state } = world.shopAt(shop);
    const known = state.versions[number];
    if (known === undefined || known.isWithdrawn === true || leavesNone(state, known)) return null;
    const { shopId, version, effectiveFrom, publishedAt = effectiveFrom } = known;
    const hash = world.hashOf(known);
    const plan = { ...known.plan };
    const withdrawnAt = new Date(Date.parse(effectiveFrom) - 1).toISOString();
    const told = { shopId, version, plan, hash, publishedAt, effectiveFrom, withdrawnAt };
    return hearingOfPlan(told, isBoundAtOnce);
  },

  payee: ({ shop, payee: payeeId, account, team, isLeader, isKnownCustomer, level }, world) => {
    const { shopId } = world.shopAt(shop).state;
    return hearing('payee-upserted', {
      shopId,
      payeeId,
      name: payeeId,
      roles: isLeader ? ['distributor', 'team-leader'] : ['distributor'],
      tasks: isKnownCustomer ? ['kyc'] : [],
      ...(team === null ? {} : { teamId: team }),
      ...(level === undefined ? {} : { level }),
      ...(account === null ? {} : { alipay: world.accountOf(payeeId, account) }),
    });
  },

  results: ({ shop, outcomes }, world) => {
    const { state } = world.shopAt(shop);
    const underWay = [...state.payouts.values()].filter(({ status }) => status === null);
    const facts = underWay.slice(0, 8).flatMap((payout, index) => {
      const outcome = outcomes[index % outcomes.length] ?? 'none';
      return outcome === 'none' ? [] : [resultOf(world, state.shopId, payout, outcome)];
    });
    if (facts.length === 0) return null;
    return async (player, cut) => {
      await player.hear('payout-result', facts, cut);
    };
  },

  contradictResult: ({ shop, payout: number, outcome }, world) => {
    const { state } = world.shopAt(shop);
    const ended = [...state.payouts.values()].filter(({ status }) => status !== null);
    const payout = ended[number % Math.max(ended.length, 1)];
    if (payout === undefined || outcome === 'none') return null;
    return hearing('payout-result', resultOf(world, state.shopId, payout, outcome));
  },

  limit: ({ shop, transferMax }, world) =>
    hearing('shop-upserted', world.shopFact(world.shopAt(shop).state.shopId, transferMax)),

  bindAnew: () => (player, cut) => player.bindAnew(cut),

  restart: () => (player) => {
    player.restart();
    return Promise.resolve();
  },

  look: () => (player) => player.look('in the middle'),
};

/** Everything that may be wished for. */
export const wishNames: readonly string[] = Object.keys(makers);

function hearing<T extends HeardTopic>(topic: T, fact: EventData[T]): Deed {
  return async (player, cut) => {
    await player.hear(topic, [fact], cut);
  };
}

/**
 * Whether an order that is on a statement would be left without a version. That does not come to pass:
 * rules withdraws versions before they are in force, and says so before the next.
 */
function leavesNone({ orders, versions }: ReferenceShop['state'], one: ReferenceVersion): boolean {
  const isFirst = versions.every(
    ({ effectiveFrom, isWithdrawn }) =>
      isWithdrawn === true || Date.parse(effectiveFrom) >= Date.parse(one.effectiveFrom),
  );
  const bound = [...orders.values()].filter(({ version }) => version === one);
  const parties = bound.flatMap(({ lines }) => lines).flatMap((line) => [...line.parties.values()]);
  return isFirst && parties.some(({ entry }) => entry !== null && entry.place !== 'open');
}

/** The worker looks for orders that a version binds anew at once, or before the next runs. */
function hearingOfPlan(
  version: EventData['settlement-plan-published'],
  isBoundAtOnce: boolean,
): Deed {
  return async (player, cut) => {
    await player.hear('settlement-plan-published', [version], cut);
    if (isBoundAtOnce) await player.bindAnew();
  };
}

function resultOf(
  world: World,
  shopId: string,
  payout: ReferencePayout,
  outcome: Exclude<WishOf<'contradictResult'>['outcome'], 'none'>,
): EventData['payout-result'] {
  const { payoutId, statementId, payeeId, kind, fen, seq } = payout;
  return {
    shopId,
    payoutId,
    statementId,
    payeeId,
    kind,
    status: outcome === 'account' ? 'failed' : outcome,
    ...(outcome === 'account' ? { payeeFault: true } : {}),
    seq: seq + 2,
    amount: yuanOf(fen),
    currency: 'CNY',
    at: world.hours(outcome === 'cancelled' ? -1 : 0),
  };
}
