import { describe, expect, it } from '@jest/globals';
import { type CompletedOrder, dayAfter, instantOf } from '@qingfen/testing';

import type { FileMessage } from '../half-year/message.js';
import { changingShop, factsShop, mixedShop, plannedShops, tieredShop } from './shops.js';
import { fivePlans } from './story.js';

const story = fivePlans();
const told = [...story.tellings].flatMap(([day, tellings]) =>
  tellings.flat().map((message) => ({ day, message })),
);

function ordersOf(shopId: string): readonly CompletedOrder[] {
  return told.flatMap(({ message: { topic, value } }) =>
    topic === 'order-completed' && value.data.shopId === shopId ? [value.data] : [],
  );
}

function countOf(messages: readonly FileMessage[], shopId: string): number {
  return messages.filter(({ value }) => value.data.shopId === shopId).length;
}

describe('the story of five plans', () => {
  it('tells every shop all that the files have, under names of its own', () => {
    const messages = told.map(({ message }) => message);
    for (const { shopId } of plannedShops) {
      expect(ordersOf(shopId)).toHaveLength(4_575);
      const orders = messages.filter(({ topic }) => topic !== 'payee-upserted');
      expect(countOf(orders, shopId)).toBe(4_794);
      expect(countOf(story.payees, shopId)).toBeGreaterThan(300);
    }
    const names = [...story.payees, ...messages].map(({ value: { source, id } }) => source + id);
    expect(new Set(names).size).toBe(names.length);
  });

  it('dresses orders up with what each plan is about', () => {
    const mixed = ordersOf(mixedShop.shopId).flatMap(({ items }) => items);
    expect(mixed.filter(({ subsidy }) => subsidy !== undefined).length).toBeGreaterThan(1_000);
    const own = ordersOf(tieredShop.shopId).filter(
      ({ buyerPayeeId, distributors }) =>
        buyerPayeeId !== undefined && distributors.includes(buyerPayeeId),
    );
    expect(own.length).toBeGreaterThan(300);
    const facts = ordersOf(factsShop.shopId);
    expect(facts.every(({ alipayTradeNo }) => alipayTradeNo !== undefined)).toBe(true);
    const changing = ordersOf(changingShop.shopId).flatMap(({ items }) => items);
    expect(changing.filter(({ kind }) => kind === 'shipping').length).toBeGreaterThan(300);
  });

  it('tells payees and refunds before the orders whose rates follow them', () => {
    const both = [...story.tellings.values()].filter((tellings) => tellings.length === 2);
    expect(both.length).toBeGreaterThan(50);
    for (const [first = [], second = []] of both) {
      expect(first.every(({ topic }) => topic !== 'order-completed')).toBe(true);
      const late = second.filter(
        ({ topic, value }) => topic !== 'order-completed' && value.data.shopId === factsShop.shopId,
      );
      expect(late).toEqual([]);
    }
  });

  it('publishes a version, and withdraws one, behind orders that it concerns', () => {
    const publications = [...story.acts].flatMap(([day, acts]) =>
      acts.flatMap((act) => (act.what === 'publish' ? [{ ...act, day }] : [])),
    );
    expect(publications).toHaveLength(3);
    const ahead = publications.map(({ day, effectiveFrom }) => {
      const fromMs = Date.parse(effectiveFrom ?? '2011-03-01T00:00:00+08:00');
      expect(fromMs).toBeGreaterThan(instantOf(dayAfter(day)));
      return told.filter(
        ({ day: toldOn, message: { topic, value } }) =>
          topic === 'order-completed' &&
          value.data.shopId === changingShop.shopId &&
          toldOn <= day &&
          Date.parse(value.data.paidAt) >= fromMs,
      ).length;
    });
    // After its notice nothing is told too early; the withdrawn version is published long before.
    expect(ahead).toEqual([0, 0, 50]);
    expect(story.acts.get('2011-05-09')).toEqual([
      { what: 'withdraw', shopId: changingShop.shopId, version: 3 },
    ]);
  });
});
