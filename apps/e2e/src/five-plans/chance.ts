import { createHash } from 'node:crypto';

/** A number in [0, 1) that belongs to a name: the same in every run. */
export function chance(...names: readonly string[]): number {
  const digest = createHash('sha256').update(names.join('|'), 'utf8').digest();
  return digest.readUInt32BE(0) / 4_294_967_296;
}
