import type { Command } from './arguments.js';

/** What the API says in both languages. */
export interface Said {
  readonly message: string;
  readonly messageZh: string;
}

/** The words of the tool itself; whole sentences come from the API. */
export interface Words {
  readonly lang: Command['lang'];
  /** The API's sentence. */
  readonly said: (said: Said) => string;
  /** One of two. */
  readonly either: (en: string, zh: string) => string;
}

export function wordsIn(lang: Command['lang']): Words {
  return {
    lang,
    said: ({ message, messageZh }) => (lang === 'zh' ? messageZh : message),
    either: (en, zh) => (lang === 'zh' ? zh : en),
  };
}

/** Lines of a deeper level. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

/** A heading over lines; nothing where there are none. */
export function under(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, ...indented(lines)];
}
