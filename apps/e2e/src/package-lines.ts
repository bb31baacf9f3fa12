import { sign, type KeyObject } from 'node:crypto';

/** The lines of an audit package, read and spoiled by a test that shares no code with what writes them. */
type Lines = readonly string[];

/** A record of a list: its place, and what it tells. */
type Fields = readonly unknown[];

/** A signed page, of whatever list. */
export interface SignedLine {
  readonly text: string;
  readonly signature: string;
  readonly keyId: string;
  readonly publicKey: string;
}

/** All records of a list, in their order. */
export function recordsOf(lines: Lines, list: string): readonly Fields[] {
  return lines.flatMap((line) => {
    const { page, acts } = JSON.parse(line);
    const text = page?.text ?? acts?.text;
    if (text === undefined) return [];
    const fields: Fields = JSON.parse(text);
    return fields[0] === list ? (fields[7] as readonly Fields[]) : [];
  });
}

/** Where a section's own lines begin, and where the next one's do. */
export function placeOf(
  lines: Lines,
  section: string,
): { readonly from: number; readonly to: number } {
  const from = lines.indexOf(JSON.stringify({ section })) + 1;
  const to = lines.findIndex((line, at) => at >= from && /^\{"(section|manifest)":/.test(line));
  return { from, to };
}

/** The package with the first page of a section changed. */
export function withPage(
  lines: Lines,
  section: string,
  change: (page: SignedLine) => SignedLine,
): Lines {
  const { from } = placeOf(lines, section);
  const [name = '', page] = Object.entries(JSON.parse(lines[from] ?? ''))[0] ?? [];
  return lines.with(from, JSON.stringify({ [name]: change(page as SignedLine) }));
}

/** A text with somebody else's signature, and his key. */
export function signedBy(
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
  page: SignedLine,
): SignedLine {
  const signature = sign(null, Buffer.from(page.text), privateKey).toString('base64');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { ...page, signature, publicKey: pem };
}

/** A line with one character changed in its middle, and still JSON. */
export function flipped(line: string): string {
  const middle = Math.floor(line.length / 2);
  const at = line.slice(middle).search(/[a-zA-Z0-9]/) + middle;
  const other = line[at] === '1' ? '2' : '1';
  return `${line.slice(0, at)}${other}${line.slice(at + 1)}`;
}
