import { Inject, Injectable } from '@nestjs/common';
import type { ServiceName } from '@qingfen/contracts';
import { ServiceClient } from '@qingfen/hosting';
import type { Request } from 'express';
import { Authentication } from '../access/authentication.js';
import { demand } from '../access/demand.js';
import { bodyOrRefusal } from './bodies.js';
import { permissions } from './permissions.js';
import { refuseQuery } from './reading.js';

/** A statement may have as many entries as a month has orders. */
const readingMs = 20_000;

/** Reads a thing of a shop, for who may read the shop, to be given as a file. */
@Injectable()
export class FileSource {
  constructor(
    @Inject(Authentication) private readonly authentication: Authentication,
    @Inject(ServiceClient) private readonly client: ServiceClient,
  ) {}

  /**
   * `path` is one of its owner's below the shop, such as `['reports', 'daily', day]`.
   *
   * @throws ProblemError as the thing itself is refused; 400 for any query
   */
  async read<T>(
    request: Request,
    shopId: string,
    { service, path }: { readonly service: ServiceName; readonly path: readonly string[] },
  ): Promise<T> {
    const { caller } = await this.authentication.of(request);
    demand(caller, { roles: permissions.read, shopId });
    refuseQuery(request);
    const answer = await this.client.request<T>({
      service,
      method: 'GET',
      path: `/internal/shops/${[shopId, ...path].map(encodeURIComponent).join('/')}`,
      caller,
      timeoutMs: readingMs,
    });
    return bodyOrRefusal(answer);
  }
}
