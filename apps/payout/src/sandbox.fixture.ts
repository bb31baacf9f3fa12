import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { AlipayCredentials } from '@qingfen/contracts';

/** One number that the sandbox accepted: what really moved. */
export interface Moved {
  readonly outBizNo: string;
  readonly identity: string;
  readonly name: string | null;
  readonly amount: string;
  readonly attempts: number;
  readonly way: string;
  readonly status: string;
}

/** A batch as the sandbox has it. */
export interface SandboxBatch {
  readonly batchTransId: string;
  readonly outBatchNo: string;
  readonly status: string;
  readonly total: string;
  readonly details: readonly { readonly outBizNo: string; readonly status: string }[];
}

/** The side of the Alipay sandbox that specs drive. */
export class SandboxSide {
  constructor(private readonly origin: string) {}

  putMerchant(
    appId: string,
    wish: {
      readonly balance?: string;
      readonly mode?: 'key' | 'certificate';
      readonly batchDirect?: boolean;
      readonly royaltyRatio?: number;
      readonly notifyUrl?: string;
    },
  ): Promise<{ alipay: AlipayCredentials }> {
    return this.ask('PUT', `merchants/${appId}`, wish);
  }

  move(appId: string, wish: { readonly amount: string; readonly type: string }): Promise<unknown> {
    return this.ask('POST', `merchants/${appId}/movements`, wish);
  }

  putAccount(identity: string, wish: object): Promise<unknown> {
    return this.ask('PUT', `accounts/${encodeURIComponent(identity)}`, wish);
  }

  putLimits(wish: object): Promise<unknown> {
    return this.ask('PUT', 'limits', wish);
  }

  addFault(wish: object): Promise<unknown> {
    return this.ask('POST', 'faults', wish);
  }

  transfers(appId: string): Promise<Moved[]> {
    return this.ask('GET', `transfers?appId=${appId}`);
  }

  batches(appId: string): Promise<SandboxBatch[]> {
    return this.ask('GET', `batches?appId=${appId}`);
  }

  /** A buyer pays the merchant, yesterday. */
  pay(appId: string, wish: object): Promise<{ tradeNo: string }> {
    return this.ask('POST', `merchants/${appId}/trades`, wish);
  }

  trades(appId: string): Promise<{ tradeNo: string; frozen: string; finished: boolean }[]> {
    return this.ask('GET', `merchants/${appId}/trades`);
  }

  /** The payer confirms it. */
  confirmBatch(batchTransId: string): Promise<SandboxBatch> {
    return this.ask('POST', `batches/${batchTransId}/confirm`);
  }

  requests(outBizNo: string): Promise<{ method: string; bizContentSha256: string }[]> {
    return this.ask('GET', `requests?outBizNo=${outBizNo}`);
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.origin}/_sandbox/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    const answer: T = text === '' ? null : JSON.parse(text);
    return answer;
  }
}

/** Asks until what is waited for is seen. @throws Error saying what was waited for and seen last */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  { deadlineMs, holds }: { readonly deadlineMs: number; readonly holds: (seen: T) => boolean },
): Promise<T> {
  const endsAtMs = performance.now() + deadlineMs;
  for (;;) {
    const seen = await ask();
    if (holds(seen)) return seen;
    if (performance.now() >= endsAtMs) {
      throw new Error(`waited ${deadlineMs} ms until ${what}; last saw ${JSON.stringify(seen)}`);
    }
    await pause(20);
  }
}

/** A sandbox in a process of its own, with books of its own. */
export async function startSandbox(): Promise<{ child: ChildProcess; sandboxUrl: string }> {
  const main = path.resolve(import.meta.dirname, '../../alipay-sandbox/dist/main.js');
  const child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      TZ: 'Asia/Shanghai',
      ALIPAY_SANDBOX_PORT: '0',
      ALIPAY_SANDBOX_DIR: mkdtempSync(path.join(tmpdir(), 'payout-spec-')),
      QINGFEN_CLOCK: 'virtual:2026-01-05T02:00:00+08:00',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const told: { event: string; url: string } = JSON.parse(line);
    if (told.event === 'ready') return { child, sandboxUrl: told.url };
  }
  throw new Error('the sandbox ended before it was ready');
}
