import { notFound } from '@qingfen/hosting';

/** `rc_12` → 12; an id of another shape is the id of nothing. @throws ProblemError 404 */
export function numberOfId(prefix: string, id: string): bigint {
  const match = /^([a-z]{2})_([1-9][0-9]{0,17})$/.exec(id);
  if (match?.[1] !== prefix || match[2] === undefined) {
    throw notFound(`There is nothing with the id ${id.slice(0, 100)}.`);
  }
  return BigInt(match[2]);
}
