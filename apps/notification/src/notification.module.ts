import { Module } from '@nestjs/common';
import { AlertCountController } from './alert-count.controller.js';
import { AlertController } from './alert.controller.js';
import { AlertService } from './alert.service.js';
import { AuditController } from './audit.controller.js';
import { DeliveryController } from './delivery.controller.js';
import { DeliveryService } from './delivery.service.js';
import { DeliveryWorker } from './delivery.worker.js';
import { DigestService } from './digest.service.js';
import { DigestWorker } from './digest.worker.js';
import { Mailer } from './mailer.js';
import { NameService } from './name.service.js';
import { NotificationConsumer } from './notification.consumer.js';

@Module({
  controllers: [
    NotificationConsumer,
    AlertController,
    AlertCountController,
    AuditController,
    DeliveryController,
  ],
  providers: [
    AlertService,
    DeliveryService,
    DeliveryWorker,
    DigestService,
    DigestWorker,
    Mailer,
    NameService,
  ],
})
export class NotificationModule {}
