/** A request as it was stored: its text goes over the wire byte for byte, at every send. */
export interface StoredBizContent {
  /** The caller's number, and the member of the text that it stands in. */
  readonly number: string;
  readonly numberField: string;
  readonly bizContent: string;
}

/**
 * The stored text as the object that the SDK writes out again. The SDK renames keys to snake_case
 * and calls JSON.stringify: with keys that are in snake_case already, and a text that JSON.stringify
 * wrote, the same bytes come out. Anything else is refused before it is sent.
 *
 * @throws Error when the text would not go out as it is stored, or has another number inside.
 */
export function readStored(stored: StoredBizContent): Record<string, unknown> {
  const { number, numberField, bizContent: text } = stored;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !isStable(value)) {
    throw new Error(`the stored request ${number} would not go out as it is stored`);
  }
  if (JSON.stringify(value) !== text) {
    throw new Error(`the stored request ${number} is not in the form it was written in`);
  }
  const bizContent: Record<string, unknown> = { ...value };
  if (bizContent[numberField] !== number) {
    throw new Error(`the stored request ${number} has another number inside`);
  }
  return bizContent;
}

function isStable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStable);
  return Object.entries(value).every(
    ([key, member]) => /^[a-z]+(_[a-z]+)*$/.test(key) && isStable(member),
  );
}
