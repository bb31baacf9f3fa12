import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { LOGGER, ServiceClient } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import type { Request, Response } from 'express';

const shopIdShape = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;

/**
 * Where Alipay tells what became of a transfer. Open to all: what it says counts only once payout
 * has verified its signature. Anything but `success` makes Alipay say it again.
 */
@Controller('alipay/notifications')
export class NotificationController {
  constructor(
    @Inject(ServiceClient) private readonly client: ServiceClient,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post(':shopId')
  async take(
    @Req() request: Request,
    @Res() response: Response,
    @Param('shopId') shopId: string,
  ): Promise<void> {
    const isStored = await this.passOn(shopId, request.body);
    response
      .status(200)
      .type('text/plain')
      .send(isStored ? 'success' : 'fail');
  }

  private async passOn(shopId: string, fields: unknown): Promise<boolean> {
    if (!shopIdShape.test(shopId) || !isForm(fields)) return false;
    try {
      const { status } = await this.client.request<unknown>({
        service: 'payout',
        method: 'POST',
        path: `/internal/shops/${encodeURIComponent(shopId)}/alipay/notifications`,
        body: fields,
      });
      return status >= 200 && status < 300;
    } catch (err) {
      // Alipay comes again, by its own schedule, until it is told success.
      this.logger.warn({ err, shopId }, 'a notification could not be passed on');
      return false;
    }
  }
}

/** Single text fields only: a repeated one could be read in two ways. */
function isForm(fields: unknown): fields is Record<string, string> {
  return (
    typeof fields === 'object' &&
    fields !== null &&
    Object.values(fields).every((field) => typeof field === 'string')
  );
}
