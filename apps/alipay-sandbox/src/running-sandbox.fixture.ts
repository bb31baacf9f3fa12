import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { AlipaySdk } from 'alipay-sdk';

import { startSandbox } from './server.js';
import type { Sandbox } from './server.js';

/** A merchant as `PUT /_sandbox/merchants/:appId` shows it. */
export interface Shown {
  readonly appId: string;
  readonly balance: string;
  readonly alipay: {
    readonly pid: string;
    readonly appId: string;
    readonly privateKey: string;
    readonly alipayPublicKey?: string;
    readonly certificates?: {
      readonly app: string;
      readonly alipay: string;
      readonly root: string;
    };
  };
}

/** An answer of the control side or of Alipay, read as a tree of anything. */
export type Tree = Record<string, unknown>;

/** A sandbox of its own, on a virtual clock, in a directory that is removed at the end. */
export class RunningSandbox {
  #count = 0;

  private constructor(
    readonly sandbox: Sandbox,
    private readonly directory: string,
  ) {}

  static async start(now: string): Promise<RunningSandbox> {
    const directory = await mkdtemp(path.join(tmpdir(), 'qf-sandbox-'));
    const clock = { mode: 'virtual', startMs: Date.parse(now) } as const;
    return new RunningSandbox(await startSandbox({ port: 0, directory, clock }), directory);
  }

  async stop(): Promise<void> {
    await this.sandbox.close();
    await rm(this.directory, { recursive: true });
  }

  get url(): string {
    return this.sandbox.url;
  }

  /** Calls the control side and returns what it answers, problems included. */
  async control(method: string, where: string, body?: object): Promise<Tree> {
    const response = await fetch(`${this.url}/${where}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as Tree;
  }

  /** The same, for what answers a list. */
  async list(where: string): Promise<Tree[]> {
    return (await (await fetch(`${this.url}/_sandbox/${where}`)).json()) as Tree[];
  }

  async merchant(more: object = {}): Promise<Shown> {
    this.#count += 1;
    const where = `_sandbox/merchants/20260000000${this.#count}`;
    return (await this.control('PUT', where, { balance: '1000.00', ...more })) as unknown as Shown;
  }

  async moveClock(now: string): Promise<void> {
    await this.control('PUT', 'internal/clock', { now, begin: true });
  }

  fault(wish: object): Promise<Tree> {
    return this.control('POST', '_sandbox/faults', wish);
  }

  async balanceOf(appId: string): Promise<unknown> {
    return (await this.control('GET', `_sandbox/merchants/${appId}`))['balance'];
  }

  async accountBalance(identity: string): Promise<unknown> {
    return (await this.control('GET', `_sandbox/accounts/${encodeURIComponent(identity)}`))[
      'balance'
    ];
  }

  sdk(shown: Shown, timeout = 5_000): AlipaySdk {
    const { appId, privateKey, alipayPublicKey, certificates } = shown.alipay;
    return new AlipaySdk({
      appId,
      privateKey,
      timeout,
      gateway: `${this.url}/gateway.do`,
      endpoint: this.url,
      ...(certificates === undefined
        ? { alipayPublicKey: alipayPublicKey ?? '' }
        : {
            appCertContent: certificates.app,
            alipayPublicCertContent: certificates.alipay,
            alipayRootCertContent: certificates.root,
          }),
    });
  }
}

/** Calls protocol v2 and wants Alipay's signature on the answer. */
export async function call(sdk: AlipaySdk, method: string, bizContent: Tree = {}): Promise<Tree> {
  return { ...(await sdk.exec(method, { bizContent }, { validateSign: true })) };
}

/** Parameters of a transfer that is all right. */
export function transferOf(outBizNo: string, more: Tree = {}): Tree {
  return {
    out_biz_no: outBizNo,
    trans_amount: '12.30',
    product_code: 'TRANS_ACCOUNT_NO_PWD',
    biz_scene: 'DIRECT_TRANSFER',
    order_title: '8月佣金结算',
    remark: '8月佣金, "50%"',
    payee_info: { identity: 'zhang@b.cn', identity_type: 'ALIPAY_LOGON_ID', name: '张三' },
    transfer_scene_name: '佣金报酬',
    transfer_scene_report_infos: [{ info_type: '佣金报酬说明', info_content: '8月' }],
    ...more,
  };
}
