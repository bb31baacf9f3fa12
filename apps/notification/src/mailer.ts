import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ServiceEnv, SettingError } from '@qingfen/hosting';
import { createTransport, type Transporter } from 'nodemailer';
import { addressOf } from './address.js';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
}

export type MailOutcome =
  | { readonly kind: 'sent' }
  /** The receiving side will never take it: an unknown mailbox, a refused sender. */
  | { readonly kind: 'refused'; readonly error: string }
  /** Not now: no connection, a full mailbox, a server that is busy. */
  | { readonly kind: 'trouble'; readonly error: string };

const errorCharsMax = 500;

/** Hands mails to the SMTP server of `SMTP_URL`. */
@Injectable()
export class Mailer implements OnModuleDestroy {
  private readonly transport: Transporter | null;
  private readonly from: string;
  private readonly to: string;
  private readonly operator: string | null;
  /** Null: of all shops. */
  private readonly operatorShops: ReadonlySet<string> | null;

  constructor(@Inject(ServiceEnv) env: Pick<ServiceEnv, 'setting' | 'smtpUrl'>) {
    this.from = env.setting('NOTIFICATION_MAIL_FROM', 'Qingfen <settlement@qingfen.example.test>');
    this.to = env.setting('NOTIFICATION_MAIL_TO', '{payeeId}.{shopId}@payees.example.test');
    if (!this.to.includes('@')) {
      throw new SettingError('NOTIFICATION_MAIL_TO', `is "${this.to}" and names no mail domain`);
    }
    this.operator = operatorOf(env.setting('OPERATOR_MAIL_TO', ''));
    this.operatorShops = shopsOf(env.setting('OPERATOR_MAIL_SHOPS', ''));
    this.transport = env.smtpUrl === null ? null : transportTo(env.smtpUrl);
  }

  /** False without `SMTP_URL`: deliveries wait until there is one. */
  get isConfigured(): boolean {
    return this.transport !== null;
  }

  /** False without `OPERATOR_MAIL_TO`, and of shops that `OPERATOR_MAIL_SHOPS` does not name if it names any. */
  tellsOperatorOf(shopId: string): boolean {
    if (this.operator === null) return false;
    return this.operatorShops === null || this.operatorShops.has(shopId);
  }

  /** Of a payee, or of the shop's operator; null where there is no address. */
  addressOf(whom: { readonly shopId: string; readonly payeeId: string | null }): string | null {
    const pattern = whom.payeeId === null ? this.operator : this.to;
    return pattern === null ? null : addressOf(pattern, whom);
  }

  /** Never throws for what the mail server does; a bug is thrown. */
  async send({ to, subject, body, messageId }: Mail): Promise<MailOutcome> {
    if (this.transport === null) return { kind: 'trouble', error: 'SMTP_URL is not set' };
    try {
      await this.transport.sendMail({ from: this.from, to, subject, text: body, messageId });
      return { kind: 'sent' };
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      const error = thrown.message.replace(/\s+/g, ' ').slice(0, errorCharsMax);
      return { kind: isForGood(thrown) ? 'refused' : 'trouble', error };
    }
  }

  onModuleDestroy(): void {
    this.transport?.close();
  }
}

/** @throws SettingError for what is no address */
function operatorOf(pattern: string): string | null {
  if (pattern === '') return null;
  if (pattern.includes('@') && !pattern.includes('{payeeId}')) return pattern;
  throw new SettingError(
    'OPERATOR_MAIL_TO',
    `is "${pattern}" and is no address, or one of a payee`,
  );
}

function shopsOf(list: string): ReadonlySet<string> | null {
  const shopIds = list.split(',').map((shopId) => shopId.trim());
  const named = shopIds.filter((shopId) => shopId !== '');
  return named.length === 0 ? null : new Set(named);
}

function transportTo(url: string): Transporter {
  return createTransport({
    url,
    pool: true,
    maxConnections: 4,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** A 5xx to the envelope or the message (RFC 5321, 4.2.1); one to our log-in may be mended. */
function isForGood(error: Error): boolean {
  const responseCode = 'responseCode' in error ? error.responseCode : undefined;
  const code = 'code' in error ? error.code : undefined;
  if (typeof responseCode !== 'number' || responseCode < 500) return false;
  return code === 'EENVELOPE' || code === 'EMESSAGE';
}
