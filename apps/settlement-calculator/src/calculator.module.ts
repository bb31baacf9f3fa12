import { Module } from '@nestjs/common';
import { ExpiryStops, RiskLimits } from '@qingfen/approvals';
import { LOGGER, ServiceEnv } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import type { Logger } from '@qingfen/telemetry';
import { Accounts } from './account.store.js';
import { AccrualService } from './accrual.service.js';
import { AdjustmentController } from './adjustment.controller.js';
import { AdjustmentService } from './adjustment.service.js';
import { ApprovalController } from './approval.controller.js';
import { ApprovalService } from './approval.service.js';
import { ArchiveService } from './archive.service.js';
import { AuditController } from './audit.controller.js';
import { AuditService } from './audit.service.js';
import { BalanceController } from './balance.controller.js';
import { BillBookingService } from './bill-booking.service.js';
import { BindingService } from './binding.service.js';
import { ClosingService } from './closing.service.js';
import { ConfirmationController } from './confirmation.controller.js';
import { CopiesService } from './copies.service.js';
import { CorrectionService } from './correction.service.js';
import { DueDayController } from './due-day.controller.js';
import { DueDayService } from './due-day.service.js';
import { EntryBook } from './entry-book.js';
import { EntryExplainer } from './entry-explainer.js';
import { ExplanationAlarm } from './explanation-alarm.js';
import { ExplanationController } from './explanation.controller.js';
import { ExplanationService } from './explanation.service.js';
import { HeadFiles } from './head-files.js';
import { Hearing } from './hearing.js';
import { HoldController } from './hold.controller.js';
import { HoldService } from './hold.service.js';
import { LedgerController } from './ledger.controller.js';
import { LedgerKeys } from './ledger-keys.service.js';
import { LedgerProofController } from './ledger-proof.controller.js';
import { ManualHoldService } from './manual-hold.service.js';
import { ManualLimits } from './manual-limit.js';
import { MoveService } from './move.service.js';
import { NoticeService } from './notice.service.js';
import { NoticeWorker } from './notice.worker.js';
import { OpeningService } from './opening.service.js';
import { OrderController } from './order.controller.js';
import { OrdersConsumer } from './orders.consumer.js';
import { PayeeDirectory } from './payee-directory.js';
import { PayoutDesk } from './payout-desk.js';
import { PayoutExplanationService } from './payout-explanation.service.js';
import { PlanShelf } from './plan-shelf.js';
import { ProofService } from './proof.service.js';
import { RateFactService } from './rate-fact.service.js';
import { RebindingService } from './rebinding.service.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { RecoveryController } from './recovery.controller.js';
import { RecoveryService } from './recovery.service.js';
import { ReplayService } from './replay.service.js';
import { RestConsumer } from './rest.consumer.js';
import { RestateController } from './restate.controller.js';
import { RestateService } from './restate.service.js';
import { ResultService } from './result.service.js';
import { RolloutController } from './rollout.controller.js';
import { RolloutService } from './rollout.service.js';
import { RunController } from './run.controller.js';
import { RoyaltyService } from './royalty.service.js';
import { RunService } from './run.service.js';
import { RunWorker } from './run.worker.js';
import { SealService } from './seal.service.js';
import { SealWorker } from './seal.worker.js';
import { SimulationController } from './simulation.controller.js';
import { SimulationService } from './simulation.service.js';
import { StatementController } from './statement.controller.js';
import { StatementExplanationService } from './statement-explanation.service.js';
import { TaxPaymentController } from './tax-payment.controller.js';
import { TaxPaymentService } from './tax-payment.service.js';
import { TradeController } from './trade.controller.js';
import { TeamService } from './team.service.js';
import { VerifyService } from './verify.service.js';
import { WatchService } from './watch.service.js';
import { WatchWorker } from './watch.worker.js';
import { WhyUnpaidController } from './why-unpaid.controller.js';
import { WhyUnpaidService } from './why-unpaid.service.js';

function headFiles(env: ServiceEnv): HeadFiles {
  const folder = env.setting('LEDGER_HEADS_DIR', '');
  return new HeadFiles(folder === '' ? null : folder);
}

/** The first key of heads is the service's own. */
function ledgerKeys({ secrets, service }: ServiceEnv, units: Units, logger: Logger): LedgerKeys {
  const own = secrets.ledgerKey ?? { current: secrets.services[service].signingKey };
  return new LedgerKeys(units, own, logger);
}

@Module({
  controllers: [
    OrdersConsumer,
    RestConsumer,
    OrderController,
    StatementController,
    BalanceController,
    DueDayController,
    LedgerController,
    LedgerProofController,
    AuditController,
    ConfirmationController,
    TradeController,
    AdjustmentController,
    RecoveryController,
    TaxPaymentController,
    ApprovalController,
    HoldController,
    RestateController,
    RolloutController,
    RunController,
    SimulationController,
    ExplanationController,
    WhyUnpaidController,
    ReconciliationController,
  ],
  providers: [
    PlanShelf,
    Accounts,
    EntryBook,
    RateFactService,
    RebindingService,
    AccrualService,
    CorrectionService,
    HoldService,
    CopiesService,
    ResultService,
    RolloutService,
    ClosingService,
    RoyaltyService,
    RunService,
    TaxPaymentService,
    TeamService,
    RunWorker,
    Hearing,
    PayeeDirectory,
    RiskLimits,
    ExpiryStops,
    ManualLimits,
    AdjustmentService,
    RecoveryService,
    OpeningService,
    MoveService,
    ApprovalService,
    ManualHoldService,
    BindingService,
    RestateService,
    SimulationService,
    NoticeService,
    NoticeWorker,
    SealService,
    SealWorker,
    VerifyService,
    WatchService,
    WatchWorker,
    ProofService,
    ArchiveService,
    AuditService,
    { provide: HeadFiles, useFactory: headFiles, inject: [ServiceEnv] },
    { provide: LedgerKeys, useFactory: ledgerKeys, inject: [ServiceEnv, Units, LOGGER] },
    EntryExplainer,
    ExplanationAlarm,
    ExplanationService,
    StatementExplanationService,
    PayoutDesk,
    PayoutExplanationService,
    ReplayService,
    WhyUnpaidService,
    DueDayService,
    BillBookingService,
  ],
})
export class CalculatorModule {}
