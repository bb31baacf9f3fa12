import {
  entryExplainedSchema,
  orderExplainedSchema,
  pageOf,
  payoutExplainedSchema,
  replayPageSchema,
  shopSchema,
  statementExplainedSchema,
  whyUnpaidSchema,
  type EntryExplained,
  type ReplayPage,
  type StatementExplained,
} from '@qingfen/contracts';
import type { Command, Task } from './arguments.js';
import type { Gateway } from './gateway.js';
import { differenceLines, entryDocument, orderDocument } from './tell-entry.js';
import { payoutDocument, statementDocument, whyDocument } from './tell-payout.js';
import { UsageError } from './usage-error.js';
import { indented, wordsIn, type Words } from './words.js';

type Gate = Pick<Gateway, 'find' | 'pages'>;

/** What is printed, and whether the books agree. */
export interface Told {
  readonly document: object;
  readonly lines: readonly string[];
  readonly agrees: boolean;
}

const shopPage = pageOf(shopSchema.pick({ shopId: true }));

/** Carries out a command. @throws UsageError where it is not clear which shop is meant */
export async function explain(gateway: Gate, command: Command): Promise<readonly Told[]> {
  const words = wordsIn(command.lang);
  const shopIds = command.shopId === undefined ? await shopsOf(gateway) : [command.shopId];
  if (command.task.what === 'replay') {
    const all: Told[] = [];
    for (const shopId of shopIds) all.push(await replay(gateway, shopId, words));
    return all;
  }
  const found: { shopId: string; told: Told }[] = [];
  for (const shopId of shopIds) {
    const told = await one(gateway, shopId, command.task, words);
    if (told !== undefined) found.push({ shopId, told });
  }
  const [first, second] = found;
  if (second !== undefined) {
    const shops = found.map(({ shopId }) => shopId).join(', ');
    throw new UsageError(`several shops have it: say which with --shop (${shops})`);
  }
  return first === undefined ? [] : [first.told];
}

async function shopsOf(gateway: Gate): Promise<readonly string[]> {
  const shopIds: string[] = [];
  for await (const page of gateway.pages('/shops', shopPage)) {
    shopIds.push(...page.items.map(({ shopId }) => shopId));
  }
  return shopIds;
}

function one(
  gateway: Gate,
  shopId: string,
  task: Exclude<Task, { what: 'replay' }>,
  words: Words,
): Promise<Told | undefined> {
  const shop = `/shops/${encodeURIComponent(shopId)}`;
  if (task.what === 'why') return why(gateway, shop, task, words);
  const path = `${shop}/explanations`;
  const id = encodeURIComponent(task.id);
  switch (task.thing) {
    case 'order':
      return order(gateway, `${path}/orders/${id}`, words);
    case 'entry':
      return entry(gateway, `${path}/entries/${id}`, words);
    case 'statement':
      return statement(gateway, `${path}/statements/${id}`, words);
    case 'payout':
      return payout(gateway, path, id, words);
    default: {
      const never: never = task.thing;
      return never;
    }
  }
}

async function why(
  gateway: Gate,
  shop: string,
  { payeeId, kind }: Extract<Task, { what: 'why' }>,
  words: Words,
): Promise<Told | undefined> {
  const query = kind === undefined ? '' : `?kind=${encodeURIComponent(kind)}`;
  const path = `${shop}/payees/${encodeURIComponent(payeeId)}/why-unpaid${query}`;
  const document = await gateway.find(path, whyUnpaidSchema);
  if (document === undefined) return undefined;
  return { document, lines: whyDocument(document, words), agrees: true };
}

async function order(gateway: Gate, path: string, words: Words): Promise<Told | undefined> {
  const document = await gateway.find(path, orderExplainedSchema);
  if (document === undefined) return undefined;
  return { document, lines: orderDocument(document, words), agrees: document.agrees };
}

/** A reward lists its orders by pages; every other entry is one. */
async function entry(gateway: Gate, path: string, words: Words): Promise<Told | undefined> {
  const document = await gateway.find(path, entryExplainedSchema);
  if (document === undefined) return undefined;
  const whole = await withAllOrders(gateway, path, document);
  return { document: whole, lines: entryDocument(whole, words), agrees: whole.agrees };
}

async function withAllOrders(
  gateway: Gate,
  path: string,
  document: EntryExplained,
): Promise<EntryExplained> {
  const { teamReward } = document;
  if (teamReward === null) return document;
  const orders = [...teamReward.orders];
  let cursor = teamReward.nextCursor;
  while (cursor !== null) {
    const query = new URLSearchParams({ limit: '500', cursor });
    const page = await gateway.find(`${path}?${query.toString()}`, entryExplainedSchema);
    orders.push(...(page?.teamReward?.orders ?? []));
    cursor = page?.teamReward?.nextCursor ?? null;
  }
  return { ...document, teamReward: { ...teamReward, orders, nextCursor: null } };
}

async function statement(gateway: Gate, path: string, words: Words): Promise<Told | undefined> {
  const document = await wholeStatement(gateway, path);
  if (document === undefined) return undefined;
  return { document, lines: statementDocument(document, words), agrees: document.agrees };
}

/** All pages of a statement as one document. */
async function wholeStatement(
  gateway: Gate,
  path: string,
): Promise<StatementExplained | undefined> {
  let whole: StatementExplained | undefined;
  for await (const page of gateway.pages(path, statementExplainedSchema)) {
    whole =
      whole === undefined
        ? page
        : {
            ...whole,
            agrees: whole.agrees && page.agrees,
            differences: [...whole.differences, ...page.differences],
            entries: [...whole.entries, ...page.entries],
            nextCursor: null,
          };
  }
  return whole === undefined ? undefined : { ...whole, nextCursor: null };
}

async function payout(
  gateway: Gate,
  path: string,
  id: string,
  words: Words,
): Promise<Told | undefined> {
  const document = await gateway.find(`${path}/payouts/${id}?limit=1`, payoutExplainedSchema);
  if (document === undefined) return undefined;
  const statementId = encodeURIComponent(document.statement.statementId);
  const listed = await wholeStatement(gateway, `${path}/statements/${statementId}`);
  const whole = {
    ...document,
    agrees: document.agrees && listed?.agrees !== false,
    differences: [...document.differences, ...(listed?.differences ?? [])],
    statement: listed ?? document.statement,
  };
  return { document: whole, lines: payoutDocument(whole, words), agrees: whole.agrees };
}

async function replay(gateway: Gate, shopId: string, words: Words): Promise<Told> {
  const checked = { orders: 0, entries: 0, performances: 0, statements: 0 };
  const differences: ReplayPage['differences'] = [];
  let count = 0;
  const path = `/shops/${encodeURIComponent(shopId)}/explanations/replay`;
  for await (const page of gateway.pages(path, replayPageSchema)) {
    for (const part of ['orders', 'entries', 'performances', 'statements'] as const) {
      checked[part] += page.checked[part];
    }
    differences.push(...page.differences);
    count += page.differenceCount;
  }
  const { orders, entries, performances, statements } = checked;
  const what = words.either(
    `${orders} orders, ${entries} entries, ${performances} performances of teams, ${statements} statements`,
    `${orders} 个订单, ${entries} 条, ${performances} 个团队业绩, ${statements} 张结算单`,
  );
  const verdict =
    count === 0
      ? words.either('no difference', '无差异')
      : words.either(`${count} DIFFERENCES`, `${count} 处差异`);
  return {
    document: { shopId, checked, differenceCount: count, differences },
    lines: [`${shopId}: ${what}: ${verdict}`, ...indented(differenceLines(differences, words))],
    agrees: count === 0,
  };
}
