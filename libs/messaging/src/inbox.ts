import { insertNew, type Tx } from '@qingfen/database';

/** What the inbox knows of an event: who it is and what it says, as digests. */
export interface InboxEntry {
  readonly eventKey: string;
  readonly fact: string;
}

/** How entries were found: new ones, the same again, and the same id with other content. */
export interface Sorted<E extends InboxEntry> {
  readonly fresh: E[];
  readonly again: E[];
  readonly reused: E[];
}

function undashed(uuid: string): string {
  return uuid.replaceAll('-', '');
}

async function knownFacts(tx: Tx, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.query<{ event_key: string; fact: string }>(
    'SELECT event_key, fact FROM inbox WHERE event_key = ANY($1::uuid[])',
    [keys],
  );
  return new Map(rows.map((row) => [undashed(row.event_key), undashed(row.fact)]));
}

/** Marks entries as seen, in one statement, and sorts them; their order stays. */
export async function takeOnce<E extends InboxEntry>(
  tx: Tx,
  entries: readonly E[],
): Promise<Sorted<E>> {
  const first = new Map<string, E>();
  for (const entry of entries) {
    if (!first.has(entry.eventKey)) first.set(entry.eventKey, entry);
  }
  // Sorted, so that two batches with the same events wait for each other instead of deadlocking.
  const keys = [...first.keys()].sort();
  const inserted = await insertNew(tx, {
    table: 'inbox',
    columns: { event_key: 'uuid', fact: 'uuid' },
    rows: keys.map((key) => [key, first.get(key)?.fact]),
    returning: `replace(event_key::text, '-', '')`,
  });
  const isNew = (key: string): boolean => inserted === 'all' || inserted.has(key);
  const known = await knownFacts(
    tx,
    keys.filter((key) => !isNew(key)),
  );
  const sorted: Sorted<E> = { fresh: [], again: [], reused: [] };
  for (const entry of entries) {
    const earlier = first.get(entry.eventKey);
    if (isNew(entry.eventKey) && earlier === entry) sorted.fresh.push(entry);
    else if ((known.get(entry.eventKey) ?? earlier?.fact) === entry.fact) sorted.again.push(entry);
    else sorted.reused.push(entry);
  }
  return sorted;
}

/** Takes marks back: a refused event may come again. */
export async function forget(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.query('DELETE FROM inbox WHERE event_key = ANY($1::uuid[])', [keys]);
}
