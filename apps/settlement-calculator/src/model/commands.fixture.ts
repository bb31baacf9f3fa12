import type { EventData } from '@qingfen/contracts';
import {
  adjust,
  bindByHand,
  debtOf,
  demand,
  endRecovery,
  holdByHand,
  mendPayee,
  releaseOrder,
  releasePayee,
  retry,
  yuanOf,
  type ReferencePayout,
  type ReferenceShop,
} from '@qingfen/testing';
import type { HeardTopic } from '../books.fixture.js';
import { maker, type Desk } from '../manual.fixture.js';
import type { Player } from './player.fixture.js';
import { refundOf } from './refund-wish.fixture.js';
import type { Wish, WishOf } from './wishes.fixture.js';
import type { Cut } from './workshop.fixture.js';
import type { World } from './world.fixture.js';

/** What a wish comes to, done to both; null where there is nothing to be done. */
export type Deed = ((player: Player, cut: Cut | null) => Promise<void>) | null;

type Makers = { readonly [K in Wish['what']]: (wish: WishOf<K>, world: World) => Deed };

const caller = maker;
const reason = 'the model wants it';

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

  reverse: ({ shop, order, refund, isAgain }, world) => {
    const { shopId, reversals } = world.shopAt(shop).state;
    const [orderId, refundId] = [world.orderId(order), `r-${refund}`];
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
    if (known === undefined || known.isWithdrawn === true) return null;
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

  holdPayee: ({ shop, payee: payeeId }, world) =>
    payeeDeed(world.shopAt(shop), payeeId, 'hold payee', holdByHandOf('payee'), (desk, act) =>
      desk.run((unit) => desk.holds.holdPayee(unit, act)),
    ),

  releasePayee: ({ shop, payee: payeeId, isMended }, world) =>
    isMended
      ? payeeDeed(world.shopAt(shop), payeeId, 'mend payee', mendPayee, (desk, act) =>
          desk.run((unit) => desk.holds.mendPayee(unit, act)),
        )
      : payeeDeed(world.shopAt(shop), payeeId, 'release payee', releasePayee, (desk, act) =>
          desk.run((unit) => desk.holds.releasePayee(unit, act)),
        ),

  holdOrder: ({ shop, order }, world) =>
    orderDeed(world, { shop, order }, 'hold order', holdByHandOf('order'), (desk, act) =>
      desk.run((unit) => desk.holds.holdOrder(unit, act)),
    ),

  releaseOrder: ({ shop, order }, world) =>
    orderDeed(world, { shop, order }, 'release order', releaseOrder, (desk, act) =>
      desk.run((unit) => desk.holds.releaseOrder(unit, act)),
    ),

  adjust: ({ shop, payee: payeeId, kind, amount, order }, world) => {
    const { state } = world.shopAt(shop);
    if (!state.payees.has(payeeId)) return null;
    const wanted = order === null ? undefined : state.orders.get(world.orderId(order))?.data;
    if (wanted !== undefined && wanted.currency !== 'CNY') return null;
    const body = { payeeId, kind, amount, reason, ...(wanted && { orderId: wanted.orderId }) };
    const call = { shopId: state.shopId, caller, body };
    return async (player, cut) => {
      await expectDone(
        player.act('adjust', (desk) => desk.run((u) => desk.adjustments.create(u, call)), cut),
      );
      adjust(state, body);
    };
  },

  bind: ({ shop, order, version: number, isOutside }, world) => {
    const { state } = world.shopAt(shop);
    const known = state.orders.get(world.orderId(order));
    const version = state.versions[number];
    const isFit = known?.version === null && known.data.currency === 'CNY';
    if (known === undefined || version === undefined || version.isWithdrawn === true || !isFit) {
      return null;
    }
    const body = { version: version.version, settledOutside: isOutside, reason };
    const act = { shopId: state.shopId, orderId: known.data.orderId, caller, body };
    return async (player, cut) => {
      await expectDone(
        player.act('bind', (desk) => desk.run((unit) => desk.bindings.bind(unit, act)), cut),
      );
      bindByHand(state, known, { version, isSettledOutside: isOutside });
    };
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

  retry: ({ shop, payout: number }, world) => {
    const { state } = world.shopAt(shop);
    const payouts = [...state.payouts.values()].filter(({ status }) => status !== 'succeeded');
    const payout = payouts[number % Math.max(payouts.length, 1)];
    if (payout === undefined) return null;
    const { payoutId } = payout;
    const act = { shopId: state.shopId, payoutId, caller, reason };
    return async (player, cut) => {
      const outcome = await player.act(
        'retry',
        (desk) => desk.run((unit) => desk.restatements.restate(unit, act)),
        cut,
      );
      const wanted = retry(state, payoutId);
      const said = outcome === 'not refused' ? 'stated' : outcome.replace(/^409 /, '');
      const isSame = wanted === 'refused' ? /^409 (?!already)/.test(outcome) : said === wanted;
      if (!isSame) throw new Error(`a retry of ${payoutId} is ${outcome}, and should be ${wanted}`);
    };
  },

  demand: ({ shop, payee: payeeId, kind, isAll }, world) => {
    const { state } = world.shopAt(shop);
    const debtFen = debtOf(state, kind, payeeId);
    if (debtFen === 0n || !state.payees.has(payeeId)) return null;
    const amount = yuanOf(isAll ? debtFen : (debtFen + 1n) / 2n);
    const call = { shopId: state.shopId, caller, body: { payeeId, kind, amount, reason } };
    return async (player, cut) => {
      await expectDone(
        player.act('demand', (desk) => desk.run((u) => desk.recoveries.demand(u, call)), cut),
      );
      demand(state, { payeeId, kind, amount });
    };
  },

  endDemand: ({ shop, recovery: number, isReceived }, world) => {
    const { state } = world.shopAt(shop);
    const index = state.recoveries.findIndex(
      (recovery, place) => place >= number % 3 && recovery.state === 'demanded',
    );
    if (index === -1) return null;
    return async (player, cut) => {
      const recoveryId = await player.recoveryId(state.shopId, index);
      const act = { shopId: state.shopId, recoveryId, caller, reason };
      await expectDone(
        player.act(
          isReceived ? 'receive' : 'withdraw demand',
          (desk) =>
            desk.run((unit) =>
              isReceived ? desk.recoveries.receipt(unit, act) : desk.recoveries.withdraw(unit, act),
            ),
          cut,
        ),
      );
      endRecovery(state, index, isReceived ? 'received' : 'withdrawn');
    };
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

type Act = { readonly shopId: string; readonly caller: typeof caller; readonly reason: string };

function payeeDeed(
  { state }: ReferenceShop,
  payeeId: string,
  what: string,
  model: (state: ReferenceShop['state'], payeeId: string) => void,
  work: (desk: Desk, act: Act & { readonly payeeId: string }) => Promise<unknown>,
): Deed {
  if (!state.payees.has(payeeId)) return null;
  const act = { shopId: state.shopId, payeeId, caller, reason };
  return async (player, cut) => {
    await expectDone(player.act(what, (desk) => work(desk, act), cut));
    model(state, payeeId);
  };
}

function orderDeed(
  world: World,
  at: { readonly shop: number; readonly order: number },
  what: string,
  model: (state: ReferenceShop['state'], orderId: string) => void,
  work: (desk: Desk, act: Act & { readonly orderId: string }) => Promise<unknown>,
): Deed {
  const { state } = world.shopAt(at.shop);
  const orderId = world.orderId(at.order);
  if (!state.orders.has(orderId)) return null;
  const act = { shopId: state.shopId, orderId, caller, reason };
  return async (player, cut) => {
    await expectDone(player.act(what, (desk) => work(desk, act), cut));
    model(state, orderId);
  };
}

function holdByHandOf(on: 'order' | 'payee') {
  return (state: ReferenceShop['state'], id: string): void => {
    holdByHand(state, on, id);
  };
}

async function expectDone(outcome: Promise<string>): Promise<void> {
  const said = await outcome;
  if (said !== 'not refused') throw new Error(`what may be done was refused: ${said}`);
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
