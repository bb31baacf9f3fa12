/** Types whose binary form is written here, with their OIDs. */
const oids: Readonly<Record<string, number>> = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
};

const aliases: Readonly<Record<string, string>> = {
  boolean: 'bool',
  bigint: 'int8',
  smallint: 'int2',
  integer: 'int4',
  int: 'int4',
};

/** PostgreSQL counts instants in microseconds from 2000-01-01T00:00:00Z. */
const postgresEpochMs = 946_684_800_000;
const twoTo32 = 0x1_0000_0000;
/** Up to here a text is written faster character by character than by a call out of V8. */
const shortTextMax = 40;

/** Bytes that are written one value after the other, and grow as they must. */
export class Sink {
  bytes: Buffer;
  view: DataView;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
    this.view = viewOf(this.bytes);
  }

  /** Makes sure that so many more bytes fit. */
  room(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Writes one value with its length before it: a field of a row, an element of an array. */
export type Writer = (sink: Sink, value: unknown) => void;

function writeText(sink: Sink, value: unknown): void {
  const text = typeof value === 'string' ? value : String(value);
  const { length } = text;
  sink.room(4 + 3 * length);
  const { bytes, at } = sink;
  if (length <= shortTextMax) {
    let index = 0;
    for (; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) break;
      bytes[at + 4 + index] = code;
    }
    if (index === length) {
      sink.view.setInt32(at, length);
      sink.at = at + 4 + length;
      return;
    }
  }
  const size = bytes.write(text, at + 4);
  sink.view.setInt32(at, size);
  sink.at = at + 4 + size;
}

function writeBytes(sink: Sink, bytes: Uint8Array): void {
  sink.room(4 + bytes.length);
  sink.view.setInt32(sink.at, bytes.length);
  sink.bytes.set(bytes, sink.at + 4);
  sink.at += 4 + bytes.length;
}

function toBigInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' || typeof value === 'string') return BigInt(value);
  throw new TypeError('an int8 is given as a bigint');
}

// A DataView takes what is too large and keeps the rest of it.
function int8Of(value: unknown): bigint {
  const number = toBigInt(value);
  if (BigInt.asIntN(64, number) === number) return number;
  throw new RangeError('an int8 has 64 bits');
}

function intOf(value: unknown, bits: 16 | 32): number {
  const number = Number(value);
  if ((number << (32 - bits)) >> (32 - bits) === number) return number;
  throw new RangeError(`not a whole number of ${bits} bits`);
}

/** Milliseconds since 1970 as PostgreSQL's microseconds, in two halves: cheaper than by a bigint. */
function writeInstant(view: DataView, at: number, value: unknown): void {
  const ms = (value instanceof Date ? value : new Date(String(value))).getTime();
  if (Number.isNaN(ms)) throw new TypeError('not an instant');
  const microseconds = (ms - postgresEpochMs) * 1000;
  if (Number.isSafeInteger(microseconds)) {
    const high = Math.floor(microseconds / twoTo32);
    view.setInt32(at, high);
    view.setUint32(at + 4, microseconds - high * twoTo32);
  } else view.setBigInt64(at, BigInt(ms - postgresEpochMs) * 1000n);
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('a bytea is given as a Buffer');
}

function writeUuid(sink: Sink, value: unknown): void {
  const hex = String(value).replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new TypeError('not a uuid');
  sink.room(20);
  sink.view.setInt32(sink.at, 16);
  for (let word = 0; word < 4; word += 1) {
    const digits = Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16);
    sink.view.setUint32(sink.at + 4 + word * 4, digits);
  }
  sink.at += 20;
}

function writeJsonb(sink: Sink, value: unknown): void {
  const text = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  writeBytes(sink, Buffer.concat([Buffer.of(1), text]));
}

function fixed(size: number, write: (view: DataView, at: number, value: unknown) => void): Writer {
  return (sink, value) => {
    sink.room(4 + size);
    const { view, at } = sink;
    view.setInt32(at, size);
    write(view, at + 4, value);
    sink.at = at + 4 + size;
  };
}

/** As `fixed` would have it, by itself: most of what is written is of this type. */
function writeInt8(sink: Sink, value: unknown): void {
  sink.room(12);
  const { view, at } = sink;
  view.setInt32(at, 8);
  view.setBigInt64(at + 4, int8Of(value));
  sink.at = at + 12;
}

const writers: Readonly<Record<string, Writer>> = {
  bool: fixed(1, (view, at, value) => view.setInt8(at, value === true ? 1 : 0)),
  bytea: (sink, value) => writeBytes(sink, bytesOf(value)),
  int8: writeInt8,
  int2: fixed(2, (view, at, value) => view.setInt16(at, intOf(value, 16))),
  int4: fixed(4, (view, at, value) => view.setInt32(at, intOf(value, 32))),
  text: writeText,
  json: (sink, value) => writeText(sink, typeof value === 'string' ? value : JSON.stringify(value)),
  timestamptz: fixed(8, writeInstant),
  uuid: writeUuid,
  jsonb: writeJsonb,
};

export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Writes a value, or that there is none. */
export function writeField(sink: Sink, write: Writer, value: unknown): void {
  if (!isMissing(value)) {
    write(sink, value);
    return;
  }
  sink.room(4);
  sink.view.setInt32(sink.at, -1);
  sink.at += 4;
}

/** An element's type: how it is written, and its number. */
interface ElementType {
  readonly oid: number;
  readonly write: Writer;
}

function elementType(pgType: string): ElementType | null {
  const type = aliases[pgType] ?? pgType;
  const [oid, write] = [oids[type], writers[type]];
  return oid === undefined || write === undefined ? null : { oid, write };
}

function writeElements(sink: Sink, { oid, write }: ElementType, values: readonly unknown[]): void {
  sink.room(20);
  const { view, at } = sink;
  view.setInt32(at, values.length === 0 ? 0 : 1); // dimensions
  view.setInt32(at + 4, 0); // whether there are nulls: PostgreSQL sees for itself
  view.setInt32(at + 8, oid);
  view.setInt32(at + 12, values.length);
  view.setInt32(at + 16, 1); // lower bound
  sink.at += values.length === 0 ? 12 : 20;
  for (const value of values) writeField(sink, write, value);
}

/**
 * One column as PostgreSQL's binary array, or null for a type that is not written here. Sent as a
 * parameter it spares escaping and parsing: a thousand values cost one buffer.
 * Source: PostgreSQL 18, src/backend/utils/adt/arrayfuncs.c, array_recv.
 */
export function binaryArray(pgType: string, values: readonly unknown[]): Buffer | null {
  const type = elementType(pgType);
  if (type === null) return null;
  const sink = new Sink(20 + 24 * values.length);
  writeElements(sink, type, values);
  return sink.written();
}

/** Writes values of a type, which may be an array of one dimension. @throws RangeError for others */
export function writerOf(pgType: string): Writer {
  const element = pgType.endsWith('[]') ? elementType(pgType.slice(0, -2)) : null;
  if (element === null) {
    const type = elementType(pgType);
    if (type === null) throw new RangeError(`${pgType} has no binary form here`);
    return type.write;
  }
  return (sink, value) => {
    if (!Array.isArray(value)) throw new TypeError(`a ${pgType} is given as an array`);
    sink.room(4);
    const start = sink.at;
    sink.at += 4;
    writeElements(sink, element, value);
    sink.view.setInt32(start, sink.at - start - 4);
  };
}
