/**
 * Writes a JSON value as block-style YAML 1.2 that reads back the same. Texts are quoted in JSON's
 * way wherever a plain scalar could be read as anything else.
 */
export function yamlOf(value: unknown): string {
  return `${blockOf(value, 0).trimStart()}\n`;
}

function blockOf(value: unknown, depth: number): string {
  const indent = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return value.map((item) => `\n${indent}-${blockOf(item, depth + 1)}`).join('');
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    if (fields.length === 0) return ' {}';
    return fields
      .map(([key, field]) => `\n${indent}${scalarOf(key)}:${blockOf(field, depth + 1)}`)
      .join('');
  }
  return ` ${typeof value === 'string' ? scalarOf(value) : JSON.stringify(value)}`;
}

const plainPattern = /^[A-Za-z][A-Za-z0-9_.-]*( [A-Za-z0-9_.,;-]+)*$/;
const reserved = /^(true|false|null|yes|no|on|off|y|n)$/i;

function scalarOf(text: string): string {
  return plainPattern.test(text) && !reserved.test(text) ? text : JSON.stringify(text);
}
