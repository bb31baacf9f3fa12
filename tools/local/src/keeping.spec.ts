import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { startMailKeeper } from './mail.js';
import { reserveAnyPort } from './ports.js';
import { failedLine, parseOutcome, readyLine } from './ready-info.js';
import { keepSecrets } from './secrets.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'qingfen-keep-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('secrets', () => {
  it('are made once, for the owner alone, and kept', () => {
    const file = path.join(directory, 'secrets.json');
    const made = keepSecrets({ file, adminPassword: 'chosen by the operator' });
    expect(made.adminPassword).toBe('chosen by the operator');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(keepSecrets({ file, adminPassword: 'another' })).toEqual(made);
  });

  it('are never overwritten when they cannot be read', () => {
    const file = path.join(directory, 'torn.json');
    writeFileSync(file, '{"adminPassword":');
    expect(() => keepSecrets({ file, adminPassword: undefined })).toThrow(/can't be used/);
    expect(readFileSync(file, 'utf8')).toBe('{"adminPassword":');
  });
});

describe('the mail keeper', () => {
  it('keeps each mail as a file and numbers on after a restart', async () => {
    const mail = path.join(directory, 'mail');
    mkdirSync(mail);
    for (const number of [1, 2]) {
      const reserved = await reserveAnyPort();
      await reserved.release();
      const keeper = await startMailKeeper({ directory: mail, port: reserved.port });
      const transport = createTransport(keeper.url);
      await transport.sendMail({
        from: 'qingfen@example.com',
        to: 'payee@example.com',
        subject: `结算单 ${number}`,
        text: `第 ${number} 封`,
      });
      transport.close();
      await keeper.stop();
    }
    expect(readdirSync(mail).sort()).toEqual(['1.eml', '2.eml']);
    const second = readFileSync(path.join(mail, '2.eml'), 'utf8');
    expect(second).toMatch(/^X-Envelope-From: qingfen@example.com\r\nX-Envelope-To: payee@/);
  });
});

describe('the line that tells the outcome', () => {
  it('is read as it was written', () => {
    const ready = {
      pid: 1,
      dataDir: '/d',
      logs: '/d/logs',
      clock: 'system',
      gateway: 'http://127.0.0.1:8080',
      kafka: '127.0.0.1:9092',
      postgres: 'postgres://postgres:x@127.0.0.1:5432/qingfen',
      alipaySandbox: null,
      admin: { username: 'admin', password: 'p' },
      services: [{ name: 'gateway', url: 'http://127.0.0.1:8080', pid: 2 }],
    };
    expect(parseOutcome(readyLine(ready))).toEqual({ ready });
    const failed = { part: 'kafka', reason: 'no "Java"', fix: 'Install it.' };
    expect(parseOutcome(failedLine(failed))).toEqual({ failed });
    expect(parseOutcome('[   0.1 s] starting kafka')).toBeNull();
  });
});
