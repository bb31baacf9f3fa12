import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TopicBarrier } from '@qingfen/hosting';
import { Intake, type Batch } from '@qingfen/messaging';
import { AccrualService } from './accrual.service.js';
import { groups } from './groups.js';

/** Orders, each batch after every plan that stood on the plan topic when it was fetched. */
@Controller()
export class OrdersConsumer {
  constructor(
    @Inject(Intake) private readonly intake: Intake,
    @Inject(TopicBarrier) private readonly barrier: TopicBarrier,
    @Inject(AccrualService) private readonly accrual: AccrualService,
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
}
