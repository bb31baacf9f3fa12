import { parseInstant } from '@qingfen/calendar';
import { UsageError } from './config.js';
import { type FileMessage, type FileReading, sentenceOf } from './file-message.js';
import { readOrderFile } from './order-file.js';

/** What a check or a publication found in a file. */
export interface LineProblem {
  readonly line: number;
  readonly reason: string;
}

/** Which messages of a file, by the `time` of their event: `from` ≤ time < `until`. */
export interface TimeSpan {
  /** Instant, ISO 8601 with an offset. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** What `--check` tells. Of very many problems the first 1,000 of each sort are told. */
export interface FileCheck {
  readonly messages: number;
  /** Those of the messages that are within the span: the well-formed ones, and the others. */
  readonly inside: { readonly sound: number; readonly invalid: number };
  /** Lines that no message can be made from: unless they are left out, nothing is published. */
  readonly unreadable: readonly LineProblem[];
  readonly unreadableCount: number;
  /** The first line because of which leaving lines out would not be safe. */
  readonly fatal: LineProblem | null;
  /** Messages that will be dead-lettered: published all the same, unless they are left out. */
  readonly invalid: readonly LineProblem[];
  readonly invalidCount: number;
}

const problemsMax = 1000;

/**
 * Parses a file as the services will; sends nothing.
 *
 * @throws UsageError when the file cannot be read; the signal's reason when it is aborted.
 */
export async function checkFile(
  file: string,
  options: TimeSpan & FileReading & { readonly signal?: AbortSignal | undefined } = {},
): Promise<FileCheck> {
  const { from, until, signal, ...reading } = options;
  const isInside = insideOf({ from, until });
  const unreadable = new Problems();
  const invalid = new Problems();
  let fatal: LineProblem | null = null;
  const inside = { sound: 0, invalid: 0 };
  let messages = 0;
  for await (const entry of readOrderFile(file, reading)) {
    signal?.throwIfAborted();
    const { line } = entry;
    if ('unreadable' in entry) {
      const problem = { line, reason: sentenceOf(entry) };
      if (entry.isFatal) fatal ??= problem;
      unreadable.note(problem);
      continue;
    }
    messages += 1;
    const place = isInside(entry);
    if (place === null) {
      const reason = `line ${line} has no time, which --from and --until go by`;
      unreadable.note({ line, reason });
    }
    if (entry.invalid !== null) {
      invalid.note({ line, reason: `line ${line}: ${entry.invalid}` });
    }
    if (place === true) inside[entry.invalid === null ? 'sound' : 'invalid'] += 1;
  }
  return {
    messages,
    inside,
    unreadable: unreadable.first,
    unreadableCount: unreadable.count,
    fatal,
    invalid: invalid.first,
    invalidCount: invalid.count,
  };
}

class Problems {
  readonly first: LineProblem[] = [];
  count = 0;

  note(problem: LineProblem): void {
    this.count += 1;
    if (this.first.length < problemsMax) this.first.push(problem);
  }
}

/**
 * Whether a message is within a span: null where it has no time to go by.
 *
 * @throws UsageError for a bound that is no instant.
 */
export function insideOf(span: TimeSpan): (message: FileMessage) => boolean | null {
  const { from, until } = span;
  if (from === undefined && until === undefined) return () => true;
  const fromMs = from === undefined ? -Infinity : msOf(from);
  const untilMs = until === undefined ? Infinity : msOf(until);
  return ({ time }) => {
    if (time === null) return null;
    const at = Date.parse(time);
    return Number.isNaN(at) ? null : at >= fromMs && at < untilMs;
  };
}

function msOf(text: string): number {
  try {
    return parseInstant(text).getTime();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
