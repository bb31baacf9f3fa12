import { Injectable } from '@nestjs/common';
import { Big } from 'big.js';
import { DataSource, LessThanOrEqual, type DeepPartial, type EntityManager } from 'typeorm';
import { rowKeeper, type KeepRows, type NaiveStyle } from './keep-rows.js';
import type { Order } from '../orders.js';
import {
  CompletedOrder,
  Entry,
  LedgerTransaction,
  OrderItem,
  PlanVersion,
  Posting,
  ProcessedEvent,
} from './entities.js';
import { splitNaively } from './naive-split.js';

const dayMs = 86_400_000;

/** An event as Nest's transport hands it over. */
export interface OrderEvent {
  readonly id: string;
  readonly source: string;
  readonly data: Order;
}

interface Booked {
  readonly entries: DeepPartial<Entry>[];
  readonly accounts: ReadonlyMap<string, Big>;
}

/**
 * What a competent team writes first: one transaction for one message, repositories, big.js, all rows
 * of one kind in one call, and a unique key that makes a second delivery harmless.
 */
@Injectable()
export class NaiveService {
  private readonly keep: KeepRows;

  constructor(
    private readonly source: DataSource,
    style: NaiveStyle,
  ) {
    this.keep = rowKeeper(style);
  }

  /** Safe to call twice with one event. */
  async complete(event: OrderEvent, now: Date): Promise<void> {
    await this.source.transaction(async (manager) => {
      if (await wasProcessed(manager, event, now)) return;
      const { data: order } = event;
      const { shopId, orderId } = order;
      const plan = await manager.getRepository(PlanVersion).findOneOrFail({
        where: { shopId, effectiveFrom: LessThanOrEqual(new Date(order.paidAt)) },
        order: { effectiveFrom: 'DESC' },
      });
      await this.keepOrder(manager, order, plan.version);
      const { entries, accounts } = bookOrder(order, plan);
      await this.keep(manager, Entry, entries);
      const transaction = { shopId, orderId, bookedAt: now };
      const [transactionId] = await this.keep(manager, LedgerTransaction, [transaction]);
      await this.keep(
        manager,
        Posting,
        [...accounts].map(([account, amount]) => {
          return { transactionId, shopId, account, amount: amount.toFixed(2) };
        }),
      );
    });
  }

  private async keepOrder(
    manager: EntityManager,
    order: Order,
    planVersion: number,
  ): Promise<void> {
    const { shopId, orderId, currency } = order;
    const row = {
      shopId,
      orderId,
      currency,
      paidAt: new Date(order.paidAt),
      completedAt: new Date(order.completedAt),
      alipayTradeNo: order.alipayTradeNo ?? null,
      planVersion,
    };
    await this.keep(manager, CompletedOrder, [row]);
    await this.keep(
      manager,
      OrderItem,
      order.items.map(({ itemId, supplierId, kind = 'goods', amount, subsidy = '0.00' }) => {
        return { shopId, orderId, itemId, supplierId, kind, amount, subsidy };
      }),
    );
  }
}

async function wasProcessed(
  manager: EntityManager,
  { source, id }: OrderEvent,
  now: Date,
): Promise<boolean> {
  const { raw } = await manager
    .createQueryBuilder()
    .insert()
    .into(ProcessedEvent)
    .values({ id: `${source}#${id}`, processedAt: now })
    .orIgnore()
    .returning('id')
    .execute();
  return Array.isArray(raw) && raw.length === 0;
}

function bookOrder(order: Order, plan: PlanVersion): Booked {
  const { shopId, orderId } = order;
  const maturesAt = new Date(Date.parse(order.completedAt) + plan.returnWindowDays * dayMs);
  const terms = {
    platformFee: { rate: plan.feeRate },
    commission: { levels: plan.levelRates.map((rate) => ({ rate })) },
  };
  const entries: DeepPartial<Entry>[] = [];
  const accounts = new Map<string, Big>();
  const move = (account: string, amount: Big): void => {
    if (!amount.eq(0)) accounts.set(account, (accounts.get(account) ?? new Big(0)).plus(amount));
  };
  for (const item of order.items) {
    const { itemId, supplierId, subsidy = '0' } = item;
    const split = splitNaively(item, order.distributors, terms);
    const owe = (
      account: string,
      owed: { kind: string; level: number | null; payeeId: string | null; amount: string },
    ): void => {
      if (new Big(owed.amount).eq(0)) return;
      entries.push({ shopId, orderId, itemId, maturesAt, ...owed });
      move(account, new Big(owed.amount).neg());
    };
    const fee = { kind: 'platform-fee', level: null, payeeId: null, amount: split.fee };
    owe('revenue:platform-fee', fee);
    for (const { level, payeeId, owed } of split.levels) {
      const commission = { kind: 'commission', level, payeeId, amount: owed };
      owe(`payable:commission:${payeeId}`, commission);
    }
    const supplier = { kind: 'supplier', level: null, payeeId: supplierId, amount: split.supplier };
    owe(`payable:supplier:${supplierId}`, supplier);
    move('clearing', new Big(item.amount).plus(subsidy));
    move('expense:subsidy', new Big(subsidy));
    move('clearing', new Big(subsidy).neg());
    if (order.alipayTradeNo === undefined) {
      move('owner', new Big(item.amount));
      move('clearing', new Big(item.amount).neg());
    }
  }
  return { entries, accounts };
}
