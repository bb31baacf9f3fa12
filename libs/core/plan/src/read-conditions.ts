import { ZERO } from '@qingfen/money';
import {
  addRequired,
  readAmount,
  readArray,
  readFields,
  readWord,
  under,
  type Place,
} from './fields.js';
import type { Condition, PartKind } from './plan.js';
import { quoted } from './problems.js';

/** More conditions than anyone reads are a mistake or an attack. */
const CONDITIONS_MAX = 50;
const TASK = /^[^\p{C}]{1,64}$/u;

/** Reads what must hold before something is owed or paid; none where the key is absent. */
export function readConditions(place: Place, currency: string): readonly Condition[] {
  if (place.value === undefined) return [];
  const list = readArray(place);
  if (list === undefined) return [];
  if (list.length > CONDITIONS_MAX) {
    const message = `there are ${list.length} conditions; a plan has at most ${CONDITIONS_MAX}.`;
    const messageZh = `共有 ${list.length} 个条件；一份规则最多可设置 ${CONDITIONS_MAX} 个。`;
    place.problems.add(place.pointer, 'bad-value', message, messageZh);
    return [];
  }
  return [...list.keys()].flatMap((index) => readCondition(under(place, index), currency) ?? []);
}

function readCondition(place: Place, currency: string): Condition | undefined {
  const when = under(place, 'when');
  switch (when.value) {
    case 'order-amount':
      return readOrderAmount(place, currency);
    case 'payee-task':
      return readTask(place);
    default:
      if (readFields(place, ['for', 'when', 'atLeast', 'task']) === undefined) return undefined;
      if (when.value === undefined) addRequired(when);
      else readWord(when, ['order-amount', 'payee-task'], 'order-amount');
      return undefined;
  }
}

function readOrderAmount(place: Place, currency: string): Condition | undefined {
  if (readFields(place, ['for', 'when', 'atLeast']) === undefined) return undefined;
  const [atLeast, whom] = [under(place, 'atLeast'), under(place, 'for')];
  if (atLeast.value === undefined) addRequired(atLeast);
  if (whom.value === undefined) addRequired(whom);
  return {
    when: 'order-amount',
    for: readWord(whom, ['commission', 'team-reward'], 'commission'),
    atLeastMinor: readAmount(atLeast, currency, ZERO),
  };
}

function readTask(place: Place): Condition | undefined {
  if (readFields(place, ['for', 'when', 'task']) === undefined) return undefined;
  const [task, whom] = [under(place, 'task'), under(place, 'for')];
  if (whom.value === undefined) addRequired(whom);
  if (task.value === undefined) addRequired(task);
  else if (typeof task.value !== 'string' || !TASK.test(task.value)) {
    task.problems.add(
      task.pointer,
      'bad-value',
      `${quoted(task.value)} is not the name of a task; write 1 to 64 characters in quotes, like "kyc".`,
      `${quoted(task.value)}不是有效的任务名称；请填写带引号的 1 到 64 个字符，例如 "kyc"。`,
    );
  }
  const kinds: readonly PartKind[] = ['commission', 'supplier', 'team-reward'];
  return {
    when: 'payee-task',
    for: readWord(whom, kinds, 'commission'),
    task: String(task.value),
  };
}
