import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { reasonOf } from './data-directory.js';
import { StartFailure } from './start-failure.js';

/** A mail server that delivers nowhere and keeps everything. */
export interface MailKeeper {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Takes mail on 127.0.0.1 and keeps each as `<n>.eml`, as it came, headed by the envelope
 * (`X-Envelope-From`, `X-Envelope-To`). A mail is acknowledged when its file is complete.
 */
export async function startMailKeeper(options: {
  readonly directory: string;
  readonly port: number;
}): Promise<MailKeeper> {
  const { directory, port } = options;
  let last = lastNumber(directory);
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map(({ address }) => address).join(', ');
        const head = `X-Envelope-From: ${from}\r\nX-Envelope-To: ${to}\r\n`;
        try {
          last += 1;
          keep(directory, last, Buffer.concat([Buffer.from(head), ...chunks]));
          done();
        } catch (error) {
          done(new Error(`the mail could not be kept: ${reasonOf(error)}`));
        }
      });
    },
  });
  server.on('error', () => undefined); // a client that hangs up is no concern of ours
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', (error) =>
      reject(
        new StartFailure({
          part: 'mail',
          reason: `the mail keeper can't listen on port ${port} (${reasonOf(error)})`,
          fix: 'Start again, or set SMTP_URL to a mail server of your own.',
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function keep(directory: string, number: number, content: Buffer): void {
  const file = path.join(directory, `${number}.eml`);
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function lastNumber(directory: string): number {
  const numbers = readdirSync(directory).map((name) => Number(/^([0-9]+)\.eml$/.exec(name)?.[1]));
  return Math.max(0, ...numbers.filter(Number.isFinite));
}
