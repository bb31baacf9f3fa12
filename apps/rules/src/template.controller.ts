import { Controller, Get } from '@nestjs/common';
import type { Page, PlanTemplate } from '@qingfen/contracts';
import { planTemplates } from '@qingfen/core-plan';
import { PermitService } from '@qingfen/hosting';

/** Plans to begin with: the same for every shop, so the gateway asks for itself. */
@Controller('internal/plan-templates')
export class TemplateController {
  @Get()
  @PermitService('gateway')
  list(): Page<PlanTemplate> {
    return { items: planTemplates.map((template) => ({ ...template })), nextCursor: null };
  }
}
