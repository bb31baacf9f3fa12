import { fenOf, type ReferenceKind, yuanOf } from '@qingfen/testing';

import type { ExpectedStatement, ReferenceWorld } from './world.js';

/** How much was compared of one shop, or of several. Amounts in yuan. */
export interface Figures {
  readonly orders: number;
  readonly refundsApplied: number;
  readonly refundsWaiting: number;
  readonly statements: Readonly<Record<ReferenceKind, number>>;
  readonly paid: Readonly<Record<ReferenceKind, string>>;
  readonly transfers: number;
  readonly statementsInParts: number;
  /** Payees of different shops are different ones. */
  readonly payees: number;
}

export function figuresOf(world: ReferenceWorld, shopId: string): Figures {
  const { orders, refunds } = world.shop(shopId).state;
  const own = world.statements.filter((statement) => statement.shopId === shopId);
  const states = [...refunds.values()].map(({ state }) => state);
  const byKind = <T>(of: (statements: readonly ExpectedStatement[]) => T) => ({
    commission: of(own.filter(({ kind }) => kind === 'commission')),
    supplier: of(own.filter(({ kind }) => kind === 'supplier')),
    'team-reward': of(own.filter(({ kind }) => kind === 'team-reward')),
  });
  return {
    orders: orders.size,
    refundsApplied: states.filter((state) => state === 'applied').length,
    refundsWaiting: states.filter((state) => state === 'waiting').length,
    statements: byKind((statements) => statements.length),
    paid: byKind((statements) => yuanOf(statements.reduce((sum, { netFen }) => sum + netFen, 0n))),
    transfers: own.reduce((sum, { parts }) => sum + parts.length, 0),
    statementsInParts: own.filter(({ parts }) => parts.length > 1).length,
    payees: new Set(own.map(({ payeeId }) => payeeId)).size,
  };
}

/** Several shops together. @throws TypeError for none */
export function together(shops: readonly Figures[]): Figures {
  return shops.reduce((one, other) => ({
    orders: one.orders + other.orders,
    refundsApplied: one.refundsApplied + other.refundsApplied,
    refundsWaiting: one.refundsWaiting + other.refundsWaiting,
    statements: {
      commission: one.statements.commission + other.statements.commission,
      supplier: one.statements.supplier + other.statements.supplier,
      'team-reward': one.statements['team-reward'] + other.statements['team-reward'],
    },
    paid: {
      commission: sum(one.paid.commission, other.paid.commission),
      supplier: sum(one.paid.supplier, other.paid.supplier),
      'team-reward': sum(one.paid['team-reward'], other.paid['team-reward']),
    },
    transfers: one.transfers + other.transfers,
    statementsInParts: one.statementsInParts + other.statementsInParts,
    payees: one.payees + other.payees,
  }));
}

function sum(one: string, other: string): string {
  return yuanOf(fenOf(one) + fenOf(other));
}
