import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import {
  toldNotificationsSchema,
  type StoredNotifications,
  type ToldNotifications,
} from '@qingfen/contracts';
import { failpoint } from '@qingfen/failpoint';
import { bodyOf, LOGGER, PermitService } from '@qingfen/hosting';
import type { Logger } from '@qingfen/telemetry';
import type { ProvenNotification } from './merchant.js';
import { Merchants } from './merchants.js';
import { NotificationDesk } from './notification.desk.js';

type Told = ToldNotifications['notifications'][number];

/**
 * Takes Alipay's notifications: proven by signature and application, stored once, and then only a
 * reason to ask (R-ALI-5).
 */
@Controller('internal/alipay/notifications')
export class NotificationController {
  constructor(
    private readonly merchants: Merchants,
    private readonly desk: NotificationDesk,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** One that is not believed is not stored, and keeps no other from it. */
  @Post()
  @HttpCode(200)
  @PermitService('gateway')
  async take(@Body() body: unknown): Promise<StoredNotifications> {
    const { notifications } = bodyOf(toldNotificationsSchema, body);
    return { stored: await Promise.all(notifications.map((told) => this.isStored(told))) };
  }

  private async isStored({ shopId, form }: Told): Promise<boolean> {
    const proven = await this.prove(shopId, form);
    if ('refused' in proven) {
      this.logger.warn({ shopId, why: proven.refused }, 'a notification is not believed');
      return false;
    }
    failpoint('callback-proven');
    await this.desk.store({ told: { ...proven, shopId }, form });
    failpoint('callback-stored');
    return true;
  }

  /**
   * By the application that the shop was last seen to have; by the one that it has now where that does
   * not prove it, since keys may have been changed meanwhile.
   */
  private async prove(
    shopId: string,
    form: Told['form'],
  ): Promise<ProvenNotification | { readonly refused: string }> {
    const known = this.merchants.known(shopId);
    const proven = known?.prove(form);
    if (proven !== undefined && !('refused' in proven)) return proven;
    const merchant = await this.merchants.of(shopId);
    if (merchant === null) return { refused: 'of a shop without an Alipay application' };
    return merchant === known && proven !== undefined ? proven : merchant.prove(form);
  }
}
