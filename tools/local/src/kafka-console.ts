import { spawn } from 'node:child_process';
import { javaArguments } from './kafka-broker.js';
import type { KafkaJars } from './kafka-jars.js';

const toolMsMax = 120_000;

/** Codecs that Kafka's console producer packs with. */
export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** One line in or out of the console tools: key and value as text. */
export interface ConsoleMessage {
  readonly key: string;
  readonly value: string;
}

/**
 * Apache Kafka's own console producer and consumer, from the broker's jars: what an upstream
 * without a line of our code would use.
 */
export class KafkaConsole {
  readonly #options: {
    readonly java: string;
    readonly jars: KafkaJars;
    readonly bootstrap: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  };

  constructor(options: {
    readonly java: string;
    readonly jars: KafkaJars;
    readonly bootstrap: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  }) {
    this.#options = options;
  }

  /**
   * Sends messages and waits for their acknowledgement.
   *
   * @throws Error with what the tool said when it failed.
   */
  async produce(
    topic: string,
    messages: readonly ConsoleMessage[],
    codec: Codec = 'none',
  ): Promise<void> {
    // Not --sync: each message would wait a second for company. The tool flushes before it ends.
    const args = ['--topic', topic, '--compression-codec', codec];
    args.push('--reader-property', 'parse.key=true', '--reader-property', 'key.separator=\t');
    const lines = messages.map(({ key, value }) => `${key}\t${value}\n`);
    await this.#run('org.apache.kafka.tools.ConsoleProducer', args, lines.join(''));
  }

  /**
   * The first `count` messages of a topic, or those that came within `withinMs`.
   *
   * @throws Error with what the tool said when it failed.
   */
  async consume(
    topic: string,
    wanted: { readonly count: number; readonly withinMs: number },
  ): Promise<readonly ConsoleMessage[]> {
    const args = ['--topic', topic, '--from-beginning', '--max-messages', String(wanted.count)];
    args.push('--timeout-ms', String(wanted.withinMs), '--formatter-property', 'print.key=true');
    args.push('--formatter-property', 'key.separator=\t');
    const said = await this.#run('org.apache.kafka.tools.consumer.ConsoleConsumer', args, '');
    return said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({
        key: line.slice(0, line.indexOf('\t')),
        value: line.slice(line.indexOf('\t') + 1),
      }));
  }

  #run(tool: string, args: readonly string[], input: string): Promise<string> {
    const { java, jars, bootstrap, env } = this.#options;
    const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...javaArguments(jars)];
    const all = [...jvm, tool, '--bootstrap-server', bootstrap, ...args];
    return new Promise((resolve, reject) => {
      const child = spawn(java, all, { env, stdio: 'pipe', timeout: toolMsMax });
      let out = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
      child.once('error', reject);
      child.once('close', (status) => {
        if (status === 0) resolve(out);
        else reject(new Error(`${tool} ended with status ${status}: ${errors.slice(0, 2_000)}`));
      });
      child.stdin.end(input);
    });
  }
}
