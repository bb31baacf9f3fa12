import type { Cycle } from '@qingfen/calendar';
import { addRequired, readArray, readFields, under, type Place } from './fields.js';
import type { PayeeCycle } from './plan.js';
import { quoted } from './problems.js';
import { readCycle } from './read-cycle.js';

const GROUPS_MAX = 20;
const PAYEES_MAX = 1_000;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/;

/** Reads payees with a cycle of their own; none where the key is absent. */
export function readPayeeCycles(place: Place, absent: Cycle): readonly PayeeCycle[] {
  if (place.value === undefined) return [];
  const list = readArray(place);
  if (list === undefined) return [];
  if (list.length > GROUPS_MAX) {
    const message = `there are ${list.length} groups; at most ${GROUPS_MAX} are possible.`;
    const messageZh = `共有 ${list.length} 组；最多可设置 ${GROUPS_MAX} 组。`;
    place.problems.add(place.pointer, 'bad-value', message, messageZh);
    return [];
  }
  const seen = new Set<string>();
  return [...list.keys()].flatMap((index): PayeeCycle[] => {
    const group = under(place, index);
    if (readFields(group, ['payees', 'cycle']) === undefined) return [];
    const cycle = under(group, 'cycle');
    if (cycle.value === undefined) addRequired(cycle);
    const payeeIds = readPayees(under(group, 'payees'), seen);
    return [{ payeeIds, cycle: readCycle(cycle, absent) }];
  });
}

function readPayees(place: Place, seen: Set<string>): readonly string[] {
  if (place.value === undefined) addRequired(place);
  const list = place.value === undefined ? undefined : readArray(place);
  if (list === undefined) return [];
  if (list.length === 0 || list.length > PAYEES_MAX) {
    const message = `there are ${list.length} payees; between 1 and ${PAYEES_MAX} are possible.`;
    const messageZh = `共有 ${list.length} 个收款方；数量应为 1 到 ${PAYEES_MAX} 个。`;
    place.problems.add(place.pointer, 'bad-value', message, messageZh);
    return [];
  }
  return list.flatMap((value, index) => {
    const at = under(place, index);
    if (typeof value !== 'string' || !ID.test(value)) {
      const message = `${quoted(value)} is not the id of a payee; write it in quotes, like "d-1".`;
      const messageZh = `${quoted(value)}不是有效的收款方编号；请填写带引号的编号，例如 "d-1"。`;
      at.problems.add(at.pointer, 'bad-value', message, messageZh);
      return [];
    }
    if (seen.has(value)) {
      const message = `${quoted(value)} has a cycle of its own already; a payee can be named once.`;
      const messageZh = `${quoted(value)}已单独设置了结算周期；每个收款方只能填写一次。`;
      at.problems.add(at.pointer, 'bad-value', message, messageZh);
    }
    seen.add(value);
    return [value];
  });
}
