import { Module } from '@nestjs/common';
import { AccrualService } from './accrual.service.js';
import { BalanceController } from './balance.controller.js';
import { ConfirmationController } from './confirmation.controller.js';
import { CopiesService } from './copies.service.js';
import { CorrectionService } from './correction.service.js';
import { HoldService } from './hold.service.js';
import { LedgerController } from './ledger.controller.js';
import { OrderController } from './order.controller.js';
import { OrdersConsumer } from './orders.consumer.js';
import { PlanShelf } from './plan-shelf.js';
import { RestConsumer } from './rest.consumer.js';
import { ResultService } from './result.service.js';
import { RunService } from './run.service.js';
import { RunWorker } from './run.worker.js';
import { StatementController } from './statement.controller.js';
import { TeamService } from './team.service.js';

@Module({
  controllers: [
    OrdersConsumer,
    RestConsumer,
    OrderController,
    StatementController,
    BalanceController,
    LedgerController,
    ConfirmationController,
  ],
  providers: [
    PlanShelf,
    AccrualService,
    CorrectionService,
    HoldService,
    CopiesService,
    ResultService,
    RunService,
    TeamService,
    RunWorker,
  ],
})
export class CalculatorModule {}
