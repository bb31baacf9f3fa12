import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import { actsQuery, type SignedActs } from '@qingfen/contracts';
import { notFound, ServiceClient, ServiceEnv } from '@qingfen/hosting';
import { serviceNames } from '@qingfen/security';
import type { Request } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { permissions } from './permissions.js';
import { readQuery } from './reading.js';

const readingMs = 15_000;

/** What people did, service by service, signed by each: for who audits. */
@Controller('api/v1/shops/:shopId/acts')
export class ActsOfServicesController {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
  ) {}

  @Get(':service')
  async list(
    @Req() request: Request,
    @Param('shopId') shopId: string,
    @Param('service') given: string,
  ): Promise<SignedActs> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.audit, shopId });
    const { from, to, cursor } = readQuery(request.query, actsQuery);
    const service = serviceNames.find((name) => name === given);
    if (service === undefined || this.env.services[service] === undefined) {
      throw notFound(`There is no service "${given.slice(0, 100)}" here.`);
    }
    const query = new URLSearchParams({ from, to, cursor });
    const answer = await this.client.request<SignedActs>({
      service,
      method: 'GET',
      path: `/internal/shops/${encodeURIComponent(shopId)}/acts?${query.toString()}`,
      caller,
      timeoutMs: readingMs,
    });
    return bodyOrRefusal(answer);
  }
}
