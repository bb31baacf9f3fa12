import { Module } from '@nestjs/common';
import { Database } from '@qingfen/database';
import { ServiceEnv } from '@qingfen/hosting';
import { BlindIndex, FieldCipher } from '@qingfen/security';
import { makeMerchant } from './alipay-merchant.js';
import { turnComes } from './call-rate.js';
import { callRatesOf } from './call-rate-settings.js';
import { BillController } from './bill.controller.js';
import { BatchDesk } from './batch.desk.js';
import { BatchStore } from './batch.store.js';
import { CredentialController } from './credential.controller.js';
import { CredentialStore } from './credential.store.js';
import { EmergencyStopController } from './emergency-stop.controller.js';
import { ForecastController } from './forecast.controller.js';
import { ForecastService } from './forecast.service.js';
import { ForecastWorker } from './forecast.worker.js';
import { Merchants } from './merchants.js';
import { NotificationController } from './notification.controller.js';
import { NotificationDesk } from './notification.desk.js';
import { PayeeController } from './payee.controller.js';
import { PayeeService } from './payee.service.js';
import { PayeeStore } from './payee.store.js';
import { PayoutConsumer } from './payout.consumer.js';
import { PayoutController } from './payout.controller.js';
import { PayoutIntake } from './payout-intake.js';
import { PayoutService } from './payout.service.js';
import { PayoutStatus } from './payout.status.js';
import { PayoutWorker } from './payout.worker.js';
import { PositionController } from './position.controller.js';
import { RiskController } from './risk.controller.js';
import { RiskBook } from './risk-book.js';
import { RequestStore } from './send.store.js';
import { TaxSumController } from './tax-sum.controller.js';
import { Wake } from './wake.js';

/** Whoever is told no turn within a minute, at 30 calls a second, stands behind 1,800 others. */
const turnWaitMs = 60_000;

@Module({
  controllers: [
    BillController,
    CredentialController,
    NotificationController,
    EmergencyStopController,
    PayeeController,
    PayoutController,
    TaxSumController,
    RiskController,
    ForecastController,
    PositionController,
    PayoutConsumer,
  ],
  providers: [
    Wake,
    BatchDesk,
    NotificationDesk,
    PayeeService,
    PayoutIntake,
    RiskBook,
    PayoutService,
    PayoutWorker,
    PayoutStatus,
    ForecastService,
    ForecastWorker,
    {
      provide: PayeeStore,
      useFactory: (cipher: FieldCipher, index: BlindIndex) => new PayeeStore(cipher, index),
      inject: [FieldCipher, BlindIndex],
    },
    {
      provide: CredentialStore,
      useFactory: (cipher: FieldCipher) => new CredentialStore(cipher),
      inject: [FieldCipher],
    },
    {
      provide: RequestStore,
      useFactory: (cipher: FieldCipher) => new RequestStore(cipher),
      inject: [FieldCipher],
    },
    {
      provide: BatchStore,
      useFactory: (cipher: FieldCipher) => new BatchStore(cipher),
      inject: [FieldCipher],
    },
    {
      provide: Merchants,
      useFactory: (database: Database, store: CredentialStore, env: ServiceEnv) => {
        const rates = callRatesOf(env);
        const turn = { api: 'query', rates, horizonMs: turnWaitMs } as const;
        const place = {
          gateway: env.alipayGateway,
          timeoutMs: env.alipayTimeoutMs,
          turnComes: (appId: string) => turnComes(database, { ...turn, appId }),
        };
        return new Merchants(database, store, (credentials) => makeMerchant(credentials, place));
      },
      inject: [Database, CredentialStore, ServiceEnv],
    },
  ],
})
export class PayoutModule {}
