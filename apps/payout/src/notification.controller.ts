import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { problem } from '@qingfen/contracts';
import { failpoint } from '@qingfen/failpoint';
import { invalid, LOGGER, notFound, PermitService, ProblemError } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import type { ProvenNotification } from './merchant.js';
import { Merchants } from './merchants.js';
import { NotificationDesk } from './notification.desk.js';

type Form = Readonly<Record<string, string>>;

/**
 * Takes Alipay's notifications: proven by signature and application, stored once, and then only a
 * reason to ask (R-ALI-5).
 */
@Controller('internal/shops/:shopId/alipay/notifications')
export class NotificationController {
  constructor(
    private readonly merchants: Merchants,
    private readonly desk: NotificationDesk,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post()
  @HttpCode(200)
  @PermitService('gateway')
  async take(@Param('shopId') shopId: string, @Body() body: unknown): Promise<{ stored: true }> {
    const form = formIn(body);
    const proven = await this.prove(shopId, form);
    if ('refused' in proven) {
      this.logger.warn({ shopId, why: proven.refused }, 'a notification is not believed');
      throw new ProblemError(
        problem('not-proven', 403, 'Not believed', `The notification is ${proven.refused}.`),
      );
    }
    failpoint('callback-proven');
    await this.desk.store({ told: { ...proven, shopId }, form });
    failpoint('callback-stored');
    return { stored: true };
  }

  /**
   * By the application that the shop was last seen to have; by the one that it has now where that does
   * not prove it, since keys may have been changed meanwhile.
   */
  private async prove(
    shopId: string,
    form: Form,
  ): Promise<ProvenNotification | { readonly refused: string }> {
    const known = this.merchants.known(shopId);
    const proven = known?.prove(form);
    if (proven !== undefined && !('refused' in proven)) return proven;
    const merchant = await this.merchants.of(shopId);
    if (merchant === null) throw notFound('The shop has no Alipay application.');
    return merchant === known && proven !== undefined ? proven : merchant.prove(form);
  }
}

function formIn(body: unknown): Form {
  const form: Record<string, string> = {};
  if (typeof body !== 'object' || body === null) throw notAForm();
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string') throw notAForm();
    form[name] = value;
  }
  return form;
}

function notAForm(): ProblemError {
  const message = 'is not an object of form fields';
  return invalid([{ pointer: '', message, messageZh: '不是表单字段' }]);
}
