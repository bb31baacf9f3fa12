import {
  approvalOwners,
  approvalPrefixes,
  type Approval,
  type ApprovalOwner,
  type Page,
} from '@qingfen/contracts';
import { cursorAt, placeAfter } from '@qingfen/hosting';

/** The id of the last approval shown, by owner; empty before the first. */
export type ApprovalPlaces = Readonly<Record<ApprovalOwner, string>>;

/** Where a list of all owners' approvals goes on. @throws ProblemError 400 for a cursor not ours */
export function approvalPlaces(cursor: string | undefined): ApprovalPlaces {
  const places = placeAfter(cursor, approvalOwners.map(placeOf)) ?? [];
  const [manual = '', plans = '', differences = ''] = places;
  return { 'settlement-calculator': manual, rules: plans, reconciliation: differences };
}

function placeOf(owner: ApprovalOwner): (text: string) => boolean {
  const id = new RegExp(`^${approvalPrefixes[owner]}_[1-9][0-9]{0,17}$`);
  return (text) => text === '' || id.test(text);
}

/**
 * One list of what each owner answered behind its place, oldest first. An owner's own order is kept, so
 * that going on behind the last one shown misses none and shows none twice.
 */
export function mergedApprovals(
  pages: Readonly<Record<ApprovalOwner, Page<Approval>>>,
  { places, limit }: { readonly places: ApprovalPlaces; readonly limit: number },
): Page<Approval> {
  const rest = approvalOwners.map((owner) => [...pages[owner].items]);
  const items: Approval[] = [];
  const ends = { ...places };
  while (items.length < limit) {
    const at = oldestHead(rest);
    const owner = approvalOwners[at];
    const next = rest[at]?.shift();
    if (owner === undefined || next === undefined) break;
    items.push(next);
    ends[owner] = next.approvalId;
  }
  const isMore =
    rest.some((left) => left.length > 0) ||
    approvalOwners.some((owner) => pages[owner].nextCursor !== null);
  const place = approvalOwners.map((owner) => ends[owner]);
  return { items, nextCursor: isMore ? cursorAt(place) : null };
}

/** Which list begins with the approval asked for first; -1 when all are empty. */
function oldestHead(lists: readonly (readonly Approval[])[]): number {
  let found = -1;
  let foundAt = Infinity;
  for (const [at, [head]] of lists.entries()) {
    const headAt = head === undefined ? Infinity : Date.parse(head.requestedAt);
    if (headAt < foundAt) [found, foundAt] = [at, headAt];
  }
  return found;
}
