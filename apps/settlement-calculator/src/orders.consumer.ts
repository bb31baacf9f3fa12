import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TopicBarrier } from '@qingfen/hosting';
import { Intake, type Batch } from '@qingfen/messaging';
import { AccrualService } from './accrual.service.js';
import { CorrectionService } from './correction.service.js';
import { groups } from './groups.js';
import { HoldService } from './hold.service.js';

/** Orders, each batch after every plan that stood on the plan topic when it was fetched. */
@Controller()
export class OrdersConsumer {
  constructor(
    @Inject(Intake) private readonly intake: Intake,
    @Inject(TopicBarrier) private readonly barrier: TopicBarrier,
    @Inject(AccrualService) private readonly accrual: AccrualService,
    @Inject(CorrectionService) private readonly corrections: CorrectionService,
    @Inject(HoldService) private readonly holds: HoldService,
  ) {}

  @EventPattern<string>('order-completed')
  async onCompleted(@Payload() batch: Batch): Promise<void> {
    await this.barrier.passed({
      group: groups.rest,
      topic: 'settlement-plan-published',
      heartbeat: () => batch.heartbeat(),
    });
    await this.intake.take<'order-completed'>(batch, (unit, events) =>
      this.accrual.complete(unit, events),
    );
  }

  @EventPattern<string>('order-refunded')
  onRefunded(@Payload() batch: Batch): Promise<void> {
    return this.intake.take<'order-refunded'>(batch, (unit, events) =>
      this.corrections.refund(unit, events),
    );
  }

  @EventPattern<string>('order-refund-reversed')
  onRefundReversed(@Payload() batch: Batch): Promise<void> {
    return this.intake.take<'order-refund-reversed'>(batch, (unit, events) =>
      this.corrections.reverse(unit, events),
    );
  }

  @EventPattern<string>('order-disputed')
  onDisputed(@Payload() batch: Batch): Promise<void> {
    return this.intake.take<'order-disputed'>(batch, (unit, events) =>
      this.holds.open(unit, events),
    );
  }

  @EventPattern<string>('order-dispute-resolved')
  onDisputeResolved(@Payload() batch: Batch): Promise<void> {
    return this.intake.take<'order-dispute-resolved'>(batch, (unit, events) =>
      this.holds.resolve(unit, events),
    );
  }
}
