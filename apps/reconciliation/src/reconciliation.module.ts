import { Module } from '@nestjs/common';
import { ExpiryStops } from '@qingfen/approvals';
import { ApprovalController } from './approval.controller.js';
import { BilledController } from './billed.controller.js';
import { BillService } from './bill.service.js';
import { BookingService } from './booking.service.js';
import { ComparisonService } from './comparison.service.js';
import { DailyReportController } from './daily-report.controller.js';
import { DailyReportService } from './daily-report.service.js';
import { DayService } from './day.service.js';
import { DifferenceController } from './difference.controller.js';
import { DifferenceService } from './difference.service.js';
import { Heard } from './heard.js';
import { OrderSide } from './order-side.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationWorker } from './reconciliation.worker.js';
import { ToldConsumer } from './told.consumer.js';
import { ToldService } from './told.service.js';

@Module({
  controllers: [
    BilledController,
    ToldConsumer,
    ReconciliationController,
    DailyReportController,
    DifferenceController,
    ApprovalController,
  ],
  providers: [
    ToldService,
    Heard,
    BillService,
    OrderSide,
    ComparisonService,
    DifferenceService,
    BookingService,
    DayService,
    DailyReportService,
    ReconciliationWorker,
    ExpiryStops,
  ],
})
export class ReconciliationModule {}
