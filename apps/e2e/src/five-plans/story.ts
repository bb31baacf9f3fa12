import { type CompletedOrder, dayAfter, dayOf } from '@qingfen/testing';

import { readOrderMessages, readPayeeMessages } from '../half-year/data-files.js';
import type { FileMessage } from '../half-year/message.js';
import type { OwnerAct, Story, Telling } from '../half-year/story.js';
import { dressed } from './dressing.js';
import { isOfPayee, newsDays, peopleAtFirst, peopleOn } from './people.js';
import { latePlan, middlePlan, withdrawnPlan } from './plans.js';
import { changingShop, factsShop, type PlannedShop, plannedShops } from './shops.js';

/** Whose payees every shop has: both shops of the file name the same. */
const payeesOfShop = 'shop-1';

/** At these midnights the changing shop's order system has told the orders of a week ahead. */
const ahead = ['2011-04-11', '2011-05-09'] as const;
const aheadDays = 8;
const [late, mistaken] = ahead;
const { shopId } = changingShop;

/** At the midnights that end these days the changing shop's owner acts. */
const acts: ReadonlyMap<string, readonly OwnerAct[]> = new Map([
  ['2010-12-31', [{ what: 'notice', shopId, days: 14 }]],
  // In force fourteen days later, on March 1.
  ['2011-02-14', [{ what: 'publish', shopId, plan: middlePlan }]],
  [
    '2011-03-31',
    [
      { what: 'notice', shopId, days: 0 },
      {
        what: 'publish',
        shopId,
        plan: withdrawnPlan,
        effectiveFrom: `${dayAfter(mistaken)}T12:00:00+08:00`,
      },
    ],
  ],
  // Orders paid after this noon are told already: they are bound anew.
  [
    late,
    [
      {
        what: 'publish',
        shopId,
        plan: latePlan,
        effectiveFrom: `${dayAfter(late)}T12:00:00+08:00`,
      },
    ],
  ],
  [mistaken, [{ what: 'withdraw', shopId, version: 3 }]],
]);

/** The half year of the files, told to a shop under each of five plans. */
export function fivePlans(): Story {
  const files = readOrderMessages();
  const orders = ordersById(files);
  const payees = readPayeeMessages().filter(({ value }) => value.data.shopId === payeesOfShop);
  const people = payees.map((message) => dressed(message, factsShop, orders)).filter(isOfPayee);
  const days = new Map<string, FileMessage[]>();
  for (const shop of plannedShops) {
    for (const message of files) {
      const day = dayTold(message, shop);
      days.set(day, [...(days.get(day) ?? []), dressed(message, shop, orders)]);
    }
  }
  for (const day of newsDays) {
    days.set(day, [...peopleOn(day, people), ...(days.get(day) ?? [])]);
  }
  return {
    shops: plannedShops,
    payees: plannedShops.flatMap((shop): Telling =>
      shop === factsShop
        ? peopleAtFirst(people)
        : payees.map((message) => dressed(message, shop, orders)),
    ),
    tellings: new Map([...days].map(([day, messages]) => [day, tellingsOf(messages)])),
    acts,
    buyers: new Map(),
  };
}

function ordersById(messages: readonly FileMessage[]): ReadonlyMap<string, CompletedOrder> {
  const orders = new Map<string, CompletedOrder>();
  for (const { topic, value } of messages) {
    if (topic === 'order-completed') orders.set(value.data.orderId, value.data);
  }
  return orders;
}

/** The day of its time, unless the order system of the shop was ahead of it. */
function dayTold({ topic, value }: FileMessage, shop: PlannedShop): string {
  const day = dayOf(Date.parse(value.time));
  if (shop !== changingShop || topic !== 'order-completed') return day;
  return ahead.find((early) => day > early && day <= dayAfter(early, aheadDays)) ?? day;
}

/** Rates follow facts as they are when an order comes: payees and refunds are heard before it is told. */
function tellingsOf(messages: readonly FileMessage[]): readonly Telling[] {
  const isFact = ({ topic, value }: FileMessage): boolean =>
    topic !== 'order-completed' && value.data.shopId === factsShop.shopId;
  const [first, rest] = [messages.filter(isFact), messages.filter((each) => !isFact(each))];
  return [first, rest].filter((telling) => telling.length > 0);
}
