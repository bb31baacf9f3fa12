"""An audit package as docs/proofs.md has it."""
import hashlib
import json

from archive import Archive
from hashing import demand, did_sign

OWNERS = {
    'totals': 'settlement-calculator', 'kind-totals': 'settlement-calculator',
    'differences': 'reconciliation', 'difference-steps': 'reconciliation',
    'difference-closings': 'reconciliation', 'alerts': 'notification', 'accesses': 'gateway',
}
SECTIONS = {
    'ledger': (), 'services': (), 'totals': ('totals', 'kind-totals'),
    'differences': ('differences', 'difference-steps', 'difference-closings'),
    'alerts': ('alerts',), 'acts': (), 'accesses': ('accesses',),
}


class Package:
    """A package, line by line."""

    def __init__(self, chain, told):
        self.chain, self.told = chain, told
        self.about = self.section = self.made = None
        self.done, self.pages, self.services = [], {}, {}
        self.sums, self.differences = {}, set()

    def take(self, line, raw):
        demand(self.made is None, 'something follows the manifest')
        if self.about is None:
            self.about = line['audit']
            demand(self.about['format'] == 'qingfen-audit/1', 'it is no audit package')
            self.ledger = Archive(self.chain, [], self.post)
        elif 'section' in line:
            self.close()
            wanted = list(SECTIONS)[len(self.done):]
            demand(wanted and wanted[0] == line['section'], 'another section is due than %s' % line['section'])
            self.section, self.hash = line['section'], hashlib.sha256()
            self.lines = self.records = 0
        elif 'manifest' in line:
            self.check_manifest(line['manifest'])
        else:
            demand(self.section is not None, 'a line is in no section')
            self.hash.update(raw)
            self.lines += 1
            self.records += self.take_record(line)

    def take_record(self, line):
        if self.section == 'ledger':
            demand('acts' not in line, 'acts are in the ledger')
            if 'ledger' in line:
                demand(line['ledger']['fromBlock'] == 1, 'the ledger has no beginning')
            self.ledger.take(line)
            return len(line.get('facts', []))
        if self.section == 'services':
            return self.take_services(line['services'])
        return self.take_page(line['acts'] if self.section == 'acts' else line['page'])

    def take_services(self, signed):
        demand(not self.services, 'services are there twice')
        name, shop, month, services = json.loads(signed['text'])
        demand((name, shop, month) == ('audit-services', self.about['shopId'], self.about['month']), 'services are of another package')
        demand(self.chain.keys, 'the ledger has no key')
        last = self.chain.keys[-1]
        demand(last['keyId'] in self.chain.trusted(), 'the key %s is not trusted' % last['keyId'])
        is_good = signed['keyId'] == last['keyId'] and did_sign(last['publicKey'], signed['text'], signed['signature'])
        demand(is_good, 'services are not signed with the ledger\'s last key')
        self.services = {service: (key_id, pem) for service, key_id, pem in services}
        return 1

    def check_signed(self, service, signed):
        own = self.services.get(service)
        demand(own == (signed['keyId'], signed['publicKey']), 'it is not under the key of %s' % service)
        demand(did_sign(own[1], signed['text'], signed['signature']), 'it is not signed by %s' % service)

    def take_page(self, page):
        name, service, shop, begin, end, after, is_last, records = json.loads(page['text'])
        key = (name, service)
        if self.section == 'acts':
            demand(name == 'acts', 'a page is in another section')
        else:
            demand(name in SECTIONS[self.section] and OWNERS[name] == service, 'a page is in another section')
        self.check_signed(service, page)
        span = self.about['shopId'], self.about['fromMs'], self.about['toMs']
        demand((shop, begin, end) == span, 'a page of %s is of another span' % name)
        demand(self.pages.get(key, ('0', False)) == (after, False), 'records of %s are missing' % name)
        self.pages[key] = (records[-1][0] if records else after, is_last)
        for record in records:
            if name in ('totals', 'kind-totals'):
                self.compare(name, record)
            elif name == 'differences':
                self.differences.add(record[0])
            elif name == 'difference-steps':
                demand(record[0].rsplit('/', 1)[0] in self.differences, 'a step is of no difference')
            elif name == 'difference-closings':
                demand(record[1] in self.differences, 'a closing is of no difference')
        return len(records)

    def post(self, booked_at, currency, account, amount):
        if booked_at >= self.about['toMs']:
            return
        group = account
        if account.startswith('payable:') and account.count(':') > 1:
            group = ':'.join(account.split(':')[:2])
        elif account.startswith('receivable:'):
            group = 'receivable'
        for name, what in (('totals', account), ('kind-totals', group)):
            sums = self.sums.setdefault((name, currency, what), [set(), 0, 0, 0])
            sums[0].add(account)
            if booked_at < self.about['fromMs']:
                sums[1] += amount
            else:
                sums[2 if amount > 0 else 3] += abs(amount)

    def compare(self, name, record):
        place, currency, what, accounts, *amounts = record
        demand(place == '%s %s' % (currency, what), '%s have another place' % name)
        own = self.sums.pop((name, currency, what), None)
        demand(own is not None, '%s of %s are not in the ledger' % (name, what))
        known, opening, debit, credit = own
        wanted = [str(value) for value in (opening, debit, credit, opening + debit - credit)]
        demand(accounts == len(known) and amounts == wanted, '%s of %s are not what the ledger comes to' % (name, what))

    def close(self):
        if self.section is None:
            return
        name = self.section
        if name == 'ledger':
            self.ledger.finish()
            heads = [head['block'] for head in self.ledger.heads]
            demand(not self.ledger.blocks or max(heads, default=0) == self.ledger.blocks, 'the last blocks are under no head')
        lists = [(one, OWNERS[one]) for one in SECTIONS[name]]
        if name == 'acts':
            lists = [('acts', service) for service in self.services]
        for key in lists:
            demand(self.pages.get(key, ('', False))[1], 'the last records of %s are missing' % key[0])
        if name == 'totals':
            demand(not self.sums, 'totals are missing')
        self.done.append([name, self.lines, self.records, self.hash.hexdigest()])
        self.section = None

    def check_manifest(self, manifest):
        self.close()
        demand(len(self.done) == len(SECTIONS), 'sections are missing')
        self.check_signed('gateway', manifest)
        name, *about, made_at, made_by, told = json.loads(manifest['text'])
        names = ('shopId', 'month', 'timezone', 'fromMs', 'toMs')
        demand(name == 'audit-manifest' and about == [self.about[one] for one in names], 'the manifest is of another package')
        for own, one in zip(self.done, told):
            demand(own == one, 'section %s is another than the manifest tells of' % own[0])
        demand(len(told) == len(self.done), 'the manifest tells of other sections')
        self.made = made_at, made_by

    def finish(self):
        demand(self.made is not None, 'the file was cut off')
        self.ledger.check_heads([head for head in self.told if head['shopId'] == self.about['shopId']])
        return 'audit package of %s, %s: %s' % (self.about['shopId'], self.about['month'], ', '.join(
            '%d records of %s' % (records, name) for name, _, records, _ in self.done))
