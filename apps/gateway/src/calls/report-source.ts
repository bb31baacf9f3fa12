import { Inject, Injectable } from '@nestjs/common';
import { ServiceClient } from '@qingfen/hosting';
import type { Request } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { permissions } from './permissions.js';
import { refuseQuery } from './reading.js';

const readingMs = 20_000;

/** Reads a report of a shop from reconciliation for who may read the shop, to be given as a file. */
@Injectable()
export class ReportSource {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
  ) {}

  /**
   * `path` is one below the shop, such as `['reports', 'daily', day]`.
   *
   * @throws ProblemError as the report itself is refused; 400 for any query
   */
  async read<T>(request: Request, shopId: string, path: readonly string[]): Promise<T> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId });
    refuseQuery(request);
    const answer = await this.client.request<T>({
      service: 'reconciliation',
      method: 'GET',
      path: `/internal/shops/${[shopId, ...path].map(encodeURIComponent).join('/')}`,
      caller,
      timeoutMs: readingMs,
    });
    return bodyOrRefusal(answer);
  }
}
