/** A text without what a terminal would take for an order. */
export function onScreen(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
