import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Intake, type Batch } from '@qingfen/messaging';
import { CopiesService } from './copies.service.js';
import { NoticeWorker } from './notice.worker.js';
import { ResultService } from './result.service.js';
import { RunWorker } from './run.worker.js';

/** Plans, shops, payees, closed windows and payout results. */
@Controller()
export class RestConsumer {
  constructor(
    @Inject(Intake) private readonly intake: Intake,
    @Inject(CopiesService) private readonly copies: CopiesService,
    @Inject(ResultService) private readonly results: ResultService,
    @Inject(RunWorker) private readonly worker: RunWorker,
    @Inject(NoticeWorker) private readonly notices: NoticeWorker,
  ) {}

  @EventPattern<string>('settlement-plan-published')
  async onPlans(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'settlement-plan-published'>(batch, (unit, events) =>
      this.copies.keepPlans(unit, events),
    );
    this.worker.wake();
    this.notices.wake();
  }

  @EventPattern<string>('shop-upserted')
  async onShops(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'shop-upserted'>(batch, (unit, events) =>
      this.copies.keepShops(unit, events),
    );
    this.worker.wake();
  }

  @EventPattern<string>('payee-upserted')
  onPayees(@Payload() batch: Batch): Promise<void> {
    return this.intake.take<'payee-upserted'>(batch, (unit, events) =>
      this.copies.keepPayees(unit, events),
    );
  }

  @EventPattern<string>('return-window-closed')
  async onWindowsClosed(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'return-window-closed'>(batch, (unit, events) =>
      this.copies.keepEvidence(unit, events),
    );
    this.worker.wake();
  }

  @EventPattern<string>('payout-result')
  onResults(@Payload() batch: Batch): Promise<void> {
    return this.intake.take<'payout-result'>(batch, (unit, events) =>
      this.results.note(unit, events),
    );
  }
}
