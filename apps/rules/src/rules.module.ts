import { Module } from '@nestjs/common';
import { ExpiryStops, RiskLimits } from '@qingfen/approvals';
import { Acknowledgement } from './acknowledgement.js';
import { ApprovalController } from './approval.controller.js';
import { PlanController } from './plan.controller.js';
import { PlanService } from './plan.service.js';
import { ShopController } from './shop.controller.js';
import { ShopService } from './shop.service.js';
import { TemplateController } from './template.controller.js';

@Module({
  controllers: [ShopController, PlanController, TemplateController, ApprovalController],
  providers: [Acknowledgement, RiskLimits, ExpiryStops, ShopService, PlanService],
})
export class RulesModule {}
