import { invariant } from '@qingfen/money';

/**
 * Writes a JSON value so that equal values give equal text: keys sorted by UTF-16 code units, no
 * spaces (RFC 8785 for what plans contain). What is hashed of a plan, or of what a second person approves.
 *
 * @throws InvariantError on what JSON cannot say (undefined, functions, bigint, NaN).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`);
    return `{${fields.join(',')}}`;
  }
  const isJson =
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value));
  invariant(isJson, `a ${typeof value} is not JSON`);
  return JSON.stringify(value);
}
