import { describe, expect, it } from '@jest/globals';
import { withCorrelation } from './correlation.js';
import { createLogger, maskText } from './logger.js';
import { Metrics } from './metrics.js';

function lineOf(write: (logger: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(createLogger({ service: 'payout', destination }));
  return { text: lines.join(''), parsed: JSON.parse(lines[0] ?? '{}') };
}

describe('a log line', () => {
  it('R-ONC-1 carries the correlation of the work around it', () => {
    const { parsed } = lineOf((logger) => {
      withCorrelation({ correlationId: 'c-1' }, () => {
        withCorrelation({ requestId: 'r-1' }, () => logger.info('sent'));
      });
    });
    const expected = { service: 'payout', correlationId: 'c-1', requestId: 'r-1', msg: 'sent' };
    expect(parsed).toMatchObject(expected);
  });

  it('R-SEC-2 shows no secret, account or password', () => {
    const { text } = lineOf((logger) => {
      const payee = { alipay: { identity: 'hush@example.com' } };
      const err = new Error('cannot reach postgres://qf:hush@db/qingfen');
      logger.warn({ payee, privateKey: 'hush', user: { password: 'hush' }, err }, 'no');
    });
    expect(text).not.toContain('hush');
    expect(text).toContain('[redacted]');
  });

  it('leaves out what a database error quotes of rows', () => {
    const { text } = lineOf((logger) => {
      const detail = 'Key (identity)=(hush) already exists.';
      logger.error({ err: Object.assign(new Error('duplicate key'), { detail }) }, 'no');
    });
    expect(text).not.toContain('hush');
  });
});

it('a private key in a text is masked whole', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----';
  expect(maskText(`bad key: ${pem}.`)).toBe('bad key: [redacted].');
});

it('metrics of two services do not meet; a name asked for again is the same metric', async () => {
  const [one, other] = [new Metrics(), new Metrics()];
  one.counter('things_total', 'Things').inc();
  one.counter('things_total', 'Things').inc();
  expect(await one.text()).toContain('qingfen_things_total 2');
  expect(await other.text()).not.toContain('things');
});
