import { setTimeout as pause } from 'node:timers/promises';

/** How long a probe asks, and what ends it. */
export interface ProbeOptions<T> {
  /** Real milliseconds after which it fails. */
  readonly deadlineMs: number;
  /** Whether what was seen is what is waited for; without it anything truthy is. */
  readonly holds?: (seen: T) => boolean;
  /** Real milliseconds between two questions. */
  readonly everyMs?: number;
}

const everyMsUsual = 100;
const shownCharsMax = 4_000;

/**
 * Asks until what is waited for is seen. A question that throws counts as "not yet".
 *
 * @returns what was seen.
 * @throws ProbeFailed saying what was waited for and what was seen last.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  options: ProbeOptions<T>,
): Promise<T> {
  const { deadlineMs, holds = Boolean, everyMs = everyMsUsual } = options;
  const endsAt = performance.now() + deadlineMs;
  for (;;) {
    const seen = await attempt(ask);
    if (seen.ok && holds(seen.value)) return seen.value;
    if (performance.now() >= endsAt) {
      throw new ProbeFailed(what, deadlineMs, seen.ok ? shown(seen.value) : seen.trouble);
    }
    await pause(everyMs);
  }
}

/** What was waited for did not come in time. */
export class ProbeFailed extends Error {
  override readonly name = 'ProbeFailed';

  constructor(what: string, deadlineMs: number, lastSeen: string) {
    super(`waited ${deadlineMs} ms for ${what}; last saw ${lastSeen}`);
  }
}

type Seen<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly trouble: string };

async function attempt<T>(ask: () => Promise<T> | T): Promise<Seen<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { ok: false, trouble: `trouble: ${said}`.slice(0, shownCharsMax) };
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  );
  return (text ?? 'nothing').slice(0, shownCharsMax);
}
