import { Module } from '@nestjs/common';
import { ExpiryStops } from '@qingfen/approvals';
import { AccountLogController } from './account-log.controller.js';
import { AccountLogService } from './account-log.service.js';
import { AccountLogWorker } from './account-log.worker.js';
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
import { OrderClearingController } from './order-clearing.controller.js';
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
import { TradeSide } from './trade-side.js';

@Module({
  // Routes are bound in this order: the address of exports is none of a day.
  controllers: [
    BilledController,
    ToldConsumer,
    OrderExportController,
    OrderClearingController,
    AccountLogController,
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
    TradeSide,
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
    AccountLogService,
    AccountLogWorker,
    ExpiryStops,
  ],
})
export class ReconciliationModule {}
