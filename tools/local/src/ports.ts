import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { StartFailure } from './start-failure.js';

/** A port nobody else can take until `release`, which is called right before its part starts. */
export interface ReservedPort {
  readonly port: number;
  release(): Promise<void>;
}

// Below the range from which systems take ports for outgoing connections (32768 on Linux), so that
// one never takes the port of a part that is being restarted.
const anyFrom = 15_000;
const anyTo = 30_000;

/** Reserves any free port of 127.0.0.1. */
export async function reserveAnyPort(): Promise<ReservedPort> {
  for (let tries = 0; tries < 500; tries += 1) {
    const reserved = await reserve(randomInt(anyFrom, anyTo));
    if (reserved !== undefined) return reserved;
  }
  throw new StartFailure({
    part: 'ports',
    reason: `no free port between ${anyFrom} and ${anyTo} on 127.0.0.1`,
    fix: 'End programs that listen there.',
  });
}

/**
 * The port of a part: one that was given is taken or the start fails, 0 is any free one, and a
 * default that is occupied gives way to a free one.
 *
 * @throws StartFailure when the given port is occupied.
 */
export async function reservePort(wanted: {
  readonly part: string;
  readonly variable: string;
  readonly given: number | undefined;
  readonly preferred: number;
}): Promise<ReservedPort> {
  const { given } = wanted;
  if (given === 0) return reserveAnyPort();
  const reserved = await reserve(given ?? wanted.preferred);
  if (reserved !== undefined) return reserved;
  if (given === undefined) return reserveAnyPort();
  throw new StartFailure({
    part: wanted.part,
    reason: `port ${given} of 127.0.0.1 can't be had: another program listens on it`,
    fix: `Set ${wanted.variable} to a free port, or to 0 for any free one, or end that program.`,
  });
}

async function reserve(port: number): Promise<ReservedPort | undefined> {
  const server = await listen(port);
  if (server === undefined) return undefined;
  let isHeld = true;
  return {
    port,
    release: async () => {
      if (!isHeld) return;
      isHeld = false;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    // A reservation must not keep a process alive that has nothing else to do.
    server.unref();
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
