import type { z } from 'zod';

/** What is wrong with a field, as the end of a sentence that begins with the field. */
export interface Phrase {
  readonly en: string;
  readonly zh: string;
}

// A schema's message is one text; its two lines are the two languages.
const separator = '\n';

/** The message of a schema, in both languages. */
export function phrase(en: string, zh: string): string {
  return en + separator + zh;
}

/** The two languages of a schema's message; a message of one line stands for both. */
export function readPhrase(message: string): Phrase {
  const at = message.indexOf(separator);
  if (at < 0) return { en: message, zh: message };
  return { en: message.slice(0, at), zh: message.slice(at + separator.length) };
}

/** The first complaint of a schema, with the unknown fields where they are the complaint. */
export function phraseOfIssue(issue: z.core.$ZodIssue): Phrase {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => shown(key)).join(', ');
    return { en: `has unknown fields: ${keys}`, zh: `含有未知字段: ${keys}` };
  }
  if (issue.code === 'invalid_type' && !issue.message.includes(separator)) {
    return { en: `is not ${article(issue.expected)}`, zh: `类型不正确, 应为 ${issue.expected}` };
  }
  return readPhrase(issue.message);
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

const shownCharsMax = 60;

/** A value as it may stand in a sentence: quoted, short, one line, never a whole document. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return `the ${typeof value} ${String(value)}`;
  const cut = value.length <= shownCharsMax ? value : `${value.slice(0, shownCharsMax)}…`;
  return JSON.stringify(cut);
}

/** `['data', 'items', 0, 'amount']` as `data.items[0].amount`. */
export function fieldName(path: readonly PropertyKey[]): string {
  let name = '';
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`;
    else name += name === '' ? String(step) : `.${String(step)}`;
  }
  return name;
}

/** `['plan', 'levels', 0]` as the JSON pointer `/plan/levels/0` (RFC 6901). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

/** The value at a path of a parsed document, undefined where there is none. */
export function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = Reflect.get(value, step);
  }
  return value;
}
