import { Module } from '@nestjs/common';
import { ExpiryStops } from '@qingfen/approvals';
import { ApprovalController } from './approval.controller.js';
import { AuditController } from './audit.controller.js';
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
import { OrderExportComparison } from './order-export-comparison.js';
import { OrderExportLook } from './order-export-look.js';
import { OrderExportController } from './order-export.controller.js';
import { OrderExportRetention } from './order-export-retention.js';
import { OrderExportService } from './order-export.service.js';
import { OrderExportWorker } from './order-export.worker.js';
import { OrderSide } from './order-side.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationWorker } from './reconciliation.worker.js';
import { ToldConsumer } from './told.consumer.js';
import { ToldService } from './told.service.js';

@Module({
  // Routes are bound in this order: the address of exports is none of a day.
  controllers: [
    BilledController,
    ToldConsumer,
    OrderExportController,
    ReconciliationController,
    DailyReportController,
    DifferenceController,
    ApprovalController,
    AuditController,
  ],
  providers: [
    ToldService,
    Heard,
    BillService,
    OrderSide,
    OrderExportLook,
    OrderExportService,
    OrderExportComparison,
    OrderExportWorker,
    OrderExportRetention,
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
