import { describe, expect, it } from '@jest/globals';
import type { Statement } from '@qingfen/contracts';
import type { Request, Response } from 'express';
import type { FileSource } from './file-source.js';
import { StatementFileController } from './statement-file.controller.js';
import { statement } from './statement.fixture.js';

describe('a statement as PDF', () => {
  it('R-NOT-3 is made for few at once, keeps few waiting and sends the rest away', async () => {
    let reads = 0;
    let answer: (found: Promise<Statement>) => void = () => undefined;
    let found = new Promise<Statement>((resolve) => (answer = resolve));
    const files = {
      read: () => {
        reads += 1;
        return found;
      },
    } as unknown as FileSource;
    const controller = new StatementFileController(files);
    const sent: unknown[] = [];
    const response = { type: () => response, attachment: () => response, send: keep };
    function keep(document: unknown): void {
      sent.push(document);
    }
    const ask = (): Promise<void> =>
      controller.pdf({} as Request, response as unknown as Response, 'tea', 'st_1');
    const asked = Promise.allSettled(Array.from({ length: 18 }, ask));
    await expect(ask()).rejects.toMatchObject({
      problem: { code: 'too-many-requests', status: 429 },
      headers: { 'Retry-After': '5' },
    });
    expect(reads).toBe(2);
    answer(Promise.reject(new Error('no such statement')));
    await asked;
    expect([reads, sent]).toEqual([18, []]);
    found = Promise.resolve(statement);
    await ask();
    expect(String(sent[0]).slice(0, 5)).toBe('%PDF-');
  });
});
