import { describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import type { FileSource } from './file-source.js';
import { StatementFileController } from './statement-file.controller.js';

describe('a statement as PDF', () => {
  it('R-NOT-3 is made for few at once, keeps few waiting and sends the rest away', async () => {
    let reads = 0;
    const never = new Promise<never>(() => undefined);
    const files = {
      read: () => {
        reads += 1;
        return never;
      },
    } as unknown as FileSource;
    const controller = new StatementFileController(files);
    const ask = (): Promise<void> => controller.pdf({} as Request, {} as Response, 'tea', 'st_1');
    for (let asked = 0; asked < 18; asked += 1) void ask();
    await expect(ask()).rejects.toMatchObject({
      problem: { code: 'too-many-requests', status: 429 },
      headers: { 'Retry-After': '5' },
    });
    expect(reads).toBe(2);
  });
});
