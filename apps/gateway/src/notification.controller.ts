import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { storedNotificationsSchema, type ToldNotifications } from '@qingfen/contracts';
import { GroupCommit, LOGGER, ServiceClient, ServiceUnavailable } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import type { Request, Response } from 'express';

const shopIdShape = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;

type Told = ToldNotifications['notifications'][number];

/**
 * Where Alipay tells what became of a transfer. Open to all: what it says counts only once payout
 * has verified its signature. Anything but `success` makes Alipay say it again. They come in flocks: what
 * comes while payout is storing others goes to it together.
 */
@Controller('alipay/notifications')
export class NotificationController {
  private readonly group = new GroupCommit<Told, boolean>((told) => this.passOn(told));

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
    const isStored = await this.isStored(shopId, request.body);
    response
      .status(200)
      .type('text/plain')
      .send(isStored ? 'success' : 'fail');
  }

  private async isStored(shopId: string, form: unknown): Promise<boolean> {
    if (!shopIdShape.test(shopId) || !isForm(form)) return false;
    try {
      return await this.group.add({ shopId, form });
    } catch (err) {
      // Alipay comes again, by its own schedule, until it is told success.
      this.logger.warn({ err, shopId }, 'a notification could not be passed on');
      return false;
    }
  }

  private async passOn(notifications: readonly Told[]): Promise<readonly boolean[]> {
    const { status, body } = await this.client.request<unknown>({
      service: 'payout',
      method: 'POST',
      path: '/internal/alipay/notifications',
      body: { notifications },
    });
    const refused = new Error(`payout answered ${status}`);
    if (status === 503) throw new ServiceUnavailable('payout', refused);
    if (status !== 200) throw refused;
    return storedNotificationsSchema.parse(body).stored;
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
