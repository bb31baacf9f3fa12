import { Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { AuthController } from './access/auth.controller.js';
import { Authentication } from './access/authentication.js';
import { LoginService } from './access/login.service.js';
import { PeopleService } from './access/people.service.js';
import { AccessLog } from './audit/access-log.js';
import { AccessRecorder } from './audit/access-recorder.js';
import { AuditPackageController } from './audit/audit-package.controller.js';
import { PackageSource } from './audit/package-source.js';
import { ApprovalController } from './calls/approval.controller.js';
import { IdempotentWrites } from './calls/idempotent-writes.js';
import { KnownShops } from './calls/known-shops.js';
import { OrderExportController } from './calls/order-export.controller.js';
import { PassOnController } from './calls/pass-on.controller.js';
import { PayeeController } from './calls/payee.controller.js';
import { ShopController } from './calls/shop.controller.js';
import { DailyReportFileController } from './calls/daily-report-file.controller.js';
import { ReconciliationFileController } from './calls/reconciliation-file.controller.js';
import { FileSource } from './calls/file-source.js';
import { ActsOfServicesController } from './calls/acts.controller.js';
import { StatementFileController } from './calls/statement-file.controller.js';
import { TaxSumFileController } from './calls/tax-sum-file.controller.js';
import { TemplateController } from './calls/template.controller.js';
import { ClockMover } from './clock/clock-mover.js';
import { ClockOrders } from './clock/clock-orders.js';
import { ClockService } from './clock/clock.service.js';
import { DeadLetterController } from './dead-letters/dead-letter.controller.js';
import { DeadLetterService } from './dead-letters/dead-letter.service.js';
import { Housekeeping } from './housekeeping.js';
import { NotificationController } from './notification.controller.js';
import { StatusService } from './status/status.service.js';
import { Sweeper } from './status/sweeper.js';
import { SystemController } from './status/system.controller.js';

/** The only door from outside: people, their roles, and the calls that services answer. */
@Module({
  // Routes are bound in this order: what is passed on takes all that the others have not.
  controllers: [
    AuthController,
    SystemController,
    ShopController,
    PayeeController,
    StatementFileController,
    TaxSumFileController,
    ReconciliationFileController,
    DailyReportFileController,
    OrderExportController,
    ActsOfServicesController,
    AuditPackageController,
    DeadLetterController,
    TemplateController,
    ApprovalController,
    NotificationController,
    PassOnController,
  ],
  providers: [
    AccessLog,
    AccessRecorder,
    Authentication,
    ClockMover,
    ClockOrders,
    ClockService,
    DeadLetterService,
    Housekeeping,
    IdempotentWrites,
    KnownShops,
    LoginService,
    PeopleService,
    FileSource,
    PackageSource,
    StatusService,
    Sweeper,
  ],
})
export class GatewayModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(AccessRecorder).forRoutes('api/v1/{*path}');
  }
}
