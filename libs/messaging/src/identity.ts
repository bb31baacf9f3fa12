import { createHash, hash } from 'node:crypto';
import { needsTime, type CloudEvent } from '@qingfen/contracts';

/** The first 128 bits of SHA-256 over texts, each with its length, as a uuid (version 8). */
export function derivedUuid(...parts: readonly string[]): string {
  const hasher = createHash('sha256');
  for (const part of parts) hasher.update(`${part.length}:${part};`);
  const bytes = hasher.digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  const cuts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${cuts.join('-')}-${hex.slice(20)}`;
}

/** 128 bits of SHA-256 as hex, which is also a uuid's text. */
function digest128(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** The inbox key of an event: source and id, unambiguously joined. */
export function eventKey(event: { readonly source: string; readonly id: string }): string {
  return digest128(`${event.source.length}:${event.source}${event.id}`);
}

// Keys stand unescaped in JSON only as keys: inside a text the quotes have backslashes.
const amounts = /"(amount|subsidy)":"(\d+)\.(\d*?)0*"/g;
const instants = /"(\w*[aA]t)":"(\d{4}-\d\d-\d\dT[^"]+)"/g;

function sameInstant(whole: string, name: string, text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? whole : `"${name}":${at}`;
}

function sameAmount(_: string, name: string, units: string, minor: string): string {
  return minor === '' ? `"${name}":"${units}"` : `"${name}":"${units}.${minor}"`;
}

/**
 * What an event says, after parsing: the parser drops unknown fields and puts the known ones into
 * the schema's order, so formatting does not count, nor does `5.0` for `5.00` or an instant's
 * offset. `time` counts where it decides (payees), else a retry may carry another one.
 */
export function factDigest(event: CloudEvent<unknown>): string {
  const data = JSON.stringify(event.data)
    .replace(amounts, sameAmount)
    .replace(instants, sameInstant);
  const time = needsTime(event.type) ? String(Date.parse(event.time ?? '')) : '';
  return digest128(`${event.type};${time};${data}`);
}

/** Which of the outbox's shards a key belongs to (FNV-1a), 0 to 7. */
export function shardOf(key: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    state = Math.imul(state ^ key.charCodeAt(index), 0x01000193);
  }
  return (state >>> 0) % shardCount;
}

/** Shards of the outbox; a key keeps its order because its shard is drained by one at a time. */
export const shardCount = 8;
