import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { topics } from '@qingfen/contracts';
import { Intake, type Batch } from '@qingfen/messaging';
import { AlertService } from './alert.service.js';
import { DeliveryService } from './delivery.service.js';
import { DigestService } from './digest.service.js';
import { NameService } from './name.service.js';

/** Hands batches of topics to the services that decide. */
@Controller()
export class NotificationConsumer {
  constructor(
    private readonly intake: Intake,
    private readonly alerts: AlertService,
    private readonly deliveries: DeliveryService,
    private readonly digests: DigestService,
    private readonly names: NameService,
  ) {}

  @EventPattern<string>(topics.statementIssued)
  async onStatementsIssued(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'statement-issued'>(batch, (unit, events) => {
      return this.deliveries.noteStatements(unit, events);
    });
  }

  @EventPattern<string>(topics.planChangeAnnounced)
  async onPlanChanges(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'plan-change-announced'>(batch, (unit, events) => {
      return this.deliveries.notePlanChanges(unit, events);
    });
  }

  @EventPattern<string>(topics.payoutResult)
  async onPayoutResults(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'payout-result'>(batch, (unit, events) => {
      return this.deliveries.notePayouts(unit, events);
    });
  }

  @EventPattern<string>(topics.payeeUpserted)
  async onPayeesUpserted(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'payee-upserted'>(batch, (unit, events) => {
      return this.names.keepPayees(unit, events);
    });
  }

  @EventPattern<string>(topics.shopUpserted)
  async onShopsUpserted(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'shop-upserted'>(batch, (unit, events) => {
      return this.names.keepShops(unit, events);
    });
  }

  @EventPattern<string>(topics.alertRaised)
  async onAlertsRaised(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'alert-raised'>(batch, (unit, events) => {
      return this.alerts.apply(unit, events);
    });
  }

  @EventPattern<string>(topics.reconciliationCompleted)
  async onReconciliations(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'reconciliation-completed'>(batch, (unit, events) => {
      return this.digests.note(unit, events);
    });
  }

  /** Judged here, because this service dead-letters them; heads are kept by whoever exports them from the topic. */
  @EventPattern<string>(topics.ledgerHead)
  async onLedgerHeads(@Payload() batch: Batch): Promise<void> {
    await this.intake.take<'ledger-head'>(batch, () => Promise.resolve());
  }
}
