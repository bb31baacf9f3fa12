import { connect } from 'node:net';

const freshMs = 250;
const patienceMs = 3_000;
const waitsMs = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/**
 * Knows whether Alipay's gateway takes connections. Asked before an intent is written, so that
 * payouts stay `requested` while nothing can be sent; tries again after 1, 2, 4 … 30 s of real time.
 */
export class GatewayReach {
  private readonly host: string;
  private readonly port: number;
  private reachedAtMs = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private tryAgainAtMs = 0;

  constructor(gatewayUrl: string) {
    const url = new URL(gatewayUrl);
    this.host = url.hostname.replace(/^\[|\]$/g, '');
    this.port = Number(url.port) || (url.protocol === 'http:' ? 80 : 443);
  }

  /** Whether a send may be tried now. */
  async isReachable(): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.reachedAtMs < freshMs) return true;
    if (nowMs < this.tryAgainAtMs) return false;
    if (await this.connects()) {
      this.noteReached();
      return true;
    }
    this.noteUnreachable();
    return false;
  }

  /** Real milliseconds until the next try; 0 while the gateway is reachable. */
  waitMs(): number {
    return this.failures === 0 ? 0 : Math.max(0, this.tryAgainAtMs - performance.now());
  }

  /** An answer came. */
  noteReached(): void {
    this.reachedAtMs = performance.now();
    this.failures = 0;
    this.tryAgainAtMs = 0;
  }

  /** A connection was refused, or no host was found. */
  noteUnreachable(): void {
    const nowMs = performance.now();
    this.reachedAtMs = Number.NEGATIVE_INFINITY;
    // Sixteen sends that fail together are one failure.
    if (nowMs < this.tryAgainAtMs) return;
    this.tryAgainAtMs = nowMs + (waitsMs[Math.min(this.failures, waitsMs.length - 1)] ?? 30_000);
    this.failures += 1;
  }

  private connects(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.host, port: this.port, timeout: patienceMs });
      const end = (isThere: boolean): void => {
        socket.destroy();
        resolve(isThere);
      };
      socket.once('connect', () => end(true));
      socket.once('error', () => end(false));
      socket.once('timeout', () => end(false));
    });
  }
}
