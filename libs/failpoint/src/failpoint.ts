import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { failpointDirectory } from './config.js';
import type { Failpoint } from './points.js';

/** Dies here, as by kill -9, where this place is armed and its turn has come. */
export function failpoint(name: Failpoint): void {
  if (failpointDirectory !== undefined) pass(failpointDirectory, name);
}

/**
 * Counts one process's way past a place, and ends it at the one that was armed for. Of several processes
 * that pass at once, one takes the turn: only one can move the file, and who still counts does not put it back.
 */
function pass(place: string, name: Failpoint): void {
  const armed = path.join(place, 'armed', name);
  try {
    const text = readFileSync(armed, 'utf8');
    const left = Number(text);
    if (left > 1) {
      const counted = String(left - 1).padStart(text.length, '0');
      writeFileSync(armed, counted, { flag: 'r+' });
      return;
    }
    renameSync(armed, path.join(place, 'hit', `${name}.${process.pid}`));
  } catch {
    return; // not armed, or somebody else's turn
  }
  process.kill(process.pid, 'SIGKILL');
  // The signal ends the process before this statement does anything, but not before the call returns.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
