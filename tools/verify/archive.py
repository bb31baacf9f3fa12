"""An archive of a ledger as docs/proofs.md has it."""
import json

from hashing import NOTHING, batch_leaf, bytes_of, check_block, demand, did_sign, leaf, node, root_of


class Archive:
    """An archive, line by line."""

    def __init__(self, chain, told, on_posting=None):
        self.chain, self.told, self.on_posting = chain, told, on_posting
        self.ledger = self.block = self.end = None
        self.heads, self.hashes, self.open = [], {}, {}
        self.sealed = {}
        self.blocks = self.facts = 0
        self.acts = {}

    def take(self, line):
        demand(self.end is None, 'something follows the end')
        if self.ledger is None:
            self.begin(line.get('ledger') or {})
        elif 'block' in line:
            self.begin_block(line['block'])
        elif 'batch' in line:
            self.take_batch(line['batch'], line['facts'])
        elif 'head' in line:
            self.heads.append(line['head'])
        elif 'acts' in line:
            self.take_acts(line['acts'])
        elif 'key' in line:
            self.chain.add(line['key'])
        else:
            demand('end' in line, 'a line is of no known kind')
            self.end = line['end']

    def begin(self, ledger):
        demand(ledger.get('format') == 'qingfen-ledger/1', 'it is no archive')
        self.ledger, self.next = ledger, ledger['fromBlock']
        size = self.next - 1
        levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
        demand(len(levels) == len(ledger['before']), 'what stands before is not told')
        self.open = {level: bytes_of(text) for level, text in zip(levels, ledger['before'])}

    def begin_block(self, block):
        self.end_block()
        number = self.next
        demand(block['block'] == number, 'block %d is missing' % number)
        demand(block['shopId'] == self.ledger['shopId'], 'block %d is of another shop' % number)
        own = check_block(block)
        before = '0' * 64 if number == 1 else self.hashes.get(number - 1, block['previous'])
        demand(block['previous'] == before, 'block %d does not follow the one before' % number)
        demand(self.history().hex() == block['history'], 'block %d has another history' % number)
        self.hashes[number] = block['hash']
        self.sealed[number] = block['sealedAtMs']
        level = 0
        while level in self.open:
            own = node(self.open.pop(level), own)
            level += 1
        self.open[level] = own
        self.block, self.leaves, self.in_block = block, [], 0
        self.next += 1
        self.blocks += 1

    def history(self):
        result = None
        for level in sorted(self.open):
            result = self.open[level] if result is None else node(self.open[level], result)
        return result or NOTHING

    def take_batch(self, batch, facts):
        demand(self.block is not None, 'a batch stands in no block')
        name = 'batch %s of block %s' % (batch['batchId'], self.block['block'])
        demand(len(facts) == batch['factCount'], '%s has %d facts' % (name, len(facts)))
        root = root_of([leaf(fact) for fact in facts])
        demand(root.hex() == batch['root'], 'the facts of %s are not its root' % name)
        self.leaves.append(batch_leaf(self.ledger['shopId'], batch))
        self.in_block += len(facts)
        self.facts += len(facts)
        for text in facts:
            fact = json.loads(text)
            if fact[0] == 'ledger-transaction':
                self.book(fact, batch['bookedAtMs'], name)

    def book(self, fact, booked_at, name):
        accounts, amounts = fact[6].split(','), list(map(int, fact[7].split(',')))
        demand(sum(amounts) == 0 and len(accounts) == len(amounts), '%s is not balanced' % name)
        if self.on_posting:
            for account, amount in zip(accounts, amounts):
                self.on_posting(booked_at, fact[3], account, amount)

    def take_acts(self, page):
        name, service, shop, begin, end, after, is_last, acts = json.loads(page['text'])
        demand(name == 'acts' and shop == self.ledger['shopId'], 'acts are of another shop')
        known = self.chain.named(page['keyId'])
        demand(known is None or known['publicKey'] == page['publicKey'], 'acts are under another key')
        demand(did_sign(page['publicKey'], page['text'], page['signature']), 'acts of %s are not signed' % service)
        known = self.acts.get(service, ('0', begin, end, False))
        demand(known == (after, begin, end, False), 'acts of %s are missing' % service)
        self.acts[service] = (acts[-1][0] if acts else after, begin, end, is_last)

    def end_block(self):
        if self.block is None:
            return
        number = self.block['block']
        demand(len(self.leaves) == self.block['batchCount'], 'block %s lacks batches' % number)
        demand(self.in_block == self.block['factCount'], 'block %s lacks facts' % number)
        demand(root_of(self.leaves).hex() == self.block['root'], 'block %s has other batches' % number)
        self.block = None

    def finish(self):
        self.end_block()
        demand(self.end is not None, 'the file was cut off')
        demand(self.end == {'blocks': self.blocks, 'facts': self.facts}, 'something is missing')
        demand(all(known[3] for known in self.acts.values()), 'the last acts are missing')
        shop = self.ledger['shopId']
        finger = self.check_heads(self.heads + [head for head in self.told if head['shopId'] == shop])
        return '%s: %d blocks, %d facts, key %s' % (shop, self.blocks, self.facts, finger)

    def check_heads(self, heads):
        finger = 'none'
        for head in heads:
            finger = self.chain.check_head(head, self.sealed.get(head['block']))
            demand(head['shopId'] == self.ledger['shopId'], 'a head is of another shop')
            if head['block'] >= self.ledger['fromBlock']:
                is_there = self.hashes.get(head['block']) == head['hash']
                demand(is_there, 'block %s is not there as it was signed' % head['block'])
        return finger
