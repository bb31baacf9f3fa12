import { Module } from '@nestjs/common';
import { Acknowledgement } from './acknowledgement.js';
import { PlanController } from './plan.controller.js';
import { PlanService } from './plan.service.js';
import { ShopController } from './shop.controller.js';
import { ShopService } from './shop.service.js';
import { TemplateController } from './template.controller.js';

@Module({
  controllers: [ShopController, PlanController, TemplateController],
  providers: [Acknowledgement, ShopService, PlanService],
})
export class RulesModule {}
