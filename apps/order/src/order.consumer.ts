import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { topics } from '@qingfen/contracts';
import { TopicBarrier } from '@qingfen/hosting';
import { Intake, type Batch } from '@qingfen/messaging';
import { plansGroup } from './groups.js';
import { PlanService } from './plan.service.js';
import { WindowService } from './window.service.js';
import { WindowWorker } from './window.worker.js';

/** Hands batches of topics to the services that decide. */
@Controller()
export class OrderConsumer {
  constructor(
    private readonly intake: Intake,
    private readonly barrier: TopicBarrier,
    private readonly plans: PlanService,
    private readonly windows: WindowService,
    private readonly worker: WindowWorker,
  ) {}

  @EventPattern<string>(topics.orderCompleted)
  async onOrdersCompleted(@Payload() batch: Batch): Promise<void> {
    await this.plansApplied(batch);
    await this.intake.take<'order-completed'>(batch, (unit, events) => {
      return this.windows.noteCompletions(unit, events);
    });
    this.worker.wake(); // an old order's window may have ended before it was told
  }

  @EventPattern<string>(topics.settlementPlanPublished)
  async onPlansPublished(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'settlement-plan-published'>(batch, (unit, events) => {
      return this.plans.applyPlans(unit, events);
    });
    this.worker.wake();
  }

  @EventPattern<string>(topics.shopUpserted)
  async onShopsUpserted(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'shop-upserted'>(batch, (unit, events) => {
      return this.plans.applyShops(unit, events);
    });
  }

  /** Waits until every plan that stood on the plan topic when the batch was fetched is applied. */
  private async plansApplied(batch: Batch): Promise<void> {
    try {
      await this.barrier.passed({
        group: plansGroup,
        topic: topics.settlementPlanPublished,
        heartbeat: () => batch.heartbeat(),
      });
    } catch (error) {
      batch.noteFailure?.(error);
      throw error;
    }
  }
}
