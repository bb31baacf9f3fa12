function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A value as PostgreSQL's text form; arrays become array literals, instants ISO 8601. */
export function textForm(value: unknown): string {
  if (Array.isArray(value)) return arrayLiteral(value);
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'number';
}

/** An array literal such as `{"a","b",NULL}`; every element quoted but numbers, which need none. */
export function arrayLiteral(values: readonly unknown[]): string {
  if (values.every(isNumber)) return `{${values.join(',')}}`;
  const items = values.map((value) =>
    value === null || value === undefined ? 'NULL' : quoted(textForm(value)),
  );
  return `{${items.join(',')}}`;
}
