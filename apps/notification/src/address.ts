import { sha256Hex } from '@qingfen/security';

/** RFC 5321, 4.5.3.1.1. */
const localPartMax = 64;

/**
 * The mail address of a payee, or of nobody but the shop, by a pattern that names `{payeeId}` and `{shopId}`.
 *
 * Ids may hold what an address may not (`@`, `:`), or may at some places only (`.`): such characters are
 * written `=40`, so that distinct payees never share an address. A local part longer than 64 characters gives
 * way to a hash of itself.
 */
export function addressOf(
  pattern: string,
  { shopId, payeeId }: { readonly shopId: string; readonly payeeId: string | null },
): string {
  const filled = pattern
    .replaceAll('{payeeId}', () => atomOf(payeeId ?? ''))
    .replaceAll('{shopId}', () => atomOf(shopId));
  const end = filled.lastIndexOf('@');
  const local = filled.slice(0, end);
  if (local.length <= localPartMax) return filled;
  return `${sha256Hex(local).slice(0, 40)}${filled.slice(end)}`;
}

function atomOf(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, (char) => {
    return `=${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`;
  });
}
