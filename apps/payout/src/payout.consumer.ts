import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { topics } from '@qingfen/contracts';
import { Intake, type Batch } from '@qingfen/messaging';
import { PayeeService } from './payee.service.js';
import { PayoutIntake } from './payout-intake.js';
import { Wake } from './wake.js';

/** Hands batches of topics to the rooms, and wakes the senders when they are committed. */
@Controller()
export class PayoutConsumer {
  constructor(
    private readonly intake: Intake,
    private readonly payouts: PayoutIntake,
    private readonly payees: PayeeService,
    private readonly wake: Wake,
  ) {}

  @EventPattern<string>(topics.payoutRequested)
  async onPayoutsRequested(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'payout-requested'>(batch, (unit, events) => {
      return this.payouts.take(unit, events);
    });
    this.wake.now();
  }

  @EventPattern<string>(topics.payeeUpserted)
  async onPayeesUpserted(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'payee-upserted'>(batch, (unit, events) => {
      return this.payees.applyTold(unit, events);
    });
    this.wake.now();
  }

  /** A refund may have taken splits of its order back: Alipay is asked. */
  @EventPattern<string>(topics.orderRefunded)
  async onRefunds(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'order-refunded'>(batch, (unit, events) => {
      return this.payouts.hearRefunds(unit, events);
    });
    this.wake.now();
  }

  @EventPattern<string>(topics.shopUpserted)
  async onShopsUpserted(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'shop-upserted'>(batch, (unit, events) => {
      return this.payouts.takeShops(unit, events);
    });
  }
}
