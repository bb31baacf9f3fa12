import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inheritedVariables } from './config.js';
import { parseReadyFile, readyFileIn, type ReadyInfo } from './ready-info.js';

/** Nobody has said where the system is; the message says how to. */
export class NoSystem extends Error {
  override readonly name = 'NoSystem';
}

/**
 * Where the local system is that was started last in `QINGFEN_DATA_DIR` (`.qingfen`). `otherwise` says
 * how to do without one.
 *
 * @throws NoSystem when there is none
 */
export function localReady(otherwise: string): ReadyInfo {
  const file = readyFileIn(path.resolve(inheritedVariables()['QINGFEN_DATA_DIR'] ?? '.qingfen'));
  try {
    return parseReadyFile(readFileSync(file, 'utf8'));
  } catch {
    throw new NoSystem(
      `${file} is not there, or no file of a running system. Start it (npm start), or ${otherwise}`,
    );
  }
}
