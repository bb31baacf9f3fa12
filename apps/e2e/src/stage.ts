import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Topic } from '@qingfen/contracts';
import { ensureKafkaJars, findJava, KafkaConsole, type ReadyInfo, urlsOf } from '@qingfen/local';
import {
  GatewayClient,
  later,
  readTopic,
  SandboxClient,
  span,
  type TopicMessage,
  Upstream,
} from '@qingfen/testing';

import pg from 'pg';

import { toolVariables } from './config.js';
import { TestShop } from './test-shop.js';

const balanceUsual = '10000000.00';
/** Runs take place at 02:00; a stage moves a little past it. */
const afterRunsMs = span.hours(2) + span.minutes(1);

/** A running system as an outsider meets it: gateway, Kafka, and the sandbox's own book. */
export class Stage {
  readonly ready: ReadyInfo;
  readonly gateway: GatewayClient;
  readonly sandbox: SandboxClient;
  readonly upstream: Upstream;

  private constructor(ready: ReadyInfo, gateway: GatewayClient, upstream: Upstream) {
    this.ready = ready;
    this.gateway = gateway;
    this.sandbox = new SandboxClient(sandboxOf(ready));
    this.upstream = upstream;
  }

  /** Logs in as the first admin and connects to Kafka. */
  static async open(ready: ReadyInfo): Promise<Stage> {
    const gateway = new GatewayClient(urlsOf(ready, 'gateway'));
    await gateway.login(ready.admin.username, ready.admin.password);
    return new Stage(ready, gateway, await Upstream.connect(ready.kafka));
  }

  async close(): Promise<void> {
    await this.upstream.close();
  }

  /** A shop that nobody else uses, with an app of its own at the sandbox. */
  async newShop(
    options: {
      /** One that the system was told of at its start; usually one that nobody else has. */
      readonly shopId?: string;
      readonly balance?: string;
      readonly mode?: 'key' | 'certificate';
      readonly withoutAlipay?: boolean;
      /** Batches are paid without anybody's confirmation. */
      readonly batchDirect?: boolean;
    } = {},
  ): Promise<TestShop> {
    const { balance = balanceUsual, mode = 'key', withoutAlipay = false } = options;
    const { batchDirect = false } = options;
    const name = randomUUID().slice(0, 8);
    const { shopId = `shop-${name}` } = options;
    const appId = `app${name}`;
    const notifyUrl = `${this.ready.gateway}/alipay/notifications/${shopId}`;
    const terms = { balance, mode, notifyUrl, batchDirect };
    const made = await this.sandbox.putMerchant(appId, terms);
    const alipay = { ...made.alipay, batchDirect };
    const settings = { name: `测试店铺 ${name}`, timezone: 'Asia/Shanghai' };
    await this.gateway.putShop(shopId, withoutAlipay ? settings : { ...settings, alipay });
    return new TestShop(this, { shopId, appId, alipay });
  }

  /** Everything that stands on a topic now. */
  async read(topic: Topic | `${Topic}.dlq`): Promise<readonly TopicMessage[]> {
    return readTopic(this.ready.kafka, topic);
  }

  /** Dead letters of a topic whose original key is one of these. */
  async deadLettersWith(topic: Topic, keys: readonly string[]): Promise<readonly TopicMessage[]> {
    const all = await this.read(`${topic}.dlq`);
    return all.filter(({ key }) => key !== null && keys.includes(key));
  }

  /** Asks the installation's database as its owner; for what no interface shows. */
  async query<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.ready.postgres });
    await client.connect();
    try {
      return (await client.query<T>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Kafka's own command line tools, pointed at this system's broker. */
  async kafkaConsole(): Promise<KafkaConsole> {
    const env = toolVariables();
    const java = await findJava(env['JAVA_HOME']);
    const jars = await ensureKafkaJars({
      cacheDirectory: env['QINGFEN_CACHE_DIR'],
      env,
      progress: () => undefined,
    });
    return new KafkaConsole({ java, jars, bootstrap: this.ready.kafka, env });
  }

  /** The text of the newest mail kept for an address, decoded; undefined while there is none. */
  mailTo(address: string): string | undefined {
    return this.mailsTo(address).at(-1);
  }

  /** The texts of all mails kept for an address, oldest first, lines made whole again. */
  mailsTo(address: string): readonly string[] {
    const folder = path.join(this.ready.dataDir, 'mail');
    return (
      readdirSync(folder)
        .filter((name) => name.endsWith('.eml'))
        // `10.eml` came after `9.eml`.
        .sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10))
        .map((name) => readFileSync(path.join(folder, name), 'utf8'))
        .filter((text) => text.includes(`X-Envelope-To: ${address}`))
        .map((text) => text.replace(/=\r?\n/g, ''))
    );
  }

  /** The process that a part (`postgres`, `kafka`, `alipay-sandbox` …) is at this moment. */
  pidOf(part: string): number {
    const text = readFileSync(path.join(this.ready.dataDir, 'pids.json'), 'utf8');
    const pids: Readonly<Record<string, { readonly pid: number } | undefined>> = JSON.parse(text);
    const pid = pids[part]?.pid;
    if (pid === undefined) throw new Error(`${part} does not run at this moment`);
    return pid;
  }

  /** Moves the clock to just after the runs of the day that begins at a midnight. */
  async liveThroughRunsOf(midnightText: string): Promise<void> {
    await this.gateway.moveClock(this.afterRunsOf(midnightText));
  }

  /** An instant just after the runs of the day that begins at a midnight. */
  afterRunsOf(midnightText: string): string {
    return later(midnightText, afterRunsMs);
  }
}

function sandboxOf(ready: ReadyInfo): string {
  if (ready.alipaySandbox === null) throw new Error('the system runs without a sandbox');
  return ready.alipaySandbox;
}
