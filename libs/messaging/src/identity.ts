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

// Amounts not written with two decimals; keys stand unescaped in JSON only as keys. Most events
// have none of these, and then this costs one look.
const oddAmounts = /"(amount|subsidy)":"(\d+)(\.\d)?"/g;

function evenAmount(_: string, name: string, units: string, tenths = '.0'): string {
  return `"${name}":"${units}${tenths}0"`;
}

const instantName = /(^at|At)$/;

/** Instants as numbers, so that an offset does not count; they stand at the top of the data. */
function withEpochs(data: object): Record<string, unknown> {
  const plain: Record<string, unknown> = { ...data };
  for (const name in plain) {
    const value = plain[name];
    if (typeof value === 'string' && instantName.test(name)) plain[name] = Date.parse(value);
  }
  return plain;
}

/**
 * What an event says, after parsing: the parser drops unknown fields and puts the known ones into
 * the schema's order, so formatting does not count, nor does `5.0` for `5.00` or an instant's
 * offset. `time` counts where it decides (payees), else a retry may carry another one.
 */
export function factDigest(event: CloudEvent<object>): string {
  const data = JSON.stringify(withEpochs(event.data)).replace(oddAmounts, evenAmount);
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
