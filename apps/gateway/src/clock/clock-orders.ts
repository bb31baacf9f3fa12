import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, ServiceClient, ServiceEnv } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import { z } from 'zod';
import { partsOf } from '../status/parts.js';

const answerWithinMs = 3_000;

const sandboxStatus = z.object({ now: z.string(), nextDueAt: z.string().nullable() });

/** Tells the time to everybody who keeps business time: all replicas, and the Alipay sandbox. */
@Injectable()
export class ClockOrders {
  constructor(
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Gives one order to all at once; the names of those who have not confirmed it. */
  async give(order: { readonly now: Date; readonly begin: boolean }): Promise<string[]> {
    const body = { now: order.now.toISOString(), begin: order.begin };
    const told = await Promise.all([
      ...partsOf(this.env.services).map(async ({ name, part, url }) => {
        const confirmed = await this.confirmed(part, async () => {
          const to = { service: name, url, path: '/internal/clock' };
          const call = { ...to, method: 'PUT', body, timeoutMs: answerWithinMs } as const;
          return (await this.client.request<unknown>(call)).status;
        });
        return confirmed ? [] : [part];
      }),
      this.tellSandbox(body),
    ]);
    return told.flat();
  }

  /** When the sandbox has something scheduled next; null for nothing, or no sandbox. */
  async sandboxDueAt(): Promise<Date | null> {
    const { alipaySandboxUrl } = this.env;
    if (alipaySandboxUrl === null) return null;
    const response = await fetch(`${alipaySandboxUrl}/internal/status`, {
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const { nextDueAt } = sandboxStatus.parse(await response.json());
    return nextDueAt === null ? null : new Date(nextDueAt);
  }

  private async tellSandbox(body: { now: string; begin: boolean }): Promise<string[]> {
    const { alipaySandboxUrl } = this.env;
    if (alipaySandboxUrl === null) return [];
    const confirmed = await this.confirmed('alipay-sandbox', async () => {
      const response = await fetch(`${alipaySandboxUrl}/internal/clock`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      await response.arrayBuffer();
      return response.status;
    });
    return confirmed ? [] : ['alipay-sandbox'];
  }

  private async confirmed(part: string, tell: () => Promise<number>): Promise<boolean> {
    try {
      const status = await tell();
      if (status === 200) return true;
      this.logger.warn({ part, status }, 'a part refused the instant');
    } catch (err) {
      // Down or slow: the mover asks again until everybody has the instant.
      this.logger.warn({ part, err }, 'a part did not confirm the instant');
    }
    return false;
  }
}
