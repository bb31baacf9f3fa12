import type { ExpectedPart } from '../parts.js';
import type { ReferenceKind, ReferenceVersion } from '../plan-in-force.js';
import { shanghai } from '../shanghai.js';
import type { ReferenceZone } from '../zone.js';
import type { ReferenceEntry } from './entry.js';
import type { CompletedOrder, Refund, UpsertedPayee } from './told.js';

type Item = CompletedOrder['items'][number];

/** One line of an order: what is left of it, and what each party is owed of that. */
export interface ReferenceOrderLine {
  readonly item: Item;
  /** What was paid for it, subsidy included, before any refund. */
  readonly paidFen: bigint;
  amountFen: bigint;
  subsidyFen: bigint;
  /** By who, as what: a payee on two levels is two parties. */
  readonly parties: Map<string, Party>;
}

/** Whoever is owed a part of a line; the platform and the shop itself have no entries here. */
export interface Party {
  readonly who: 'platform-fee' | 'own-goods' | 'commission' | 'supplier';
  readonly payeeId: string;
  readonly level: number;
  owedFen: bigint;
  entry: ReferenceEntry | null;
}

export interface ReferenceOrder {
  readonly data: CompletedOrder;
  readonly paidMs: number;
  readonly completedMs: number;
  /** On the clocks of the shop, `YYYY-MM`. */
  readonly completedMonth: string;
  readonly lines: readonly ReferenceOrderLine[];
  /** The version that it is bound to; null where none fits. */
  version: ReferenceVersion | null;
  /** Bound by an operator: no later version binds it anew, and it needs no evidence. */
  isBoundByHand: boolean;
  isSettledOutside: boolean;
  /** What its dynamic rates follow, as it was when it came; by `<fact> <payee>`. */
  readonly facts: Map<string, string>;
  /** How much of its goods runs have counted for its team; null where none has. */
  countedFen: bigint | null;
}

export interface KeptRefund {
  readonly data: Refund;
  state: 'waiting' | 'applied' | 'refused' | 'reversed';
}

export interface KeptDispute {
  opened: string | null;
  resolved: string | null;
}

/** Why money waits; it is free when nothing holds it. */
export interface Hold {
  readonly on: 'order' | 'payee' | 'give-back';
  readonly id: string;
  readonly reason: 'dispute' | 'refund-refused' | 'operator' | 'payee-account';
  /** Of several of one reason each has its own. */
  readonly key: string;
  /** The account that did not work; undefined of other reasons. */
  readonly account?: string | null;
}

export interface KnownPayee {
  readonly data: UpsertedPayee;
  readonly toldMs: number;
}

/** What one run owes one payee. */
export interface ReferenceStatement {
  readonly statementId: string;
  readonly kind: ReferenceKind;
  readonly period: string;
  readonly payeeId: string;
  readonly netFen: bigint;
  readonly entries: readonly ReferenceEntry[];
  readonly payouts: readonly ReferencePayout[];
}

export interface ReferencePayout extends ExpectedPart {
  readonly statementId: string;
  readonly kind: ReferenceKind;
  readonly payeeId: string;
  /** The payee's account when the payout was asked for. */
  readonly account: string;
  status: 'succeeded' | 'failed' | 'cancelled' | 'returned' | null;
  seq: number;
}

export interface Recovery {
  readonly kind: ReferenceKind;
  readonly payeeId: string;
  readonly fen: bigint;
  state: 'demanded' | 'received' | 'withdrawn';
}

/** Everything that is known of one shop. */
export interface ShopState {
  readonly shopId: string;
  nowMs: number;
  /** The most that one payout carries, in yuan. */
  transferMax: string;
  /** Where its days begin. */
  zone: ReferenceZone;
  readonly versions: ReferenceVersion[];
  readonly orders: Map<string, ReferenceOrder>;
  /** By order and refund, in the order in which they were heard. */
  readonly refunds: Map<string, KeptRefund>;
  /** When a refund was reversed, by order and refund. */
  readonly reversals: Map<string, number>;
  readonly disputes: Map<string, KeptDispute>;
  /** The latest close of a window that was told, by order and completion. */
  readonly evidence: Map<string, number>;
  readonly payees: Map<string, KnownPayee>;
  readonly holds: Set<Hold>;
  /** Entries on no statement, in the order in which they came. */
  readonly open: Set<ReferenceEntry>;
  readonly outside: ReferenceEntry[];
  readonly statements: Map<string, ReferenceStatement>;
  readonly payouts: Map<string, ReferencePayout>;
  readonly recoveries: Recovery[];
  /** Up to when runs of a kind have been noted. */
  readonly notedUntilMs: Map<ReferenceKind, number>;
  readonly runs: string[];
  /** What teams were left with below zero. */
  readonly teamCarryFen: Map<string, bigint>;
  /** Performance and reward of teams, run by run. */
  readonly performances: string[];
  /** Executed runs in a row that left a payee in debt, by kind and payee. */
  readonly debtRuns: Map<string, number>;
  rewardedFen: bigint;
  adjustedFen: bigint;
}

export function newShopState(shopId: string): ShopState {
  return {
    shopId,
    nowMs: 0,
    transferMax: '50000.00',
    zone: shanghai,
    versions: [],
    orders: new Map(),
    refunds: new Map(),
    reversals: new Map(),
    disputes: new Map(),
    evidence: new Map(),
    payees: new Map(),
    holds: new Set(),
    open: new Set(),
    outside: [],
    statements: new Map(),
    payouts: new Map(),
    recoveries: [],
    notedUntilMs: new Map(),
    runs: [],
    teamCarryFen: new Map(),
    performances: [],
    debtRuns: new Map(),
    rewardedFen: 0n,
    adjustedFen: 0n,
  };
}
