import path from 'node:path';

import { parseClockSetting } from './clock.js';
import type { ClockSetting } from './clock.js';

/** What the sandbox is started with. */
export interface SandboxConfig {
  /** TCP port on 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** Directory of the book; made when missing. */
  readonly directory: string;
  readonly clock: ClockSetting;
}

/**
 * Reads `ALIPAY_SANDBOX_PORT`, `ALIPAY_SANDBOX_DIR` and `QINGFEN_CLOCK`.
 *
 * @throws Error with a sentence that names the variable.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): SandboxConfig {
  const portText = env['ALIPAY_SANDBOX_PORT'] ?? '8090';
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65535) {
    throw new Error(`ALIPAY_SANDBOX_PORT must be a port number, not "${portText}"`);
  }
  const directory = env['ALIPAY_SANDBOX_DIR'];
  if (directory === undefined || directory === '') {
    throw new Error('ALIPAY_SANDBOX_DIR must name the directory that keeps the book');
  }
  const clock = parseClockSetting(env['QINGFEN_CLOCK'] ?? 'system');
  return Object.freeze({ port, directory: path.resolve(directory), clock });
}
