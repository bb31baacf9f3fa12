import { Module } from '@nestjs/common';
import { OrderConsumer } from './order.consumer.js';
import { PlanService } from './plan.service.js';
import { WindowController } from './window.controller.js';
import { WindowService } from './window.service.js';
import { WindowWorker } from './window.worker.js';

@Module({
  controllers: [OrderConsumer, WindowController],
  providers: [PlanService, WindowService, WindowWorker],
})
export class OrderModule {}
