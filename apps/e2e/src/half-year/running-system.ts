import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  killEverything,
  type LaunchedSystem,
  launchSystem,
  removeDataDirectory,
  startKafka,
  urlsOf,
} from '@qingfen/local';
import {
  GatewayClient,
  SandboxClient,
  until,
  Upstream,
  type UpstreamMessage,
} from '@qingfen/testing';

import type { Layout } from './mishaps.js';

const restartMsMax = 60_000;
const acknowledgeMsMax = 90_000;

/** How a system of its own is started. */
export interface SystemOptions {
  /** The virtual clock's first instant. */
  readonly clock: string;
  readonly layout: Layout;
  /** Leaves the data directory for somebody who wants to look into it. */
  readonly keep: boolean;
}

/** A local system of its own that can be killed, stopped and started again where it was. */
export class RunningSystem {
  readonly layout: Layout;
  readonly #dataDir: string;
  readonly #keep: boolean;
  readonly #clock: string;
  #system: LaunchedSystem;
  #gateway: GatewayClient;
  #upstream: Upstream;

  private constructor(options: SystemOptions, dataDir: string, connected: Connected) {
    this.layout = options.layout;
    this.#keep = options.keep;
    this.#clock = options.clock;
    this.#dataDir = dataDir;
    this.#system = connected.system;
    this.#gateway = connected.gateway;
    this.#upstream = connected.upstream;
  }

  static async start(options: SystemOptions): Promise<RunningSystem> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'qingfen-half-year-'));
    const { layout, clock } = options;
    const { processes } = layout;
    const env = { QINGFEN_CLOCK: `virtual:${clock}`, ...replicasOf(layout) };
    const system = await launchSystem({ dataDir, processes, env });
    return new RunningSystem(options, dataDir, await connect(system));
  }

  get gateway(): GatewayClient {
    return this.#gateway;
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  get gatewayUrl(): string {
    return this.#system.ready.gateway;
  }

  get sandboxUrl(): string {
    const url = this.#system.ready.alipaySandbox;
    if (url === null) throw new Error('the system runs without a sandbox');
    return url;
  }

  get sandbox(): SandboxClient {
    return new SandboxClient(this.sandboxUrl);
  }

  /** Logs in anew: a passage is longer than an access token lives. */
  async login(): Promise<void> {
    const { username, password } = this.#system.ready.admin;
    await this.#gateway.login(username, password);
  }

  /** Sends until the broker has acknowledged, as an order system does. */
  async publish(messages: readonly UpstreamMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await acknowledged(this.#upstream, messages);
  }

  /** Ends a part with SIGKILL and waits for the process that takes its place. */
  async kill(part: string): Promise<void> {
    const before = this.#system.pidOf(part);
    if (before === undefined) throw new Error(`${part} does not run at this moment`);
    process.kill(before, 'SIGKILL');
    await until(`a new process of ${part}`, () => this.#system.pidOf(part), {
      deadlineMs: restartMsMax,
      everyMs: 20,
      holds: (seen) => seen !== undefined && seen !== before,
    });
  }

  /** Stops everything in order, or cuts it off, and starts it again where it was. */
  async restart(how: 'stop' | 'power-cut'): Promise<void> {
    if (how === 'stop') await this.#system.stop();
    else await killEverything(this.#system);
    await this.#launchAgain(undefined);
  }

  /** Nobody is there: messages meet a broker alone, and everything else starts at a later clock. */
  async beAway(messages: readonly UpstreamMessage[], clockAfter: string): Promise<void> {
    await this.#system.stop();
    const kafka = await startKafka({ directory: this.#dataDir });
    try {
      const upstream = await Upstream.connect(kafka.address);
      await acknowledged(upstream, messages);
      await upstream.close();
    } finally {
      await kafka.stop();
    }
    await this.#launchAgain(clockAfter);
  }

  async stop(): Promise<void> {
    await this.#upstream.close();
    await this.#system.stop();
    if (!this.#keep) removeDataDirectory(this.#dataDir);
  }

  async #launchAgain(clock: string | undefined): Promise<void> {
    const { ready } = this.#system;
    const portOf = (address: string): string => new URL(address).port;
    // A producer that waits for a broker may keep the old one in mind: it is made anew.
    await this.#upstream.close().catch(() => undefined);
    this.#system = await launchSystem({
      dataDir: this.#dataDir,
      processes: this.layout.processes,
      env: {
        ...replicasOf(this.layout),
        // Alipay's notifications go to the address that the merchants were put with; the clock goes
        // on at the later one of this and what is remembered.
        GATEWAY_PORT: portOf(ready.gateway),
        KAFKA_PORT: portOf(`http://${ready.kafka}`),
        POSTGRES_PORT: portOf(ready.postgres),
        ALIPAY_SANDBOX_PORT: portOf(ready.alipaySandbox ?? ''),
        QINGFEN_CLOCK: `virtual:${clock ?? this.#clock}`,
      },
    });
    const connected = await connect(this.#system);
    this.#gateway = connected.gateway;
    this.#upstream = connected.upstream;
  }
}

function replicasOf({ replicas }: Layout): { readonly QINGFEN_REPLICAS: string } {
  return { QINGFEN_REPLICAS: String(replicas) };
}

interface Connected {
  readonly system: LaunchedSystem;
  readonly gateway: GatewayClient;
  readonly upstream: Upstream;
}

async function connect(system: LaunchedSystem): Promise<Connected> {
  const { ready } = system;
  const gateway = new GatewayClient(urlsOf(ready, 'gateway'));
  await gateway.login(ready.admin.username, ready.admin.password);
  return { system, gateway, upstream: await Upstream.connect(ready.kafka) };
}

async function acknowledged(
  upstream: Upstream,
  messages: readonly UpstreamMessage[],
): Promise<void> {
  await until(
    'the broker to acknowledge',
    async () => {
      await upstream.send(messages);
      return true;
    },
    { deadlineMs: acknowledgeMsMax },
  );
}
