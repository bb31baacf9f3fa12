// An audit package, line by line, as docs/proofs.md has it.
import { createHash } from 'node:crypto';
import { ArchiveCheck } from './archive.mjs';
import { demand, parse } from './hashes.mjs';
import { isSignedBy } from './keys.mjs';
import { Totals } from './totals.mjs';

/** The lists of each section, and whose they are; what has none is told in another way. */
const sections = [
  { name: 'ledger' },
  { name: 'services' },
  { name: 'totals', owner: 'settlement-calculator', lists: ['totals', 'kind-totals'] },
  {
    name: 'differences',
    owner: 'reconciliation',
    lists: ['differences', 'difference-steps', 'difference-closings'],
  },
  { name: 'alerts', owner: 'notification', lists: ['alerts'] },
  { name: 'acts', lists: ['acts'] },
  { name: 'accesses', owner: 'gateway', lists: ['accesses'] },
];

/** Walks through a package with a line in memory at a time, and what lists are compared by. */
export class PackageCheck {
  constructor(keys) {
    this.keys = keys;
    this.told = [];
    this.lists = new Map();
    this.differences = new Set();
    this.services = new Map();
    this.manifest = null;
  }

  take(line, bytes) {
    demand(this.manifest === null, 'something follows the manifest');
    if (this.audit === undefined) return this.begin(line.audit);
    if (line.section !== undefined) return this.beginSection(line.section);
    if (line.manifest !== undefined) return this.end(line.manifest);
    demand(this.section !== undefined, 'a line stands in no section');
    this.hash.update(bytes).update('\n');
    this.section.lines += 1;
    try {
      this.section.records += this.takeLine(line);
    } catch (error) {
      error.message = `section ${this.section.name}: ${error.message}`;
      throw error;
    }
    return undefined;
  }

  begin(audit) {
    demand(audit?.format === 'qingfen-audit/1', 'it is no audit package');
    this.audit = audit;
    const { fromMs, toMs } = audit;
    demand(Number.isSafeInteger(fromMs) && fromMs < toMs, 'the month has no span');
    this.totals = new Totals(fromMs, toMs);
    this.archive = new ArchiveCheck(this.keys, (posting) => this.totals.post(posting));
  }

  beginSection(name) {
    this.endSection();
    const wanted = sections[this.told.length];
    demand(
      name === wanted?.name,
      `section ${wanted?.name ?? 'manifest'} is missing: ${name} follows`,
    );
    this.section = { ...wanted, lines: 0, records: 0 };
    this.hash = createHash('sha256');
  }

  endSection() {
    if (this.section === undefined) return;
    const { name, lines, records } = this.section;
    this.told.push([name, lines, records, this.hash.digest('hex')]);
    if (name === 'ledger') this.endLedger();
    for (const list of this.section.lists ?? []) this.endList(list);
    this.section = undefined;
  }

  endLedger() {
    this.ledgerLines = this.archive.finish([]);
    const last = this.archive.next - 1;
    const headed = this.archive.heads.reduce((most, { block }) => Math.max(most, block), 0);
    demand(headed === last, `blocks ${headed + 1} to ${last} are under no head`);
  }

  takeLine(line) {
    if (this.section.name === 'ledger') return this.takeLedger(line);
    if (this.section.name === 'services') return this.takeServices(line.services);
    const page = this.section.name === 'acts' ? line.acts : line.page;
    demand(page !== undefined, 'a line is of no known kind');
    return this.takePage(page);
  }

  takeLedger(line) {
    demand(line.acts === undefined, 'acts stand in the ledger');
    demand(line.ledger === undefined || line.ledger.fromBlock === 1, 'it is not the whole ledger');
    this.archive.take(line);
    return line.facts?.length ?? 0;
  }

  takeServices(signed) {
    demand(this.services.size === 0, 'the services are there twice');
    const [name, shopId, month, services] = parse(signed.text);
    const isOurs = shopId === this.audit.shopId && month === this.audit.month;
    demand(name === 'audit-services' && isOurs, 'the services are of another package');
    const last = this.keys.list.at(-1);
    const isLast = signed.keyId === last?.keyId && this.keys.find(last.keyId) !== null;
    demand(isLast, `the services are under the key ${signed.keyId}, not the ledger's last`);
    const isSigned = isSignedBy(last.publicKey, signed.text, signed.signature);
    demand(isSigned, `the services are not signed by the key ${last.keyId}`);
    for (const [service, keyId, publicKey] of services) {
      this.services.set(service, { keyId, publicKey });
    }
    return 1;
  }

  /** A text must be signed with the key that a service is known by. */
  checkOwner(service, { text, signature, keyId, publicKey }, what) {
    const known = this.services.get(service);
    demand(known !== undefined, `${what} is of ${service}, which is no service here`);
    const isKnown = known.keyId === keyId && known.publicKey === publicKey;
    demand(isKnown, `${what} is under the key ${keyId}, which is not the one of ${service}`);
    demand(isSignedBy(publicKey, text, signature), `${what} is not signed by ${service}`);
  }

  takePage(page) {
    const [list, service, shopId, from, to, after, isLast, records] = parse(page.text);
    const what = `a page of ${list}, after ${after},`;
    demand(this.section.lists.includes(list), `${what} stands in another section`);
    demand(
      this.section.owner === undefined || this.section.owner === service,
      `${what} is of ${service}`,
    );
    this.checkOwner(service, page, what);
    const { shopId: shop, fromMs, toMs } = this.audit;
    demand(shopId === shop && from === fromMs && to === toMs, `${what} is of another span`);
    const key = list === 'acts' ? `acts of ${service}` : list;
    const known = this.lists.get(key) ?? { next: '0', count: 0, isLast: false };
    demand(
      !known.isLast && known.next === after,
      `records of ${key} are missing after ${known.next}`,
    );
    this.lists.set(key, {
      next: records.at(-1)?.[0] ?? after,
      count: known.count + records.length,
      isLast,
    });
    for (const record of records) this.takeRecord(list, record);
    return records.length;
  }

  takeRecord(list, record) {
    if (list === 'totals' || list === 'kind-totals') this.totals.compare(list, record);
    if (list === 'differences') this.differences.add(record[0]);
    const of = { 'difference-steps': record[0].split('/')[0], 'difference-closings': record[1] }[
      list
    ];
    demand(
      of === undefined || this.differences.has(of),
      `${list} tell of ${of}, which is not there`,
    );
  }

  endList(list) {
    const keys =
      list === 'acts' ? [...this.services.keys()].map((name) => `acts of ${name}`) : [list];
    for (const key of keys) {
      demand(this.lists.get(key)?.isLast === true, `the last records of ${key} are missing`);
    }
    if (list === 'totals' || list === 'kind-totals') this.totals.finish(list);
  }

  end(manifest) {
    this.endSection();
    demand(
      this.told.length === sections.length,
      `section ${sections[this.told.length]?.name} is missing`,
    );
    this.checkOwner('gateway', manifest, 'the manifest');
    const [name, ...fields] = parse(manifest.text);
    const [shopId, month, timezone, fromMs, toMs, madeAtMs, madeBy, told] = fields;
    const own = this.audit;
    const isOurs =
      shopId === own.shopId &&
      month === own.month &&
      timezone === own.timezone &&
      fromMs === own.fromMs &&
      toMs === own.toMs;
    demand(name === 'audit-manifest' && isOurs, 'the manifest is of another package');
    for (const [place, [section, lines, records, hash]] of this.told.entries()) {
      const [toldName, toldLines, toldRecords, toldHash] = told[place] ?? [];
      demand(toldName === section, `the manifest does not tell of section ${section}`);
      const isWhole = toldLines === lines && toldRecords === records && toldHash === hash;
      demand(isWhole, `section ${section} is not the one that the manifest tells of`);
    }
    demand(told.length === this.told.length, 'the manifest tells of more sections');
    this.manifest = { madeAtMs, madeBy };
  }

  /** @param heads told from elsewhere: what they sign must be here */
  finish(heads) {
    demand(this.manifest !== null, 'the manifest is missing: the file was cut off');
    this.archive.checkHeads(heads.filter(({ shopId }) => shopId === this.audit.shopId));
    const { shopId, month, timezone, fromMs, toMs } = this.audit;
    const { madeAtMs, madeBy } = this.manifest;
    const at = (ms) => new Date(ms).toISOString();
    return [
      `audit package of ${shopId}, ${month} in ${timezone} (${at(fromMs)} to ${at(toMs)}), made ${at(madeAtMs)} by ${madeBy}`,
      ...this.ledgerLines.slice(0, 2),
      ...[...this.lists].map(([list, { count }]) => `${count} ${list}`),
      ...this.totals.lines(),
    ];
  }
}
