import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** Events that were processed: the primary key is what makes a second delivery harmless. */
@Entity('processed_event')
export class ProcessedEvent {
  @PrimaryColumn('text') id: string;
  @Column('timestamptz') processedAt: Date;
}

@Entity('plan_version')
@Index(['shopId', 'effectiveFrom'])
export class PlanVersion {
  @PrimaryColumn('text') shopId: string;
  @PrimaryColumn('integer') version: number;
  @Column('timestamptz') effectiveFrom: Date;
  @Column('integer') returnWindowDays: number;
  @Column('numeric', { precision: 9, scale: 6 }) feeRate: string;
  @Column('numeric', { precision: 9, scale: 6, array: true }) levelRates: string[];
}

@Entity('completed_order')
@Index(['shopId', 'completedAt'])
export class CompletedOrder {
  @PrimaryColumn('text') shopId: string;
  @PrimaryColumn('text') orderId: string;
  @Column('text') currency: string;
  @Column('timestamptz') paidAt: Date;
  @Column('timestamptz') completedAt: Date;
  @Column('text', { nullable: true }) alipayTradeNo: string | null;
  @Column('integer') planVersion: number;
}

@Entity('order_item')
export class OrderItem {
  @PrimaryColumn('text') shopId: string;
  @PrimaryColumn('text') orderId: string;
  @PrimaryColumn('text') itemId: string;
  @Column('text') supplierId: string;
  @Column('text') kind: string;
  @Column('numeric', { precision: 18, scale: 2 }) amount: string;
  @Column('numeric', { precision: 18, scale: 2 }) subsidy: string;
}

/** Who is owed what; runs look for what matures, people for what a payee is owed. */
@Entity('entry')
@Index(['shopId', 'orderId'])
@Index(['shopId', 'payeeId', 'maturesAt'])
export class Entry {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('text') shopId: string;
  @Column('text') orderId: string;
  @Column('text') itemId: string;
  @Column('text') kind: string;
  @Column('integer', { nullable: true }) level: number | null;
  @Column('text', { nullable: true }) payeeId: string | null;
  @Column('numeric', { precision: 18, scale: 2 }) amount: string;
  @Column('timestamptz') maturesAt: Date;
}

@Entity('ledger_transaction')
@Index(['shopId', 'orderId'], { unique: true })
export class LedgerTransaction {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('text') shopId: string;
  @Column('text') orderId: string;
  @Column('timestamptz') bookedAt: Date;
}

/** Debits positive, credits negative. */
@Entity('posting')
@Index(['transactionId'])
@Index(['shopId', 'account'])
export class Posting {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column('bigint') transactionId: string;
  @Column('text') shopId: string;
  @Column('text') account: string;
  @Column('numeric', { precision: 18, scale: 2 }) amount: string;
}

export const naiveEntities = [
  ProcessedEvent,
  PlanVersion,
  CompletedOrder,
  OrderItem,
  Entry,
  LedgerTransaction,
  Posting,
];
