import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { UsageError } from './config.js';

/** What a note belongs to: going on is safe only with the same of all of it. */
export interface Undertaking {
  /** Of the file's bytes. */
  readonly sha256: string;
  /** Kafka's own name for the cluster, whatever its addresses are. */
  readonly cluster: string;
  /** Options that decide what is sent. */
  readonly settings: string;
}

/** How far a file has been published, kept in a small file of its own. */
export interface Progress {
  /** The last line whose message, and all before it, the broker has acknowledged. */
  readonly line: number;
  /** Messages acknowledged up to there. */
  readonly published: number;
}

/**
 * Writes how far it is, all or nothing: a crash leaves the note before. Between the broker's answer
 * and the note a crash makes the last batch go out twice, as the same events under the same ids.
 *
 * @throws Error of the file system.
 */
export function writeProgress(file: string, undertaking: Undertaking, progress: Progress): void {
  const draft = `${file}.draft`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, `${JSON.stringify({ version: 1, ...undertaking, ...progress })}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}

/** Takes a note away, when everything is published. */
export function removeProgress(file: string): void {
  rmSync(file, { force: true });
}

/**
 * How far an earlier run came with the same undertaking.
 *
 * @throws UsageError when there is no note, or it belongs to something else: to go on then could
 * leave messages out.
 */
export function readProgress(file: string, undertaking: Undertaking): Progress {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(
      `there is no ${file} to go on from: the file was published to its end, or not begun. ` +
        'Publish it without --resume',
    );
  }
  const note = parsed(text);
  const again = 'Publish it without --resume: what was sent already is the same events again';
  if (note === null) throw new UsageError(`${file} cannot be understood. ${again}`);
  const parts = [
    ['sha256', 'the file has changed since'],
    ['cluster', 'it was being sent to another Kafka cluster'],
    ['settings', 'it was begun with other options'],
  ] as const;
  for (const [part, what] of parts) {
    if (note[part] !== undertaking[part]) throw new UsageError(`${file}: ${what}. ${again}`);
  }
  return { line: note.line, published: note.published };
}

function parsed(text: string): (Undertaking & Progress) | null {
  let note: unknown;
  try {
    note = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof note !== 'object' || note === null || !('version' in note)) return null;
  const of = (name: string): unknown =>
    Object.hasOwn(note, name) ? Reflect.get(note, name) : null;
  const [sha256, cluster, settings] = [of('sha256'), of('cluster'), of('settings')];
  const [line, published] = [of('line'), of('published')];
  const isWhole =
    note.version === 1 && Number.isSafeInteger(line) && Number.isSafeInteger(published);
  if (!isWhole || typeof line !== 'number' || typeof published !== 'number') return null;
  if (typeof sha256 !== 'string' || typeof cluster !== 'string' || typeof settings !== 'string') {
    return null;
  }
  return { sha256, cluster, settings, line, published };
}
