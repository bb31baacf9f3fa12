import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { topics } from '@qingfen/contracts';
import { Intake, type Batch } from '@qingfen/messaging';
import { ToldService } from './told.service.js';

/** Hands batches of topics to what keeps them. */
@Controller()
export class ToldConsumer {
  constructor(
    private readonly intake: Intake,
    private readonly told: ToldService,
  ) {}

  @EventPattern<string>(topics.shopUpserted)
  async onShops(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'shop-upserted'>(batch, (unit, events) =>
      this.told.noteShops(unit, events),
    );
  }

  @EventPattern<string>(topics.orderCompleted)
  async onOrders(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'order-completed'>(batch, (unit, events) =>
      this.told.noteOrders(unit, events),
    );
  }

  @EventPattern<string>(topics.orderRefunded)
  async onRefunds(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'order-refunded'>(batch, (unit, events) =>
      this.told.noteRefunds(unit, events),
    );
  }

  @EventPattern<string>(topics.orderRefundReversed)
  async onReversals(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'order-refund-reversed'>(batch, (unit, events) =>
      this.told.noteReversals(unit, events),
    );
  }

  @EventPattern<string>(topics.statementIssued)
  async onStatements(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'statement-issued'>(batch, (unit, events) =>
      this.told.noteStatements(unit, events),
    );
  }

  @EventPattern<string>(topics.payoutRequested)
  async onPayouts(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'payout-requested'>(batch, (unit, events) =>
      this.told.notePayouts(unit, events),
    );
  }

  @EventPattern<string>(topics.payoutResult)
  async onResults(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'payout-result'>(batch, (unit, events) =>
      this.told.noteResults(unit, events),
    );
  }
}
