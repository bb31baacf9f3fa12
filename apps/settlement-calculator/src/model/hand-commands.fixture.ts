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
  type ReferenceKind,
  type ReferenceShop,
} from '@qingfen/testing';
import { maker, type Desk } from '../manual.fixture.js';
import { kinds } from './deck.fixture.js';
import type { Makers, Deed } from './deed.fixture.js';
import type { World } from './world.fixture.js';

const caller = maker;
export const reason = 'the model wants it';

type HandMade =
  | 'holdPayee'
  | 'releasePayee'
  | 'holdOrder'
  | 'releaseOrder'
  | 'adjust'
  | 'bind'
  | 'retry'
  | 'demand'
  | 'endDemand';

/** What people do by hand. */
export const handMakers: Pick<Makers, HandMade> = {
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
        player.act(
          'adjust',
          (desk) => desk.run((u) => desk.adjustments.create(u, { ...call, limit: desk.limit })),
          cut,
        ),
      );
      adjust(state, body);
    };
  },

  bind: ({ shop, order, version: number, isOutside }, world) => {
    const { state } = world.shopAt(shop);
    const unbound = [...state.orders.values()].filter(
      ({ version: bound, data }) => bound === null && data.currency === 'CNY',
    );
    const known = unbound[order % Math.max(unbound.length, 1)];
    const version = state.versions[number % Math.max(state.versions.length, 1)];
    if (known === undefined || version === undefined || version.isWithdrawn === true) return null;
    const body = { version: version.version, settledOutside: isOutside, reason };
    const act = { shopId: state.shopId, orderId: known.data.orderId, caller, body };
    return async (player, cut) => {
      await expectDone(
        player.act('bind', (desk) => desk.run((unit) => desk.bindings.bind(unit, act)), cut),
      );
      bindByHand(state, known, { version, isSettledOutside: isOutside });
    };
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

  demand: ({ shop, debt: number, isAll }, world) => {
    const { state } = world.shopAt(shop);
    const debts = debtsOf(state);
    const debt = debts[number % Math.max(debts.length, 1)];
    if (debt === undefined) return null;
    const { payeeId, kind, fen } = debt;
    const amount = yuanOf(isAll ? fen : (fen + 1n) / 2n);
    const call = { shopId: state.shopId, caller, body: { payeeId, kind, amount, reason } };
    return async (player, cut) => {
      await expectDone(
        player.act(
          'demand',
          (desk) => desk.run((u) => desk.recoveries.demand(u, { ...call, limit: desk.limit })),
          cut,
        ),
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
};

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

/** Who owes the shop money, of which kind. */
function debtsOf(
  state: ReferenceShop['state'],
): { readonly kind: ReferenceKind; readonly payeeId: string; readonly fen: bigint }[] {
  return kinds
    .flatMap((kind) => [...state.payees.keys()].map((payeeId) => ({ kind, payeeId })))
    .map((of) => ({ ...of, fen: debtOf(state, of.kind, of.payeeId) }))
    .filter(({ fen }) => fen > 0n);
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
