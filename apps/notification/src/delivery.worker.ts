import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Database, isInfrastructureError } from '@qingfen/database';
import { LOGGER } from '@qingfen/hosting';
import { Units } from '@qingfen/messaging';
import { Metrics, type Logger } from '@qingfen/telemetry';
import { attemptsMax, pauseMsAfter } from './back-off.js';
import {
  claimDue,
  deliveryKey,
  endDeliveries,
  postpone,
  type ClaimedDelivery,
  type Ended,
} from './delivery.store.js';
import { Mailer, type MailOutcome } from './mailer.js';
import { NameService } from './name.service.js';
import { render, templateOf } from './template.js';
import { valuesOf, type Names } from './wording.js';

/**
 * Real time between two looks. Nothing wakes the worker sooner: money goes first, and nobody minds
 * hearing of it a second later.
 */
const pollMs = 1_000;
const claimedMax = 20;
/** Longer than every time-out of the mailer together: nobody else sends while this one still may. */
const leaseMs = 120_000;

/** Sends what is due: claim, send outside any transaction, record. Failing ones come again with back-off. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | null = null;
  private isStopped = false;
  private readonly outcomes;

  constructor(
    private readonly database: Database,
    private readonly units: Units,
    private readonly mailer: Mailer,
    private readonly names: NameService,
    metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.outcomes = metrics.counter(
      'notification_mails_total',
      'Mails handed to the SMTP server, by what came of it',
      ['outcome'],
    );
  }

  onApplicationBootstrap(): void {
    if (!this.mailer.isConfigured) {
      this.logger.warn('SMTP_URL is not set: deliveries wait until it is');
      return;
    }
    this.timer = setInterval(() => this.beginLook(), pollMs);
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  private beginLook(): void {
    this.round ??= this.look().finally(() => {
      this.round = null;
    });
  }

  private async look(): Promise<void> {
    try {
      while (!this.isStopped && (await this.sendDue()) === claimedMax);
    } catch (error) {
      // What was claimed comes again when its lease has run out.
      if (isInfrastructureError(error)) this.logger.warn({ err: error }, 'deliveries must wait');
      else this.logger.error({ err: error }, 'deliveries could not be sent');
    }
  }

  /** Sends one round of what is due; returns how many were taken. */
  async sendDue(): Promise<number> {
    const claimed = await claimDue(this.database, { limit: claimedMax, leaseMs });
    if (claimed.length === 0) return 0;
    const names = await this.names.namesFor(claimed);
    const tries = await Promise.allSettled(
      claimed.map((delivery, index) => this.deliver(delivery, names[index])),
    );
    const tried = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    // What could be sent is noted, even where a bug kept another one of the round from it.
    await this.end(tried.filter((each): each is Ended => each !== null));
    const broken = tries.find((each) => each.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    return claimed.length;
  }

  /** @returns how it ended; null when it comes again. */
  private async deliver(
    delivery: ClaimedDelivery,
    names: Names | undefined,
  ): Promise<Ended | null> {
    const outcome = await this.send(delivery, names);
    this.outcomes.inc({ outcome: outcome.kind });
    const { deliveryId, attempts } = delivery;
    if (outcome.kind === 'sent') return { delivery, state: 'sent', error: null };
    const { error } = outcome;
    this.logger.warn({ deliveryId, attempts, error }, 'a mail was not taken');
    if (outcome.kind === 'refused' || attempts >= attemptsMax) {
      return { delivery, state: 'failed', error };
    }
    const pauseMs = pauseMsAfter(attempts, Math.random());
    await postpone(this.database, delivery, { error, pauseMs });
    return null;
  }

  private async send(delivery: ClaimedDelivery, names: Names | undefined): Promise<MailOutcome> {
    const { attempts, template, templateVersion, messageId } = delivery;
    if (attempts > attemptsMax) return { kind: 'refused', error: 'every try ended in a crash' };
    if (names === undefined) throw new Error('the names of a round are as many as its deliveries');
    const mail = render(templateOf(template, templateVersion), valuesOf(delivery, names));
    const to = this.mailer.addressOf(delivery);
    if (to === null) return { kind: 'trouble', error: 'OPERATOR_MAIL_TO is not set' };
    return this.mailer.send({ ...mail, messageId, to });
  }

  private async end(ended: readonly Ended[]): Promise<void> {
    if (ended.length === 0) return;
    await this.units.run(async (unit) => {
      const ours = await endDeliveries(unit.tx, ended, unit.now);
      for (const { delivery, state, error } of ended) {
        const { shopId, payeeId, deliveryId } = delivery;
        if (state === 'sent' || !ours.has(deliveryKey(delivery))) continue;
        unit.alert({
          class: 'delivery-failed',
          severity: 'warning',
          ends: 'when-acknowledged',
          shopId,
          subject: { type: 'delivery', id: deliveryId },
          ...wordsOfFailure(payeeId, error ?? ''),
        });
      }
    });
  }
}

function wordsOfFailure(
  payeeId: string | null,
  error: string,
): { readonly message: string; readonly messageZh: string } {
  return payeeId === null
    ? {
        message: `The operator could not be told by mail: ${error}`,
        messageZh: `未能通过邮件通知运营者：${error}`,
      }
    : {
        message: `Payee ${payeeId} could not be told by mail: ${error}`,
        messageZh: `未能通过邮件通知收款方 ${payeeId}：${error}`,
      };
}
