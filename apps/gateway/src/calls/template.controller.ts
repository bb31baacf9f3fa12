import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { Page, PlanTemplate } from '@qingfen/contracts';
import { ServiceClient } from '@qingfen/hosting';
import type { Request } from 'express';
import { Authentication } from '../access/authentication.js';
import { forbidden } from '../refusals.js';
import { bodyOrRefusal } from './bodies.js';
import { refuseQuery } from './reading.js';

/** Plans to begin with belong to no shop: whoever has a role on any may read them. */
@Controller('api/v1/plan-templates')
export class TemplateController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
  ) {}

  @Get()
  async list(@Req() request: Request): Promise<Page<PlanTemplate>> {
    const { caller } = await this.authentication.of(request);
    refuseQuery(request);
    if (caller.roles.length === 0) throw forbidden('You have no role on any shop.');
    const path = '/internal/plan-templates';
    return bodyOrRefusal(
      await this.client.request<Page<PlanTemplate>>({ service: 'rules', method: 'GET', path }),
    );
  }
}
