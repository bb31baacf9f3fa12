/** An account as its owner recognises it and nobody else can use it: `138****8000`, `li***@x.com`. */
export function maskIdentity(identity: string): string {
  const at = identity.lastIndexOf('@');
  if (at > 0) {
    const kept = identity.slice(0, Math.min(2, at - 1));
    return `${kept}***${identity.slice(at)}`;
  }
  if (identity.length < 8) return `${identity.slice(0, 1)}***`;
  return `${identity.slice(0, 3)}****${identity.slice(-4)}`;
}

/** A name of which only the last character stays: `**三`. */
export function maskName(name: string): string {
  const characters = [...name];
  if (characters.length < 2) return '*';
  return `${'*'.repeat(characters.length - 1)}${characters.at(-1) ?? ''}`;
}
